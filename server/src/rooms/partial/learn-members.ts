/** Members of a room of which not all are known, as its events show them. */

import type { RoomEvent } from '@parallax/protocol'
import type { LoadedEvents } from '../receive/loaded-events.ts'
import { findInState, type RoomState, withChange } from '../receive/room-state.ts'
import type { StateTrees } from '../state/state-trees.ts'

/**
 * The state before an event with the members whom the event cites and of whom that state knows nothing. They may have
 * been others by then: all is judged again when the whole state is here. The auth events must be loaded.
 */
export async function learnMembers(
  trees: StateTrees,
  { event, events }: { readonly event: RoomEvent; readonly events: LoadedEvents },
  before: RoomState,
): Promise<RoomState> {
  const cited = event.authEvents.flatMap((id) => {
    const loaded = events.byId(id)
    const isMember = loaded?.event.type === 'm.room.member' && !loaded.isRejected
    return isMember && loaded.stored?.slot != null ? [{ slot: loaded.stored.slot, event: loaded.number }] : []
  })
  const known = await findInState(
    trees,
    before,
    cited.map(({ slot }) => slot),
  )
  let learned = before
  for (const [index, { slot, event: number }] of cited.entries()) {
    if (known[index] === undefined) learned = withChange(learned, slot, number)
  }
  return learned
}
