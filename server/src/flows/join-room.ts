/**
 * Joins a room, restricted ones too; by way of another server if nobody here is in it.
 * Spec: client-server-api#joining-rooms, rooms/v8#authorization-rules.
 */

import {
  type JsonObject,
  type RoomAlias,
  type RoomId,
  readJoinRules,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import { carrySettings } from './carry-settings.ts'
import type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
import { requireGuestAccess } from './guest-access.ts'
import { memberContent } from './member-content.ts'
import { findOwnRoom, listJoinCandidates, resolveRemoteAlias } from './remote-room.ts'

/** How long after a refusal that may be out of date one asks again: what was sent meanwhile has come then. */
const JOIN_AGAIN_AFTER_MS = [50, 150, 400]

/** Nobody here can let a user into a restricted room. */
class NobodyVouches extends MatrixError {
  /** True: for all that is known here, the user is in a room whose members may join. */
  readonly isInAllowed: boolean

  constructor(isInAllowed: boolean, message: string) {
    super('M_FORBIDDEN', message)
    this.isInAllowed = isInAllowed
  }
}

/** The body of the request: what it holds beside these goes into the member event, as with other servers. */
export type JoinRequest = { readonly reason?: string | undefined; readonly third_party_signed?: JsonObject | undefined }

/**
 * The joined room's ID. Joining where one is joined already changes nothing. `via`: servers that know the room. Throws
 * MatrixError M_NOT_FOUND, M_FORBIDDEN, M_UNSUPPORTED_ROOM_VERSION; M_UNKNOWN (status 502) if no server could be asked.
 */
export async function joinRoom(
  deps: FlowDeps,
  actor: Actor,
  target: RoomIdOrAlias,
  request: JoinRequest,
  via: readonly string[] = [],
): Promise<RoomId> {
  const { roomId, servers } = await resolveTarget(deps, target, via)
  await deps.rooms.requireSafe(actor.userId, roomId)
  const info = await findOwnRoom(deps, roomId)
  const { third_party_signed: signed, ...given } = request
  if (signed !== undefined) await deps.federation.takeUpInvite(actor.userId, roomId, signed)
  if (info === undefined) return joinElsewhere(deps, actor, roomId, { given, via: servers })
  const member = await deps.rooms.findMember(info.room, actor.user)
  if (member?.membership === 'join') return info.roomId
  await requireGuestAccess(deps, actor, info)
  const vouching = await findVouching(deps, info, actor, member?.membership)
  if (!(vouching instanceof NobodyVouches)) return joinHere(deps, actor, info, { given, vouching })
  return joinVouched(deps, actor, info, { given, via: servers }, vouching)
}

type Here = { readonly given: JsonObject; readonly vouching: UserId | undefined }

/** Joins a room that users of ours are in. */
async function joinHere(deps: FlowDeps, actor: Actor, info: KnownRoom, { given, vouching }: Here): Promise<RoomId> {
  const more = { ...given, join_authorised_via_users_server: vouching }
  const content = await memberContent(deps, actor.userId, 'join', more)
  await deps.rooms.send(info.roomId, actor.userId, { type: 'm.room.member', stateKey: actor.userId, content })
  await carrySettings(deps, actor.user, info)
  return info.roomId
}

type Elsewhere = { readonly given: JsonObject; readonly via: readonly string[] }

/** Joins by way of a server that is in the room. */
async function joinElsewhere(deps: FlowDeps, actor: Actor, roomId: RoomId, { given, via }: Elsewhere): Promise<RoomId> {
  if (actor.isGuest === true)
    throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guests join rooms of this server only.')
  const candidates = await listJoinCandidates(deps, actor, roomId, via)
  const { membership: _set, ...content } = await memberContent(deps, actor.userId, 'join', given)
  await deps.federation.joinRemote({ roomId, userId: actor.userId, content, ...candidates })
  const info = await deps.rooms.findRoom(roomId)
  if (info !== undefined) await carrySettings(deps, actor.user, info)
  return roomId
}

/** What an ID or alias means, and servers that know the room. Throws MatrixError M_NOT_FOUND. */
export async function resolveTarget(
  deps: FlowDeps,
  target: RoomIdOrAlias,
  via: readonly string[],
): Promise<{ roomId: RoomId; servers: readonly string[] }> {
  if (!target.startsWith('#')) return { roomId: target as RoomId, servers: via }
  const alias = target as RoomAlias
  if (deps.isLocal(serverNameOf(alias))) return { roomId: (await requireRoom(deps, alias)).roomId, servers: via }
  const found = await resolveRemoteAlias(deps, alias)
  return { roomId: found.roomId, servers: [...via, serverNameOf(alias), ...found.servers] }
}

/**
 * Other servers may let the user in; if they do not, what this one says counts. They may not know yet that the user is
 * in a room whose members may join, nor we that somebody here may let others in: then it is tried again a little later.
 */
async function joinVouched(
  deps: FlowDeps,
  actor: Actor,
  info: KnownRoom,
  elsewhere: Elsewhere,
  nobody: NobodyVouches,
): Promise<RoomId> {
  for (const pauseMs of [...JOIN_AGAIN_AFTER_MS, undefined]) {
    try {
      return await joinElsewhere(deps, actor, info.roomId, elsewhere)
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error
      if (pauseMs === undefined || error.errcode !== 'M_FORBIDDEN' || !nobody.isInAllowed) throw nobody
    }
    await new Promise<void>((resolve) => deps.clock.schedule(pauseMs, resolve))
    const vouching = await findVouching(deps, info, actor, undefined)
    if (!(vouching instanceof NobodyVouches)) return joinHere(deps, actor, info, { given: elsewhere.given, vouching })
  }
  throw nobody
}

/**
 * As `findAuthoriser`; answers the refusal if nobody here can let the user in, but servers that are in the room may.
 */
async function findVouching(
  deps: FlowDeps,
  info: KnownRoom,
  actor: Actor,
  membership: string | undefined,
): Promise<UserId | NobodyVouches | undefined> {
  try {
    return await findAuthoriser(deps, info, actor, membership)
  } catch (error) {
    const servers = await deps.rooms.listJoinedServers(info.room)
    const hasOthers = deps.remote.isEnabled && [...servers.keys()].some((server) => !deps.isLocal(server))
    if (!(error instanceof NobodyVouches && hasOthers)) throw error
    return error
  }
}

/** The room of an ID or alias. Throws MatrixError M_NOT_FOUND. */
export async function requireRoom(deps: FlowDeps, target: RoomIdOrAlias): Promise<KnownRoom> {
  const isAlias = target.startsWith('#')
  const row = isAlias ? await deps.rooms.findAlias(target as RoomAlias) : undefined
  const info = isAlias
    ? row && (await deps.rooms.findRoomByNumber(row.room))
    : await deps.rooms.findRoom(target as RoomId)
  if (info === undefined) throw new MatrixError('M_NOT_FOUND', `The room ${target} is not known to this server.`)
  return info
}

/**
 * A local member who may invite, if the user needs one: the rule is restricted and some allowed room has the user.
 * Throws MatrixError M_FORBIDDEN if the user needs one and there is none.
 */
export async function findAuthoriser(
  deps: FlowDeps,
  info: KnownRoom,
  actor: Actor,
  membership: string | undefined,
): Promise<UserId | undefined> {
  if (!info.rules.restrictedJoin || membership === 'invite' || membership === 'join') return undefined
  const event = await deps.rooms.findStateEvent(info.room, 'm.room.join_rules', '')
  const { joinRule, allowedRooms } = readJoinRules(info.rules, event?.content)
  if (joinRule !== 'restricted' && joinRule !== 'knock_restricted') return undefined
  if (!(await isInSomeRoom(deps, actor, allowedRooms))) {
    throw new NobodyVouches(false, 'You are in none of the rooms whose members may join this one.')
  }
  const authoriser = await deps.rooms.findInviter(info.room, deps.isLocal)
  if (authoriser !== undefined) return authoriser
  throw new NobodyVouches(true, 'No member on this server can let you into the room.')
}

/** True if the actor is joined to one of these rooms. */
export async function isInSomeRoom(deps: FlowDeps, actor: Actor, rooms: readonly string[]): Promise<boolean> {
  const memberships = await deps.rooms.listMemberships(actor.user)
  const numbers = await deps.names.find(rooms)
  return numbers.some((room) => room !== undefined && memberships.get(room)?.membership === 'join')
}
