/** Joins a local room, restricted ones too. Spec: client-server-api#joining-rooms, rooms/v8#authorization-rules. */

import { type JsonObject, type RoomAlias, type RoomId, readJoinRules, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import { carrySettings } from './carry-settings.ts'
import type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
import { requireGuestAccess } from './guest-access.ts'
import { memberContent } from './member-content.ts'

/** The body of the request: what it holds beside these goes into the member event, as with other servers. */
export type JoinRequest = { readonly reason?: string | undefined; readonly third_party_signed?: JsonObject | undefined }

/** The joined room's ID. Joining where one is joined already changes nothing. */
export async function joinRoom(
  deps: FlowDeps,
  actor: Actor,
  target: RoomIdOrAlias,
  request: JoinRequest,
): Promise<RoomId> {
  const info = await requireRoom(deps, target)
  const member = await deps.rooms.findMember(info.room, actor.user)
  if (member?.membership === 'join') return info.roomId
  await requireGuestAccess(deps, actor, info)
  const authoriser = await findAuthoriser(deps, info, actor, member?.membership)
  const { third_party_signed: _unused, ...given } = request
  const content = await memberContent(deps, actor.userId, 'join', {
    ...given,
    join_authorised_via_users_server: authoriser,
  })
  await deps.rooms.send(info.roomId, actor.userId, { type: 'm.room.member', stateKey: actor.userId, content })
  await carrySettings(deps, actor.user, info)
  return info.roomId
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
    throw new MatrixError('M_FORBIDDEN', 'You are in none of the rooms whose members may join this one.')
  }
  const authoriser = await deps.rooms.findInviter(info.room, deps.isLocal)
  if (authoriser !== undefined) return authoriser
  throw new MatrixError('M_FORBIDDEN', 'No member on this server can let you into the room.')
}

/** True if the actor is joined to one of these rooms. */
export async function isInSomeRoom(deps: FlowDeps, actor: Actor, rooms: readonly string[]): Promise<boolean> {
  const memberships = await deps.rooms.listMemberships(actor.user)
  const numbers = await deps.names.find(rooms)
  return numbers.some((room) => room !== undefined && memberships.get(room)?.membership === 'join')
}
