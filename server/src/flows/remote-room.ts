/** Rooms that nobody here is in: who may know them, and what our users do with them by way of those servers. */

import { isServerName, type RoomAlias, type RoomId, type ServerName, serverNameOf } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { RemoteError } from '../remote/index.ts'
import { headerOf, type KnownRoom, type MemberRow, type StoredEvent } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { parseOrExplain } from './parse-or-explain.ts'

/** Servers that a client may name for one room. */
const VIA_MAX = 20

export type AliasTarget = { readonly roomId: RoomId; readonly servers: readonly ServerName[] }

/** Asks the alias's server. Throws MatrixError M_NOT_FOUND, M_UNKNOWN (status 502) if it does not answer. */
export async function resolveRemoteAlias(deps: FlowDeps, alias: RoomAlias): Promise<AliasTarget> {
  const server = serverNameOf(alias)
  const parties = { origin: deps.ownServer, destination: server }
  if (!isServerName(server)) throw new MatrixError('M_INVALID_PARAM', `${alias} is no alias.`)
  if (!deps.remote.isAllowed(server)) throw new MatrixError('M_NOT_FOUND', `The alias ${alias} is not known.`)
  try {
    return await deps.remote.calls.queryDirectory(parties, alias)
  } catch (error) {
    throw explainRemote(error, server, `The alias ${alias} is not known.`)
  }
}

/** What a client is told of a question that another server did not answer; throws what is no RemoteError. */
export function explainRemote(error: unknown, server: ServerName, unknown: string): MatrixError {
  if (!(error instanceof RemoteError)) throw error
  if (error.answer !== undefined && error.answer.status < 500) return new MatrixError('M_NOT_FOUND', unknown)
  return new MatrixError('M_UNKNOWN', `${server} could not be asked (${error.kind}).`, {}, 502)
}

/** The room if users of ours are in it, or nobody is, so that it is known as it is now. */
export async function findOwnRoom(deps: FlowDeps, roomId: RoomId): Promise<KnownRoom | undefined> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined) return undefined
  const servers = await deps.rooms.listJoinedServers(info.room)
  return servers.size === 0 || [...servers.keys()].some(deps.isLocal) ? info : undefined
}

/** The actor's place in a room, known or not. */
export async function findPlace(deps: FlowDeps, { user }: Actor, roomId: RoomId): Promise<MemberRow | undefined> {
  const [room] = await deps.names.find([roomId])
  return room === undefined ? undefined : deps.rooms.findMember(room, user)
}

/** Whom to ask about a room: those whom the client names, who invited, and whoever made the room. */
export async function listCandidates(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  via: readonly string[],
): Promise<ServerName[]> {
  const { servers, others } = await listJoinCandidates(deps, actor, roomId, via)
  return [...new Set([...servers, ...others])]
}

/** Servers of those who made the state that came with an invitation or a knock: room IDs may name none. */
function listTold({ rest }: Pick<StoredEvent, 'rest'>): ServerName[] {
  if (!rest.includes('_room_state"')) return []
  const { unsigned = {} }: { unsigned?: Record<string, unknown> } = JSON.parse(`{${rest}}`)
  const told = [unsigned.invite_room_state, unsigned.knock_room_state].flatMap((state) => state ?? [])
  const senders = told.flatMap((event) => (event as { sender?: unknown } | null)?.sender ?? [])
  const servers = senders.filter((sender) => typeof sender === 'string').map((sender) => sender.replace(/^[^:]*:/, ''))
  return [...new Set(servers)].filter(isServerName).slice(0, VIA_MAX)
}

/** `servers`: those whom the client names, or who invited; `others`: those that were in the room when we last were. */
export async function listJoinCandidates(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  via: readonly string[],
): Promise<{ servers: ServerName[]; others: ServerName[] }> {
  const servers = via.slice(0, VIA_MAX).filter(isServerName)
  const others: ServerName[] = []
  const member = await findPlace(deps, actor, roomId)
  const [event] = member === undefined ? [] : await deps.rooms.listEvents([member.event])
  const list = member?.membership === 'invite' ? servers : others
  if (event !== undefined) {
    list.push(serverNameOf(headerOf(event).sender))
    others.push(...listTold(event))
  }
  const [room] = await deps.names.find([roomId])
  if (room !== undefined) others.push(...(await deps.rooms.listJoinedServers(room)).keys())
  if (via.length === 0 && roomId.includes(':')) others.push(parseOrExplain(() => serverNameOf(roomId as never)))
  return { servers, others }
}
