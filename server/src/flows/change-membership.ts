/** Leave, invite, kick, ban, unban, knock, forget. Spec: client-server-api#room-membership. */

import { type JsonObject, type RoomId, serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { MemberRow, Membership, RoomInfo } from '../rooms/index.ts'
import type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
import { requireRoom } from './join-room.ts'
import { memberContent } from './member-content.ts'

export async function leaveRoom(deps: FlowDeps, actor: Actor, roomId: RoomId, reason?: string): Promise<void> {
  const { info, member } = await look(deps, roomId, actor.user)
  if (member === undefined) throw new MatrixError('M_FORBIDDEN', 'You are not in this room.')
  if (member.membership === 'leave') return
  await put(deps, info, actor, actor.userId, 'leave', { reason })
}

export async function inviteUser(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  target: UserId,
  reason?: string,
): Promise<void> {
  const { info, member } = await look(deps, roomId, await numberOf(deps, target))
  if (member?.membership === 'join') throw new MatrixError('M_FORBIDDEN', `${target} is in the room already.`)
  requireLocal(deps, target)
  await put(deps, info, actor, target, 'invite', { reason })
}

/** Takes a user out who is in the room, invited or knocking. */
export async function kickUser(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  target: UserId,
  reason?: string,
): Promise<void> {
  const { info, member } = await look(deps, roomId, await numberOf(deps, target))
  const isThere = member !== undefined && ['join', 'invite', 'knock'].includes(member.membership)
  if (!isThere) throw new MatrixError('M_FORBIDDEN', `${target} is not in the room.`)
  await put(deps, info, actor, target, 'leave', { reason })
}

export async function banUser(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  target: UserId,
  reason?: string,
): Promise<void> {
  const { info } = await look(deps, roomId, undefined)
  await put(deps, info, actor, target, 'ban', { reason })
}

export async function unbanUser(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  target: UserId,
  reason?: string,
): Promise<void> {
  const { info, member } = await look(deps, roomId, await numberOf(deps, target))
  if (member?.membership !== 'ban') throw new MatrixError('M_FORBIDDEN', `${target} is not banned.`)
  await put(deps, info, actor, target, 'leave', { reason })
}

/** Asks to be let in; answers the room's ID. */
export async function knockRoom(deps: FlowDeps, actor: Actor, target: RoomIdOrAlias, reason?: string): Promise<RoomId> {
  const info = await requireRoom(deps, target)
  await put(deps, info, actor, actor.userId, 'knock', { reason })
  return info.roomId
}

/** Hides a room that the user has left. Throws MatrixError M_UNKNOWN while the user is still in it. */
export async function forgetRoom(deps: FlowDeps, actor: Actor, roomId: RoomId): Promise<void> {
  const { info, member } = await look(deps, roomId, actor.user)
  if (member === undefined) throw new MatrixError('M_UNKNOWN', 'You were never in this room.')
  if (member.membership !== 'leave' && member.membership !== 'ban') {
    throw new MatrixError('M_UNKNOWN', 'Leave the room before you forget it.')
  }
  await deps.rooms.forget(info.room, actor.user)
}

type Look = { info: RoomInfo; member: MemberRow | undefined }

async function look(deps: FlowDeps, roomId: RoomId, user: number | undefined): Promise<Look> {
  const info = await requireRoom(deps, roomId)
  return { info, member: user === undefined ? undefined : await deps.rooms.findMember(info.room, user) }
}

async function numberOf(deps: FlowDeps, user: UserId): Promise<number | undefined> {
  return (await deps.names.find([user]))[0]
}

/** While this server speaks with no other, nobody else's users can be told of an invitation. */
function requireLocal(deps: FlowDeps, target: UserId): void {
  if (deps.isLocal(serverNameOf(target))) return
  throw new MatrixError('M_FORBIDDEN', `${target} is on another server, and federation is off.`)
}

async function put(
  deps: FlowDeps,
  info: RoomInfo,
  actor: Actor,
  target: UserId,
  membership: Membership,
  more: JsonObject,
): Promise<void> {
  const content = await memberContent(deps, target, membership, more)
  await deps.rooms.send(info.roomId, actor.userId, { type: 'm.room.member', stateKey: target, content })
}
