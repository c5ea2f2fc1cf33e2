/** The state of a room and its members. Spec: client-server-api#getting-events-for-a-room. */

import { type RoomId, type StateMapKey, splitStateKey, stateKeyOf } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { contentText } from '../client-format.ts'
import type { StoredEvent } from '../rooms.ts'
import { parseToken } from '../token.ts'
import { headerOf } from './event-header.ts'
import { type Readable, requireReadable } from './readable.ts'
import { renderEvents } from './render-events.ts'
import type { ViewCaller, ViewDeps } from './view.ts'

/** JSON text of the whole state: now, or as it was when the caller left. */
export async function showState(deps: ViewDeps, caller: ViewCaller, roomId: RoomId): Promise<string> {
  const { snapshot } = await requireWhole(deps, caller, roomId)
  const entries = await deps.rooms.listState(snapshot)
  const events = await deps.rooms.listEvents(entries.map((entry) => entry.event))
  return `[${(await render(deps, caller, events)).join(',')}]`
}

/** JSON text of one state event's content, or of the whole event. Throws MatrixError M_NOT_FOUND. */
export async function showStateEvent(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  { type, stateKey, format }: { type: string; stateKey: string; format: 'content' | 'event' },
): Promise<string> {
  const isMember = type === 'm.room.member' && stateKey !== caller.userId
  const require = isMember ? requireWhole : requireSeen
  const { snapshot } = await require(deps, caller, roomId)
  const [slot] = await deps.names.find([stateKeyOf(type, stateKey)])
  const [number] = slot === undefined ? [] : await deps.rooms.findState(snapshot, [slot])
  const [event] = number === undefined ? [] : await deps.rooms.listEvents([number])
  if (event === undefined) throw new MatrixError('M_NOT_FOUND', 'The room has no such state.')
  return format === 'content' ? contentText(event) : (await render(deps, caller, [event], true))[0]!
}

export type MembersQuery = {
  readonly at: string | undefined
  readonly membership: string | undefined
  readonly notMembership: string | undefined
}

/** JSON text of the member events, now or at a token. */
export async function showMembers(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  query: MembersQuery,
): Promise<string> {
  const readable = await requireWhole(deps, caller, roomId)
  const snapshot = query.at === undefined ? readable.snapshot : await findSnapshotSeen(deps, caller, readable, query.at)
  const events = snapshot === undefined ? [] : await listMembers(deps, snapshot)
  const wanted = events.filter((event) => {
    if (query.membership === undefined && query.notMembership === undefined) return true
    const { membership } = JSON.parse(contentText(event))
    return (
      (query.membership === undefined || membership === query.membership) &&
      (query.notMembership === undefined || membership !== query.notMembership)
    )
  })
  return `{"chunk":[${(await render(deps, caller, wanted)).join(',')}]}`
}

/**
 * The state at a token, undefined where there is none. A token before the room's beginning, which /sync gives as
 * `prev_batch` of a whole timeline, counts as one after its creator's join. Throws MatrixError M_FORBIDDEN if hidden.
 */
async function findSnapshotSeen(
  deps: ViewDeps,
  caller: ViewCaller,
  { info, until }: Readable,
  token: string,
): Promise<number | undefined> {
  const position = Math.min(parseToken(token), until ?? Number.MAX_SAFE_INTEGER - 1)
  const before = await deps.rooms.listTimeline(info.room, { before: position + 1, direction: 'backwards', limit: 1 })
  const first = await deps.rooms.listTimeline(info.room, { direction: 'forwards', limit: 2 })
  const at = before[0] ?? first.at(-1)
  if (at === undefined) return undefined
  const [visible] = await deps.rooms.filterVisible(info.room, caller.userId, [at])
  if (visible === undefined) throw new MatrixError('M_FORBIDDEN', 'You may not see the room as it was then.')
  return deps.rooms.findSnapshotAt(info.room, Math.max(position, at.stream!))
}

/** The joined members' display names and avatars. Throws MatrixError M_FORBIDDEN unless the caller is joined. */
export async function showJoinedMembers(deps: ViewDeps, caller: ViewCaller, roomId: RoomId): Promise<object> {
  const { info, member } = await requireWhole(deps, caller, roomId)
  if (member?.membership !== 'join') throw new MatrixError('M_FORBIDDEN', 'You are not in this room.')
  const joined: [string, object][] = []
  for (const event of await listMembers(deps, info.snapshot)) {
    const content = JSON.parse(contentText(event))
    if (content.membership !== 'join') continue
    const userId = headerOf(event).stateKey!
    const profile = {
      // Always there: matrix-nio refuses the whole reply if one member has none.
      display_name: typeof content.displayname === 'string' ? content.displayname : userId,
      ...(typeof content.avatar_url === 'string' ? { avatar_url: content.avatar_url } : {}),
    }
    joined.push([userId, profile])
  }
  return { joined: Object.fromEntries(joined) }
}

function requireSeen(deps: ViewDeps, caller: ViewCaller, roomId: RoomId): Promise<Readable> {
  return requireReadable(deps.rooms, roomId, caller)
}

/** As `requireReadable`, when all members are known. Throws MatrixError M_UNKNOWN (504) if that takes too long. */
async function requireWhole(deps: ViewDeps, caller: ViewCaller, roomId: RoomId): Promise<Readable> {
  const readable = await requireSeen(deps, caller, roomId)
  if (readable.info.completeSince !== undefined || readable.until !== undefined) return readable
  await deps.rooms.requireWhole(readable.info.room)
  return requireSeen(deps, caller, roomId)
}

async function listMembers(deps: ViewDeps, snapshot: number): Promise<StoredEvent[]> {
  const entries = await deps.rooms.listState(snapshot)
  const keys = (await deps.names.texts(entries.map((entry) => entry.slot))) as StateMapKey[]
  const members = entries.filter((_, index) => splitStateKey(keys[index]!)[0] === 'm.room.member')
  return deps.rooms.listEvents(members.map((entry) => entry.event))
}

function render(
  deps: ViewDeps,
  caller: ViewCaller,
  events: readonly StoredEvent[],
  withReplaced = false,
): Promise<string[]> {
  return renderEvents(deps.rooms, caller, events, { nowMs: deps.clock.nowMs(), withRoomId: true, withReplaced })
}
