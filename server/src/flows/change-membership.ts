/** Leave, invite, kick, ban, unban, knock, forget. Spec: client-server-api#room-membership. */

import { type JsonObject, type RoomId, serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom, MemberRow, Membership } from '../rooms/index.ts'
import type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
import { resolveTarget } from './join-room.ts'
import { memberContent } from './member-content.ts'
import { findOwnRoom, findPlace, listCandidates } from './remote-room.ts'
import { requireInvitable } from './require-invitable.ts'
import { requireLeavable } from './require-leavable.ts'

/** What is done to whom. */
export type MemberChange = {
  readonly roomId: RoomId
  readonly target: UserId
  readonly reason?: string | undefined
  /** More content of the event. */
  readonly more?: JsonObject
}

/**
 * Leaves a room, rejects an invitation, takes a knock back. Who is out already stays out. Throws MatrixError
 * M_FORBIDDEN, M_CANNOT_LEAVE_SERVER_NOTICE_ROOM.
 */
export async function leaveRoom(deps: FlowDeps, actor: Actor, roomId: RoomId, reason?: string): Promise<void> {
  const member = await findPlace(deps, actor, roomId)
  if (member === undefined) throw notInRoom()
  if (member.membership === 'leave') return
  const info = await findOwnRoom(deps, roomId)
  if (info === undefined) return leaveElsewhere(deps, actor, roomId, member, reason)
  await requireLeavable(deps, actor, roomId)
  await put(deps, info, actor, actor.userId, 'leave', { reason })
}

/** Rejects an invitation to a room that nobody here is in, or takes a knock back. */
async function leaveElsewhere(deps: FlowDeps, actor: Actor, roomId: RoomId, member: MemberRow, reason?: string) {
  if (member.membership === 'ban') throw notInRoom()
  const [left] = await deps.rooms.listEvents([member.event])
  const servers = await listCandidates(deps, actor, roomId, [])
  const content = reason === undefined ? {} : { reason }
  await deps.federation.leaveRemote({ roomId, userId: actor.userId, servers, content }, left!)
}

export async function inviteUser(deps: FlowDeps, actor: Actor, change: MemberChange): Promise<void> {
  const { info, member } = await look(deps, actor, change)
  const { target, reason, more = {} } = change
  if (member?.membership === 'join') throw new MatrixError('M_FORBIDDEN', `${target} is in the room already.`)
  await requireInvitable(deps, actor, target)
  await invite(deps, info, actor, target, reason === undefined ? more : { ...more, reason })
}

/** A user of another server is in the room's state once their server has signed the invitation. */
export async function invite(
  deps: FlowDeps,
  info: Pick<KnownRoom, 'roomId'>,
  actor: Actor,
  target: UserId,
  more: JsonObject,
): Promise<void> {
  const { membership: _set, ...content } = await memberContent(deps, target, 'invite', more)
  const wish = { roomId: info.roomId, sender: actor.userId, target, content }
  if (!deps.isLocal(serverNameOf(target))) return deps.federation.inviteRemote(wish)
  await put(deps, info, actor, target, 'invite', more)
}

/** Takes a user out who is in the room, invited or knocking. */
export async function kickUser(deps: FlowDeps, actor: Actor, change: MemberChange): Promise<void> {
  const { info, member } = await look(deps, actor, change)
  const { target, reason } = change
  const isThere = member !== undefined && ['join', 'invite', 'knock'].includes(member.membership)
  if (!isThere) throw new MatrixError('M_FORBIDDEN', `${target} is not in the room.`)
  await put(deps, info, actor, target, 'leave', { reason })
}

export async function banUser(deps: FlowDeps, actor: Actor, change: MemberChange): Promise<void> {
  const { info } = await look(deps, actor, change)
  await put(deps, info, actor, change.target, 'ban', { reason: change.reason })
}

/** Throws MatrixError M_BAD_STATE (status 403) if the user is not banned. */
export async function unbanUser(deps: FlowDeps, actor: Actor, change: MemberChange): Promise<void> {
  const { info, member } = await look(deps, actor, change)
  const { target, reason } = change
  if (member?.membership !== 'ban') throw new MatrixError('M_BAD_STATE', `${target} is not banned.`, {}, 403)
  await put(deps, info, actor, target, 'leave', { reason })
}

/** Asks to be let in; answers the room's ID. */
export async function knockRoom(
  deps: FlowDeps,
  actor: Actor,
  target: RoomIdOrAlias,
  { reason, via = [] }: { readonly reason?: string | undefined; readonly via?: readonly string[] },
): Promise<RoomId> {
  const { roomId, servers: named } = await resolveTarget(deps, target, via)
  await deps.rooms.requireSafe(actor.userId, roomId)
  const info = await findOwnRoom(deps, roomId)
  if (info === undefined) {
    const servers = await listCandidates(deps, actor, roomId, named)
    const given = reason === undefined ? {} : { reason }
    const { membership: _set, ...content } = await memberContent(deps, actor.userId, 'knock', given)
    await deps.federation.knockRemote({ roomId, userId: actor.userId, servers, content })
    return roomId
  }
  await put(deps, info, actor, actor.userId, 'knock', { reason })
  return info.roomId
}

/** Hides a room that the user has left. Throws MatrixError M_UNKNOWN while the user is still in it. */
export async function forgetRoom(deps: FlowDeps, actor: Actor, roomId: RoomId): Promise<void> {
  const info = await deps.rooms.findRoom(roomId)
  const member = info && (await deps.rooms.findMember(info.room, actor.user))
  if (info === undefined || member === undefined) throw new MatrixError('M_UNKNOWN', 'You were never in this room.')
  if (member.membership !== 'leave' && member.membership !== 'ban') {
    throw new MatrixError('M_UNKNOWN', 'Leave the room before you forget it.')
  }
  await deps.rooms.forget(info.room, actor.user)
}

type Look = { info: KnownRoom; member: MemberRow | undefined }

/** The room, and the target's place in it: told to members only. Throws MatrixError M_FORBIDDEN. */
async function look(deps: FlowDeps, actor: Actor, { roomId, target }: MemberChange): Promise<Look> {
  const info = await deps.rooms.findRoom(roomId)
  const own = info && (await deps.rooms.findMember(info.room, actor.user))
  if (info === undefined || own?.membership !== 'join') throw notInRoom()
  const [user] = await deps.names.find([target])
  return { info, member: user === undefined ? undefined : await deps.rooms.findMember(info.room, user) }
}

/** For an unknown room as for one that the actor is not in. */
function notInRoom(): MatrixError {
  return new MatrixError('M_FORBIDDEN', 'You are not in this room.')
}

async function put(
  deps: FlowDeps,
  info: Pick<KnownRoom, 'roomId'>,
  actor: Actor,
  target: UserId,
  membership: Membership,
  more: JsonObject,
): Promise<void> {
  const content = await memberContent(deps, target, membership, more)
  await deps.rooms.send(info.roomId, actor.userId, { type: 'm.room.member', stateKey: target, content })
}
