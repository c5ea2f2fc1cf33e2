/** Which member events each device was sent, so that lazy loading does not repeat them; forgotten with a restart. */

import { Lru } from '../base/index.ts'
import type { Position } from '../journal/index.ts'
import { syncLimits } from './limits.ts'
import type { SyncView } from './view.ts'

export interface SentMembers {
  /** The members of one room that the device has, by the view's filter. */
  open(view: SyncView, room: number): SentToDevice
}

export type SentToDevice = {
  /** True if it was in a reply that the device has since acknowledged. */
  has(slot: number): boolean
  /** It is in the reply that is being made. */
  add(slot: number): void
  /** The device forgets those that it has. */
  clear(): void
}

export function createSentMembers(): SentMembers {
  /** By device, filter and room: the position of the reply that had the member, by slot. */
  const byDevice = new Lru<string, Map<number, Position>>(syncLimits.sentMembersMax)
  return {
    open({ caller, filter, since, upto }, room) {
      const key = `${caller.user} ${caller.deviceId ?? ''} ${filter.id} ${room}`
      const sent = byDevice.get(key) ?? new Map<number, Position>()
      return {
        has: (slot) => (sent.get(slot) ?? Number.MAX_SAFE_INTEGER) <= (since ?? -1),
        add(slot) {
          // A repeated request gets the member again: the first position counts only if the client went past it.
          if ((sent.get(slot) ?? Number.MAX_SAFE_INTEGER) > (since ?? -1)) sent.set(slot, upto)
          byDevice.set(key, sent, sent.size + 1)
        },
        clear() {
          sent.clear()
          byDevice.delete(key)
        },
      }
    },
  }
}
