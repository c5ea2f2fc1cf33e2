/** The newest events of a room since the last reply, or a gap. Spec: client-server-api#syncing. */

import type { Position } from '../../journal/index.ts'
import type { Membership, StoredEvent } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { RoomVisit, SyncView } from '../view.ts'
import type { VisibleEvents } from '../visible.ts'

export type Timeline = {
  /** Oldest first. */
  readonly events: readonly StoredEvent[]
  /** The viewer's membership at each of the events; undefined: joined all along. */
  readonly memberships: readonly Membership[] | undefined
  readonly isLimited: boolean
  /** Position before the first of the events. */
  readonly start: Position
  /** Newest event that the room had, whether the viewer gets it or not; undefined: nothing new. */
  readonly newest: StoredEvent | undefined
  /** Oldest event that was looked at, if everything since the last reply was. */
  readonly oldest: StoredEvent | undefined
}

type TimelineDeps = Pick<SyncDeps, 'rooms'> & { readonly visible: VisibleEvents }

/** Events in (`after`, `until`] that pass the filter: the newest up to its limit. */
export async function readTimeline(deps: TimelineDeps, view: SyncView, visit: RoomVisit): Promise<Timeline> {
  const { passes, inRoom, limit: asked } = view.filter.timeline
  const isExcluded = inRoom?.(visit.info.roomId) === false
  const limit = isExcluded ? 0 : Math.max(0, Math.min(asked ?? syncLimits.timelineDefault, syncLimits.timelineMax))
  // Events that are missing may come: whoever wants them asks for what came before.
  const gap = await deps.rooms.findGap(visit.info.room)
  const isGapped = gap !== undefined && gap <= visit.until && gap > (visit.after ?? Number.MIN_SAFE_INTEGER)
  const after = isGapped ? gap - 1 : visit.after
  const found: StoredEvent[] = []
  let before = visit.until + 1
  let newest: StoredEvent | undefined
  let oldest: StoredEvent | undefined
  let isExhausted = false
  for (let scanned = 0; found.length <= limit && scanned < syncLimits.timelineScanMax; ) {
    const size = limit + 1
    const batch = await deps.rooms.listTimeline(visit.info.room, {
      ...(after !== undefined && { after }),
      before,
      direction: 'backwards',
      limit: size,
    })
    newest ??= batch[0]
    oldest = batch.at(-1) ?? oldest
    for (const event of await deps.visible.filter(view, visit.info.room, visit.place, batch)) {
      if (passes === undefined || passes(event)) found.push(event)
    }
    isExhausted = batch.length < size
    if (isExhausted) break
    scanned += batch.length
    before = oldest!.stream!
  }
  const isCut = found.length > limit || isGapped
  const events = found.slice(0, limit).reverse()
  const start = events[0] === undefined ? startOfNothing(visit, isCut) : events[0].stream! - 1
  // The client may hold an older timeline of a room that is new to it: it must not join the two.
  const isLimited = !isExcluded && (isCut || !isExhausted || (visit.isNew && view.since !== undefined))
  const memberships = await findMemberships(deps, view, visit, events)
  return { events, memberships, isLimited, start, newest, oldest: isExhausted && !isCut ? oldest : undefined }
}

async function findMemberships(
  { rooms }: TimelineDeps,
  { caller }: SyncView,
  { info, place }: RoomVisit,
  events: readonly StoredEvent[],
): Promise<readonly Membership[] | undefined> {
  if (place.membership === 'join' && events.every((event) => event.stream! >= place.position)) return undefined
  return rooms.listMembershipsAt(info.room, caller.user, events)
}

function startOfNothing({ after, until }: RoomVisit, isCut: boolean): Position {
  return isCut || after === undefined ? until : Math.min(after, until)
}
