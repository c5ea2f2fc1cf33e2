/**
 * Messages for one device. A request's `since` token says how far the device has them: those are removed; the next
 * ones are sent again until a later token acknowledges them. Spec: client-server-api#send-to-device-messaging.
 */

import { Lru } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { SyncView } from '../view.ts'

export type ToDevicePart = {
  readonly texts: readonly string[]
  /** Everything up to here is in this reply or was in earlier ones. */
  readonly upto: Position
}

export interface ToDeviceStream {
  read(view: SyncView): Promise<ToDevicePart>
  /** True if messages may wait beyond what the device's last reply told. */
  mayWait(view: SyncView): boolean
}

export function createToDeviceStream({ devices }: Pick<SyncDeps, 'devices'>): ToDeviceStream {
  /** Up to where messages were sent that are not acknowledged, by device; unknown after a restart. */
  const unacknowledged = new Lru<string, Position>(syncLimits.deliveriesMax)

  async function acknowledge(key: string, { caller, toDeviceSince, since }: SyncView): Promise<void> {
    if (since === undefined) return
    const sent = unacknowledged.get(key)
    if (sent === 0) return
    await devices.dropToDevice(caller.user, caller.deviceId!, toDeviceSince)
    if (sent === undefined || toDeviceSince >= sent) unacknowledged.set(key, 0)
  }

  return {
    mayWait: ({ changes, toDeviceSince, since }) =>
      changes === undefined || changes.hasToDevice || toDeviceSince !== since,
    async read(view) {
      const { caller, toDeviceSince, upto } = view
      if (caller.deviceId === undefined) return { texts: [], upto }
      const key = `${caller.user} ${caller.deviceId}`
      await acknowledge(key, view)
      if (!this.mayWait(view)) return { texts: [], upto }
      const limit = syncLimits.toDeviceMax
      const messages = await devices.listToDevice(caller.user, caller.deviceId, toDeviceSince, upto, limit)
      const last = messages.at(-1)
      if (last !== undefined) unacknowledged.set(key, last.position)
      return {
        texts: messages.map((message) => message.text),
        upto: messages.length === limit ? last!.position : upto,
      }
    },
  }
}
