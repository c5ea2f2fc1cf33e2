/** Room aliases and the directory as clients manage them. Spec: client-server-api#room-aliases. */

import { parseRoomAlias, type RoomAlias, type RoomId, readHistoryVisibility, serverNameOf } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { parseOrExplain } from './parse-or-explain.ts'
import { canSetState } from './power-state.ts'
import { resolveRemoteAlias } from './remote-room.ts'

/** Servers that are named as being in a room, those with most members first. */
const ALIAS_SERVERS_MAX = 50

/** An alias of one of our domains. Throws MatrixError M_INVALID_PARAM. */
function requireLocalAlias(deps: FlowDeps, text: string): RoomAlias {
  const alias = parseOrExplain(() => parseRoomAlias(text))
  if (deps.isLocal(serverNameOf(alias))) return alias
  throw new MatrixError('M_INVALID_PARAM', `${alias} is an alias of another server.`)
}

export async function resolveAlias(deps: FlowDeps, text: string): Promise<{ room_id: RoomId; servers: string[] }> {
  const alias = parseOrExplain(() => parseRoomAlias(text))
  if (deps.isLocal(serverNameOf(alias))) return findTarget(deps, alias)
  const { roomId, servers } = await resolveRemoteAlias(deps, alias)
  return { room_id: roomId, servers: [...servers] }
}

/** As `resolveAlias`, but only for aliases of our domains: what other servers are told. */
export async function resolveOwnAlias(deps: FlowDeps, alias: RoomAlias) {
  if (!deps.isLocal(serverNameOf(alias)))
    throw new MatrixError('M_NOT_FOUND', `${alias} is not an alias of this server.`)
  return findTarget(deps, alias)
}

async function findTarget(deps: FlowDeps, alias: RoomAlias): Promise<{ room_id: RoomId; servers: string[] }> {
  const row = await deps.rooms.findAlias(alias)
  const info = row && (await deps.rooms.findRoomByNumber(row.room))
  if (info === undefined) throw new MatrixError('M_NOT_FOUND', `The alias ${alias} is not known.`)
  const counts = [...(await deps.rooms.listJoinedServers(info.room))].sort((a, b) => b[1] - a[1])
  const own = serverNameOf(alias)
  const others = counts.map(([server]) => server).filter((server) => server !== own)
  return { room_id: info.roomId, servers: [own, ...others.slice(0, ALIAS_SERVERS_MAX - 1)] }
}

/** Anyone in the room may add an alias to it. */
export async function addAlias(deps: FlowDeps, actor: Actor, text: string, roomId: RoomId): Promise<void> {
  const alias = requireLocalAlias(deps, text)
  const info = await deps.rooms.findRoom(roomId)
  const member = info && (await deps.rooms.findMember(info.room, actor.user))
  if (info === undefined || member?.membership !== 'join') {
    throw new MatrixError('M_FORBIDDEN', 'Only members of the room can add an alias to it.')
  }
  await deps.rooms.addAlias(alias, info.room, actor.user)
}

/** Who added it may take it away, and who may set the room's canonical alias. */
export async function deleteAlias(deps: FlowDeps, actor: Actor & { isAdmin: boolean }, text: string): Promise<void> {
  const alias = requireLocalAlias(deps, text)
  const row = await deps.rooms.findAlias(alias)
  const info = row && (await deps.rooms.findRoomByNumber(row.room))
  if (row === undefined || info === undefined) throw new MatrixError('M_NOT_FOUND', `The alias ${alias} is not known.`)
  const mayDelete = row.creator === actor.user || actor.isAdmin || (await canSetAliases(deps, info, actor))
  if (!mayDelete) throw new MatrixError('M_FORBIDDEN', 'You may not take this alias away.')
  await deps.rooms.removeAlias(alias)
  await dropCanonical(deps, actor, info, alias)
}

/** The canonical alias event no longer names an alias that is gone, if the actor may change it. */
async function dropCanonical(deps: FlowDeps, actor: Actor, info: KnownRoom, alias: RoomAlias): Promise<void> {
  const current = await deps.rooms.findStateEvent(info.room, 'm.room.canonical_alias', '')
  if (current === undefined || !(await canSetAliases(deps, info, actor))) return
  const alternatives = Array.isArray(current.content.alt_aliases) ? current.content.alt_aliases : []
  const isNamed = current.content.alias === alias || alternatives.includes(alias)
  if (!isNamed) return
  const content = { ...current.content }
  if (content.alias === alias) delete content.alias
  if (alternatives.length > 0) content.alt_aliases = alternatives.filter((other) => other !== alias)
  try {
    await deps.rooms.send(info.roomId, actor.userId, { type: 'm.room.canonical_alias', stateKey: '', content })
  } catch (error) {
    // The alias is gone already: power that was lost meanwhile is no reason to call the request failed.
    if (!(error instanceof MatrixError && error.errcode === 'M_FORBIDDEN')) throw error
  }
}

function canSetAliases(deps: FlowDeps, info: KnownRoom, actor: Actor): Promise<boolean> {
  return canSetState(deps, info, actor, 'm.room.canonical_alias')
}

/** Shows or hides a room in the directory. */
export async function setDirectoryVisibility(
  deps: FlowDeps,
  actor: Actor & { isAdmin: boolean },
  roomId: RoomId,
  visibility: 'public' | 'private',
): Promise<void> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined) throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server.')
  if (!actor.isAdmin && !(await canSetAliases(deps, info, actor))) {
    throw new MatrixError('M_FORBIDDEN', 'You may not change where this room is listed.')
  }
  await deps.rooms.setPublic(info.room, visibility === 'public')
}

/** `public` or `private`. */
export async function directoryVisibility(deps: FlowDeps, roomId: RoomId): Promise<{ visibility: string }> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined) throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server.')
  return { visibility: (await deps.rooms.isPublic(info.room)) ? 'public' : 'private' }
}

/** The aliases of a room on this server: for its members, and for all where it is world-readable. */
export async function listLocalAliases(deps: FlowDeps, actor: Actor, roomId: RoomId): Promise<{ aliases: string[] }> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined || !(await isOpenTo(deps, actor, info))) {
    throw new MatrixError('M_FORBIDDEN', `You are not in the room ${roomId}, and it is not open to read.`)
  }
  return { aliases: await deps.rooms.listAliases(info.room) }
}

async function isOpenTo(deps: FlowDeps, actor: Actor, info: KnownRoom): Promise<boolean> {
  const member = await deps.rooms.findMember(info.room, actor.user)
  if (member?.membership === 'join') return true
  const visibility = await deps.rooms.findStateEvent(info.room, 'm.room.history_visibility', '')
  return readHistoryVisibility(visibility?.content) === 'world_readable'
}
