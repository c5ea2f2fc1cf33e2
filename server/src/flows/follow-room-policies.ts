/** Keeps the lenses of rooms as their state says: at once, by the journal. */

import { stateKeyOf } from '@parallax/protocol'
import type { Journal } from '../journal/index.ts'
import type { Reputation } from '../reputation/index.ts'
import type { Rooms } from '../rooms/index.ts'
import type { Names } from '../store/index.ts'

/** State that the moderators of a room write. */
const TYPE = 'org.parallax.reputation.room_policy'

export type RoomPolicyDeps = {
  readonly rooms: Pick<Rooms, 'findStateEvent'>
  readonly names: Names
  readonly reputation: Pick<Reputation, 'putRoomLens'>
}

/** Follows the journal from its start on. */
export function followRoomPolicies(deps: RoomPolicyDeps, journal: Pick<Journal, 'follow'>): void {
  const { rooms, names, reputation } = deps
  journal.follow('room-policies', async (records) => {
    const changed = records.flatMap(({ entry }) => (entry.kind === 'event' && entry.slot !== undefined ? [entry] : []))
    const [slot] = changed.length === 0 ? [] : await names.find([stateKeyOf(TYPE, '')])
    if (slot === undefined) return
    for (const room of new Set(changed.filter((entry) => entry.slot === slot).map((entry) => entry.room))) {
      await reputation.putRoomLens(room, (await rooms.findStateEvent(room, TYPE, ''))?.content)
    }
  })
}
