/** Whether and how a reply tells of a room: what the connection's last word on it was, against how it is now. */

import type { KnownRoom } from '../../rooms/index.ts'
import { roomChange } from '../changes.ts'
import { syncLimits } from '../limits.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Unread } from '../unread/unread.ts'
import type { RoomVisit, SyncView } from '../view.ts'
import { membershipAt } from '../visits.ts'
import { type Connection, internWishes, type RoomEntry } from './connection.ts'
import type { WantedRoom } from './list-rooms.ts'
import { findKnownRoom } from './room-order.ts'
import { compileWishes, readWishes, type StateWish, wishesText } from './state-wish.ts'

/** A room to tell of. */
export type SlidingVisit = RoomVisit & {
  readonly wanted: WantedRoom
  /** What the connection knows of it. */
  readonly entry: RoomEntry | undefined
  /** Never in the room: only stripped state is told. */
  readonly isStripped: boolean
  /** Events since the last word, or a longer timeline than before. */
  readonly hasEvents: boolean
  readonly isExpanded: boolean
  readonly oldWishes: readonly StateWish[] | undefined
  /** Index of the wishes' text. */
  readonly wishes: number
  readonly isDirect: boolean
  /** Undefined: not joined. */
  readonly counts: { readonly notify: number; readonly highlight: number } | undefined
}

type VisitDeps = Pick<SyncDeps, 'rooms' | 'names'> & { readonly unread: Unread }

export type VisitPlace = { readonly connection: Connection; readonly directs: ReadonlySet<number> }

/** Undefined: nothing has changed. */
export async function visitRoom(
  deps: VisitDeps,
  view: SyncView,
  { connection, directs }: VisitPlace,
  wanted: WantedRoom,
): Promise<SlidingVisit | undefined> {
  const { room, member, activity, config } = wanted
  const entry = connection.rooms.get(room)
  const isJoined = member.membership === 'join'
  const wishes = internWishes(connection, wishesText(config.wishes))
  const isDirect = directs.has(room)
  const isExpanded = isJoined && entry !== undefined && config.timelineLimit > entry.timelineLimit
  const hasNews = entry === undefined || activity > entry.told || member.position > entry.told
  const mayCountsDiffer = isJoined && (hasNews || mayHaveRead(view, connection, room))
  const isSame = !hasNews && !isExpanded && entry.wishes === wishes && entry.isDirect === isDirect
  if (isSame && !mayCountsDiffer) return undefined
  const info = await findKnownRoom(deps, room)
  if (info === undefined || isHeldBack(info, config, view.caller.userId)) return undefined
  const counts = isJoined ? (await deps.unread.count(view.caller, info, member, view.upto)).main : undefined
  if (isSame && countsText(counts) === entry.counts) return undefined
  return {
    ...(await readSpan(deps, view, wanted, info, entry)),
    wanted,
    entry,
    isExpanded,
    hasEvents: hasNews || isExpanded,
    oldWishes:
      entry === undefined || entry.wishes === wishes ? undefined : readWishes(connection.wishes[entry.wishes]!),
    wishes,
    isDirect,
    counts,
  }
}

/** Members of the room are missing, and the client wants all of them. */
function isHeldBack({ completeSince }: KnownRoom, { wishes }: WantedRoom['config'], me: string): boolean {
  return completeSince === undefined && compileWishes(wishes, me)('m.room.member', '')
}

/** The user read something, or may have while nobody looked at the room. */
function mayHaveRead({ changes }: SyncView, { window }: Connection, room: number): boolean {
  return window?.has(room) !== true || ((changes?.rooms.get(room) ?? 0) & roomChange.ownReceipt) !== 0
}

export function countsText(counts: SlidingVisit['counts']): string {
  return counts === undefined ? '' : `${counts.notify}/${counts.highlight}`
}

async function readSpan(
  deps: VisitDeps,
  view: SyncView,
  { member }: WantedRoom,
  info: KnownRoom,
  entry: RoomEntry | undefined,
): Promise<RoomVisit & { readonly isStripped: boolean }> {
  const { room, membership, position } = member
  const isJoined = membership === 'join'
  const isInside = membership !== 'invite' && membership !== 'knock'
  const isStripped =
    !isJoined && !(isInside && (await deps.rooms.findLastLeave(room, view.caller.userId)) !== undefined)
  // Who came in since knows nothing of the room yet; what was told of an earlier stay may have a gap.
  const hasMoved = entry !== undefined && isJoined && position > entry.told
  const isNew = entry === undefined || (hasMoved && (await membershipAt(deps, view, room, entry.told)) !== 'join')
  return {
    info,
    place: member,
    kinds: 0,
    isNew,
    isWhole: isNew,
    isOutside: false,
    isStripped,
    after: isNew ? undefined : entry!.told,
    until: isJoined ? view.upto : position,
  }
}

/** What the connection knows once the visit is told; `isLimited`: the timeline has a gap before it. */
export function entryAfter(visit: SlidingVisit, view: SyncView, isLimited: boolean): RoomEntry {
  const { wanted, entry, isNew, isExpanded, hasEvents } = visit
  const asked = wanted.config.timelineLimit
  const known = isNew || isExpanded || isLimited ? asked : entry!.timelineLimit
  const isWhole = hasEvents && !isLimited && (isNew || isExpanded)
  return {
    told: view.upto,
    timelineLimit: isWhole ? syncLimits.slidingTimelineMax : known,
    wishes: visit.wishes,
    isDirect: visit.isDirect,
    counts: countsText(visit.counts),
  }
}
