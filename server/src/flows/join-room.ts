/** Joins a local room, restricted ones too. Spec: client-server-api#joining-rooms, rooms/v8#authorization-rules. */

import {
  isJsonObject,
  type JsonObject,
  levelFor,
  powerOf,
  type RoomAlias,
  type RoomId,
  serverNameOf,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { RoomInfo } from '../rooms/index.ts'
import type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
import { memberContent } from './member-content.ts'

export type JoinRequest = { readonly reason?: string | undefined; readonly third_party_signed?: JsonObject | undefined }

/** Rooms of a restricted join rule that are looked at. */
const ALLOW_MAX = 100

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
  const authoriser = await findAuthoriser(deps, info, actor, member?.membership)
  const content = await memberContent(deps, actor.userId, 'join', {
    reason: request.reason,
    join_authorised_via_users_server: authoriser,
  })
  await deps.rooms.send(info.roomId, actor.userId, { type: 'm.room.member', stateKey: actor.userId, content })
  return info.roomId
}

/** The room of an ID or alias. Throws MatrixError M_NOT_FOUND. */
export async function requireRoom(deps: FlowDeps, target: RoomIdOrAlias): Promise<RoomInfo> {
  const isAlias = target.startsWith('#')
  const row = isAlias ? await deps.rooms.findAlias(target as RoomAlias) : undefined
  const info = isAlias
    ? row && (await deps.rooms.findRoomByNumber(row.room))
    : await deps.rooms.findRoom(target as RoomId)
  if (info === undefined) throw new MatrixError('M_NOT_FOUND', `The room ${target} is not known to this server.`)
  return info
}

/** A local member who may invite, if the user needs one: the rule is restricted and some allowed room has the user. */
async function findAuthoriser(
  deps: FlowDeps,
  info: RoomInfo,
  actor: Actor,
  membership: string | undefined,
): Promise<UserId | undefined> {
  if (!info.rules.restrictedJoin || membership === 'invite') return undefined
  const joinRules = await deps.rooms.findStateEvent(info.room, 'm.room.join_rules', '')
  const rule = joinRules?.content.join_rule
  if (rule !== 'restricted' && rule !== 'knock_restricted') return undefined
  if (!(await isInAllowedRoom(deps, actor, joinRules!.content))) {
    throw new MatrixError('M_FORBIDDEN', 'You are in none of the rooms whose members may join this one.')
  }
  const authoriser = await findInviter(deps, info)
  if (authoriser !== undefined) return authoriser
  throw new MatrixError('M_UNABLE_TO_GRANT_JOIN', 'No member on this server can let you into the room.')
}

async function isInAllowedRoom(deps: FlowDeps, actor: Actor, joinRules: JsonObject): Promise<boolean> {
  const allow = Array.isArray(joinRules.allow) ? joinRules.allow.slice(0, ALLOW_MAX) : []
  const memberships = await deps.rooms.listMemberships(actor.user)
  for (const entry of allow) {
    if (!isJsonObject(entry) || entry.type !== 'm.room_membership' || typeof entry.room_id !== 'string') continue
    const info = await deps.rooms.findRoom(entry.room_id as RoomId)
    if (info !== undefined && memberships.get(info.room)?.membership === 'join') return true
  }
  return false
}

async function findInviter(deps: FlowDeps, info: RoomInfo): Promise<UserId | undefined> {
  const [create, levels] = await Promise.all(
    ['m.room.create', 'm.room.power_levels'].map((type) => deps.rooms.findStateEvent(info.room, type, '')),
  )
  const known = new Map([
    [stateKeyOf('m.room.create', ''), create],
    [stateKeyOf('m.room.power_levels', ''), levels],
  ])
  const state = { get: (type: string, key: string) => known.get(stateKeyOf(type, key)) }
  const needed = levelFor(info.rules, state, 'invite')
  const joined = [...(await deps.rooms.listJoinedUsers(info.room))]
  const users = (await deps.names.texts(joined)) as UserId[]
  return users.find((user) => deps.isLocal(serverNameOf(user)) && powerOf(info.rules, state, user, create) >= needed)
}
