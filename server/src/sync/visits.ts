/** Which rooms a reply tells of, and how. Spec: client-server-api#get_matrixclientv3sync. */

import { stateKeyOf } from '@parallax/protocol'
import type { Position } from '../journal/index.ts'
import type { KnownRoom, MemberRow, Membership } from '../rooms/index.ts'
import { roomChange } from './changes.ts'
import type { SyncDeps } from './sync-deps.ts'
import { membershipOf } from './transitions.ts'
import type { Place, RoomVisit, SyncView } from './view.ts'

export type Visits = {
  readonly joined: readonly RoomVisit[]
  readonly left: readonly RoomVisit[]
  /** Invites and knocks that are new to the client. */
  readonly stripped: readonly { readonly info: KnownRoom; readonly place: Place }[]
}

type Sections = { joined: RoomVisit[]; left: RoomVisit[]; stripped: { info: KnownRoom; place: Place }[] }
type VisitDeps = Pick<SyncDeps, 'rooms' | 'names'>

const allKinds = 63

/** Looks only at rooms that changed, unless everything is asked for. */
export async function listVisits(deps: VisitDeps, view: SyncView): Promise<Visits> {
  const sections: Sections = { joined: [], left: [], stripped: [] }
  for (const room of roomsToLookAt(view)) {
    const member = view.memberships.get(room)
    const place = member && (await placeAt(deps, view, member, view.upto))
    if (place === undefined) continue
    const info = (await deps.rooms.findRoomByNumber(room)) ?? (await deps.rooms.findOutsideRoom(room))
    if (info === undefined || view.filter.inRoom?.(info.roomId) === false) continue
    await addVisit(deps, view, sections, info, { ...place, isForgotten: member!.forgotten })
  }
  return sections
}

function roomsToLookAt({ changes, memberships, isFullState }: SyncView): Iterable<number> {
  if (changes === undefined) return memberships.keys()
  if (!isFullState) return changes.rooms.keys()
  const joined = [...memberships.values()].filter((member) => member.membership === 'join')
  return new Set([...joined.map((member) => member.room), ...changes.rooms.keys()])
}

type Found = Place & { readonly isForgotten: boolean }

async function addVisit(deps: VisitDeps, view: SyncView, sections: Sections, info: KnownRoom, place: Found) {
  const { since, upto } = view
  const kinds = view.changes === undefined ? allKinds : (view.changes.rooms.get(info.room) ?? 0)
  const isFresh = since === undefined || place.position > since
  if (place.membership === 'invite' || place.membership === 'knock') {
    if (isFresh || view.isFullState) sections.stripped.push({ info, place })
  } else if (place.membership === 'join') {
    if (isHeldBack(view, info)) return
    const isNew =
      since === undefined ||
      wasHeldBack(view, info, since) ||
      (isFresh && (await membershipAt(deps, view, info.room, since)) !== 'join')
    const isWhole = isNew || view.isFullState
    sections.joined.push({
      info,
      place,
      kinds,
      isNew,
      isWhole,
      isOutside: false,
      after: isNew ? undefined : since,
      until: upto,
    })
  } else if (isFresh) await addLeft(deps, view, sections, info, place, kinds)
}

/**
 * Members of the room are missing, and the client wants all of them: it would take those that it is told for all, and
 * encrypt for them alone. Spec: MSC3902.
 */
function isHeldBack({ filter }: SyncView, { completeSince }: KnownRoom): boolean {
  return completeSince === undefined && !filter.lazyMembers
}

/** The client has heard nothing of the room yet. */
function wasHeldBack({ filter }: SyncView, { completeSince = 0 }: KnownRoom, since: Position): boolean {
  return completeSince > since && !filter.lazyMembers
}

async function addLeft(
  deps: VisitDeps,
  view: SyncView,
  { left }: Sections,
  info: KnownRoom,
  place: Found,
  kinds: number,
): Promise<void> {
  const { since } = view
  if (since === undefined) {
    if (!view.filter.includeLeave || place.isForgotten) return
    const leave = await deps.rooms.findLastLeave(info.room, view.caller.userId)
    if (leave === undefined || leave > view.upto) return
    left.push({ info, place, kinds, isNew: true, isWhole: true, isOutside: false, after: undefined, until: leave })
    return
  }
  const until = place.position
  const history = await listOwn(deps, view, info.room)
  const before = history.findLast((event) => event.stream! <= since)
  const wasJoined = before !== undefined && membershipOf(before) === 'join'
  const joinedMeanwhile = history.some((event) => event.stream! > since && membershipOf(event) === 'join')
  const isOutside = !wasJoined && !joinedMeanwhile
  const isNew = !wasJoined && !isOutside
  const after = isOutside ? Math.min(place.position, place.event) - 1 : isNew ? undefined : since
  left.push({ info, place, kinds: kinds | roomChange.event, isNew, isWhole: isNew, isOutside, after, until })
}

async function listOwn({ rooms, names }: VisitDeps, { caller }: SyncView, room: number) {
  const [slot] = await names.find([stateKeyOf('m.room.member', caller.userId)])
  return slot === undefined ? [] : rooms.listSlotHistory(room, slot)
}

/** The caller's membership in a room after a position. */
export async function membershipAt(
  deps: VisitDeps,
  view: SyncView,
  room: number,
  position: Position,
): Promise<Membership | undefined> {
  const event = (await listOwn(deps, view, room)).findLast((one) => one.stream! <= position)
  return event && membershipOf(event)
}

/** The membership may have moved on since the span of positions was fixed. */
async function placeAt(
  deps: VisitDeps,
  view: SyncView,
  member: MemberRow,
  position: Position,
): Promise<Place | undefined> {
  if (member.position <= position) return member
  const event = (await listOwn(deps, view, member.room)).findLast((one) => one.stream! <= position)
  return event && { membership: membershipOf(event), event: event.event, position: event.stream! }
}
