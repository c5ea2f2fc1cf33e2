/** A space and the rooms in it. Spec: server-server-api#get_matrixfederationv1hierarchyroomid. */

import {
  type JsonObject,
  ProtocolError,
  parseRoomId,
  type RoomId,
  readHistoryVisibility,
  readJoinRules,
  type ServerName,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { contentText, headerOf, type KnownRoom, type StoredEvent } from '../../rooms/index.ts'
import type { Access } from '../access.ts'
import type { Asking, FederationDeps } from '../federation-deps.ts'
import { federationLimits } from '../limits.ts'

export type HierarchyDeps = FederationDeps & {
  readonly access: Access
  /** What is told of a room to whoever may know of it. */
  readonly describeRoom: (info: KnownRoom) => Promise<JsonObject>
}

/** The reply. Throws M_NOT_FOUND if the server has no way into the room. */
export async function serveHierarchy(
  deps: HierarchyDeps,
  { origin }: Asking,
  roomId: RoomId,
  isSuggestedOnly: boolean,
): Promise<JsonObject> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined || !(await canEnter(deps, origin, info))) {
    throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server, or not open to yours.')
  }
  const all = await listChildren(deps, info)
  const events = isSuggestedOnly ? all.filter((event) => contentOf(event).suggested === true) : all
  const children: JsonObject[] = []
  const closed: string[] = []
  for (const event of events) {
    const childId = headerOf(event).stateKey!
    const child = await deps.rooms.findRoom(childId as RoomId)
    // Of a room that is not here nothing can be told.
    if (child === undefined) continue
    if (await canEnter(deps, origin, child)) children.push(await deps.describeRoom(child))
    else closed.push(childId)
  }
  const described = { ...(await deps.describeRoom(info)), children_state: events.map(childState) }
  return { room: described, children, inaccessible_children: closed }
}

/** The children of a space, in the order in which they are shown; at most so many. */
async function listChildren({ rooms }: FederationDeps, info: KnownRoom): Promise<StoredEvent[]> {
  const create = await rooms.findStateEvent(info.room, 'm.room.create', '')
  if (create?.content.type !== 'm.space') return []
  const found = await rooms.listStateOfType(info.snapshot, 'm.space.child')
  // A child without servers was taken out of the space.
  const isChild = (event: StoredEvent) => isRoomId(headerOf(event).stateKey!) && Array.isArray(contentOf(event).via)
  const children = found.filter(isChild)
  return children.sort((a, b) => compare(orderOf(a), orderOf(b))).slice(0, federationLimits.childrenMax)
}

/** Joined or invited users, or a way in for anybody. */
async function canEnter({ rooms, access }: HierarchyDeps, server: ServerName, info: KnownRoom): Promise<boolean> {
  if (!(await access.isAllowed(server, info.room))) return false
  if ((await rooms.listJoinedServers(info.room)).has(server)) return true
  const rule = await rooms.findStateEvent(info.room, 'm.room.join_rules', '')
  const { joinRule, allowedRooms } = readJoinRules(info.rules, rule?.content)
  if (joinRule === 'public' || joinRule === 'knock' || joinRule === 'knock_restricted') return true
  const visibility = await rooms.findStateEvent(info.room, 'm.room.history_visibility', '')
  if (readHistoryVisibility(visibility?.content) === 'world_readable') return true
  if (joinRule === 'restricted') {
    for (const roomId of allowedRooms) {
      const allowed = await rooms.findRoom(roomId as RoomId)
      if (allowed !== undefined && (await rooms.listJoinedServers(allowed.room)).has(server)) return true
    }
  }
  return (await rooms.listInvited(info.room)).some((user) => serverNameOf(user as UserId) === server)
}

function childState(event: StoredEvent): JsonObject {
  const { sender, stateKey = '', type } = headerOf(event)
  return { type, state_key: stateKey, content: contentOf(event), sender, origin_server_ts: event.ts }
}

function contentOf(event: StoredEvent): JsonObject {
  return JSON.parse(contentText(event)) as JsonObject
}

/** By `order`, then by time, then by ID. Spec: client-server-api#ordering-of-children-within-a-space. */
function orderOf(event: StoredEvent): readonly [string, number, string] {
  const { order } = contentOf(event)
  const isUsed = typeof order === 'string' && /^[\x20-\x7e]{1,50}$/.test(order)
  // After every order that there can be.
  return [isUsed ? order : '\x7f', event.ts, headerOf(event).stateKey!]
}

function compare(a: readonly (string | number)[], b: readonly (string | number)[]): number {
  const at = a.findIndex((part, index) => part !== b[index])
  return at < 0 ? 0 : a[at]! < b[at]! ? -1 : 1
}

function isRoomId(text: string): boolean {
  try {
    parseRoomId(text)
    return true
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}
