/** Dehydrated devices: they take messages while no device of the user is there. Proposal: msc3814. */

import { isJsonObject, type JsonObject } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Caller } from '../users/index.ts'
import { findDehydrated, removeDehydratedRow, upsertDehydrated } from './dehydrated-table.ts'
import { announceKeyCounts, badParameter, type DeviceContext, dropQueues, markChanged } from './device-context.ts'
import { removeKeysOfDevices } from './device-key-table.ts'
import type { Dehydration } from './devices.ts'
import { deviceLimits } from './limits.ts'
import { listMessages } from './to-device-table.ts'
import { type KeyOwner, prepareUpload } from './upload-keys.ts'

export function createDehydration(context: DeviceContext): Dehydration {
  const { store, turns, config, journal } = context

  function requireAllowed(): void {
    if (config.dehydratedDevices === true) return
    throw new MatrixError('M_UNRECOGNIZED', 'Dehydrated devices are not enabled on this server.')
  }

  async function requireRow({ user }: Caller) {
    requireAllowed()
    const row = await findDehydrated(store.reader, user)
    if (row === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no dehydrated device.')
    return row
  }

  return {
    async putDehydrated(caller, body) {
      requireAllowed()
      const { owner, content } = parseDevice(caller, body)
      const { user, deviceId } = owner
      return turns.run(user, async () => {
        if ((await context.users.findSession(user, deviceId)) !== undefined) {
          throw badParameter('A device that is logged in has this ID.')
        }
        const before = await findDehydrated(store.reader, user)
        const upload = await prepareUpload(context, owner, body)
        await store.transact((tx) => {
          if (before !== undefined && before.device !== deviceId) {
            removeKeysOfDevices(tx, user, [before.device])
            dropQueues(context, tx, user, [before.device])
          }
          upsertDehydrated(tx, user, { device: deviceId, content })
          upload?.(tx)
          markChanged(context, tx, user)
        })
        announceKeyCounts(context, user, deviceId)
        return { device_id: deviceId }
      })
    },
    async findDehydrated(caller) {
      const { device, content } = await requireRow(caller)
      return { device_id: device, device_data: JSON.parse(content) }
    },
    async removeDehydrated(caller) {
      const { device } = await requireRow(caller)
      const { user } = caller
      await store.transact((tx) => {
        removeDehydratedRow(tx, user)
        removeKeysOfDevices(tx, user, [device])
        dropQueues(context, tx, user, [device])
        markChanged(context, tx, user)
      })
      return { device_id: device }
    },
    async listDehydratedEvents(caller, deviceId, body) {
      const { device } = await requireRow(caller)
      if (device !== deviceId) throw new MatrixError('M_FORBIDDEN', 'This is not your dehydrated device.')
      const { next_batch: batch = '0' } = body
      if (typeof batch !== 'string' || !/^\d{1,15}$/.test(batch)) throw badParameter('next_batch is not one of ours.')
      const range = { after: Number(batch), upTo: journal.committed(), limit: deviceLimits.toDevicePageMax }
      const rows = await listMessages(store.reader, caller.user, device, range)
      const next = rows.at(-1)?.position ?? range.after
      return `{"events":[${rows.map(({ content }) => content).join(',')}],"next_batch":"${next}"}`
    },
  }
}

function parseDevice(caller: Caller, body: JsonObject): { owner: KeyOwner; content: string } {
  const { device_id: deviceId, device_data: data, device_keys: keys } = body
  if (typeof deviceId !== 'string' || !isJsonObject(data) || !isJsonObject(keys)) {
    throw new MatrixError('M_MISSING_PARAM', 'device_id, device_data and device_keys are needed.')
  }
  if (typeof data.algorithm !== 'string') throw new MatrixError('M_MISSING_PARAM', 'device_data.algorithm is needed.')
  const content = JSON.stringify(data)
  if (content.length > deviceLimits.dehydratedBytesMax) {
    throw new MatrixError('M_TOO_LARGE', 'device_data is too large.')
  }
  return { owner: { userId: caller.userId, user: caller.user, deviceId: deviceId as KeyOwner['deviceId'] }, content }
}
