/** A user's devices: showing, renaming, removing. Spec: client-server-api#device-management. */

import { hash } from 'node:crypto'
import type { DeviceId, JsonObject } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { SessionRow } from '../users/index.ts'
import { removeBackups } from './backup-table.ts'
import { listSignedUsers, removeCrossSigning, removeSignaturesOf } from './cross-signing-table.ts'
import { findDehydrated, removeDehydratedRow } from './dehydrated-table.ts'
import { type DeviceContext, dropQueues, markChanged } from './device-context.ts'
import { removeKeysOfDevices } from './device-key-table.ts'
import { findLastChange, listChangedUsers } from './device-list-table.ts'
import type { DeviceList } from './devices.ts'
import { deviceLimits } from './limits.ts'

export function createDeviceList(context: DeviceContext): DeviceList {
  const { store, users, lists } = context

  const listIds = async (user: number) => (await users.listSessions(user)).map(({ deviceId }) => deviceId)
  const remove = (user: number, devices: readonly DeviceId[]) => removeDevices(context, user, devices, false)

  return {
    async listDevices(user) {
      return (await users.listSessions(user)).map(showDevice)
    },
    async findDevice(user, device) {
      const row = await users.findSession(user, device)
      return row && showDevice(row)
    },
    renameDevice: ({ user }, device, displayName) => renameDevice(context, user, device, displayName),
    async deleteDevices(caller, devices, auth) {
      const ids = [...new Set(devices)].sort()
      const challenge = await users.authenticate(caller, `delete-devices ${hash('sha256', ids.join('\n'))}`, auth)
      if (challenge !== undefined) return { challenge }
      const known = new Set(await listIds(caller.user))
      await remove(
        caller.user,
        ids.filter((device) => known.has(device)),
      )
      return { done: undefined }
    },
    removeDevices: (user, devices) => remove(user, devices),
    async removeAllDevices(user, except) {
      await remove(
        user,
        (await listIds(user)).filter((device) => device !== except),
      )
    },
    removeEverything: async (user) => removeDevices(context, user, await listIds(user), true),
    async receiveChange(user) {
      await store.transact((tx) => markChanged(context, tx, user))
    },
    async listChangedUsers(after, upTo) {
      if (lists.lastPosition === undefined) {
        const last = await findLastChange(store.reader)
        lists.lastPosition = Math.max(last, lists.lastPosition ?? 0)
      }
      return lists.lastPosition <= after ? [] : listChangedUsers(store.reader, after, upTo)
    },
    listSignedUsers: (signer, after, upTo) => listSignedUsers(store.reader, signer, after, upTo),
  }
}

async function renameDevice(
  context: DeviceContext,
  user: number,
  device: DeviceId,
  displayName: string | undefined,
): Promise<void> {
  const { store, users } = context
  const { displayNameCharsMax } = deviceLimits
  if ((displayName?.length ?? 0) > displayNameCharsMax) {
    throw new MatrixError('M_TOO_LARGE', `A name has at most ${displayNameCharsMax} characters.`)
  }
  if ((await users.findSession(user, device)) === undefined) {
    throw new MatrixError('M_NOT_FOUND', 'There is no such device.')
  }
  if (displayName === undefined) return
  await store.transact((tx) => {
    users.renameSession(tx, user, device, displayName)
    markChanged(context, tx, user)
  })
}

/** With `isWhole` the dehydrated device, backups and cross-signing keys go too. */
async function removeDevices(
  context: DeviceContext,
  user: number,
  devices: readonly DeviceId[],
  isWhole: boolean,
): Promise<void> {
  const { store, users, turns } = context
  if (devices.length === 0 && !isWhole) return
  await turns.run(user, async () => {
    const dehydrated = isWhole ? await findDehydrated(store.reader, user) : undefined
    const gone = dehydrated === undefined ? devices : [...devices, dehydrated.device]
    await store.transact((tx) => {
      users.endSessions(tx, user, devices)
      removeKeysOfDevices(tx, user, gone)
      dropQueues(context, tx, user, gone)
      removeSignaturesOf(tx, user, gone)
      if (isWhole) {
        removeDehydratedRow(tx, user)
        removeBackups(tx, user)
        removeCrossSigning(tx, user)
      }
      markChanged(context, tx, user)
    })
    for (const device of gone) context.keyCounts.delete(`${user}/${device}`)
  })
}

function showDevice({ deviceId, displayName, lastSeenMs, lastSeenIp }: SessionRow): JsonObject {
  return {
    device_id: deviceId,
    ...(displayName === null ? {} : { display_name: displayName }),
    ...(lastSeenMs === undefined ? {} : { last_seen_ts: lastSeenMs }),
    ...(lastSeenIp === undefined ? {} : { last_seen_ip: lastSeenIp }),
  }
}
