/** When a room was last used: the position of its newest event of a kind that counts. Spec: msc4186#common-fields. */

import { Lru } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncDeps } from '../sync-deps.ts'

export interface BumpStamps {
  find(room: number, upto: Position): Promise<number>
}

const bumpTypes = [
  'm.room.create',
  'm.room.message',
  'm.room.encrypted',
  'm.sticker',
  'm.call.invite',
  'm.poll.start',
  'm.beacon_info',
] as const

/** Looks at what came since it was last asked; of a long silence at the newest events only. */
export function createBumpStamps({ rooms, names }: Pick<SyncDeps, 'rooms' | 'names'>): BumpStamps {
  const known = new Lru<number, { readonly stamp: number; readonly lookedTo: Position }>(syncLimits.slidingActivityMax)
  let types: ReadonlySet<number | undefined> = new Set([undefined])

  async function scan(room: number, after: Position | undefined, upto: Position): Promise<number | undefined> {
    if (types.has(undefined)) types = new Set(await names.find(bumpTypes))
    let before = upto + 1
    let oldest: number | undefined
    for (let scanned = 0; scanned < syncLimits.slidingBumpScanMax; ) {
      const range = { ...(after === undefined ? {} : { after }), before, direction: 'backwards', limit: 20 } as const
      const events = await rooms.listTimeline(room, range)
      const found = events.find((event) => types.has(event.type))
      if (found !== undefined) return found.stream!
      if (events.length < range.limit) return after === undefined ? (events.at(-1)?.stream ?? oldest) : undefined
      oldest = events.at(-1)!.stream!
      before = oldest
      scanned += events.length
    }
    return oldest
  }

  return {
    async find(room, upto) {
      const held = known.get(room)
      if (held !== undefined && held.lookedTo >= upto) return held.stamp
      const found = await scan(room, held?.lookedTo, upto)
      const stamp = Math.max(0, found ?? held?.stamp ?? 0)
      known.set(room, { stamp, lookedTo: upto })
      return stamp
    },
  }
}
