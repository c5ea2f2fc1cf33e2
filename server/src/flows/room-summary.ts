/**
 * What somebody may know of a room before joining.
 * Spec: client-server-api#get_matrixclientv1room_summaryroomidoralias.
 */

import { type JsonObject, readHistoryVisibility, readJoinRules } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
import { isInSomeRoom, requireRoom } from './join-room.ts'
import { directoryEntry } from './public-rooms.ts'

/** `actor` undefined: nobody is logged in. Throws M_NOT_FOUND for rooms that are unknown or closed to the actor. */
export async function summarizeRoom(
  deps: FlowDeps,
  actor: Actor | undefined,
  target: RoomIdOrAlias,
): Promise<JsonObject> {
  const info = await requireRoom(deps, target)
  const member = actor && (await deps.rooms.findMember(info.room, actor.user))
  const rule = await deps.rooms.findStateEvent(info.room, 'm.room.join_rules', '')
  const { joinRule, allowedRooms } = readJoinRules(info.rules, rule?.content)
  const isMember = member?.membership === 'join' || member?.membership === 'invite' || member?.membership === 'knock'
  const isOpen = isMember || openRules.has(joinRule) || (await isWorldReadable(deps, info))
  const isAllowed = isOpen || (joinRule === 'restricted' && actor && (await isInSomeRoom(deps, actor, allowedRooms)))
  if (!isAllowed) throw new MatrixError('M_NOT_FOUND', `The room ${target} is not known to this server.`)
  const membership = actor === undefined ? {} : { membership: member?.membership ?? 'leave' }
  return { ...(await describeRoom(deps, info)), ...membership }
}

/** What is told of a room to whoever may know of it: the directory's entry, version, encryption, rooms to join from. */
export async function describeRoom(deps: Pick<FlowDeps, 'rooms'>, info: KnownRoom): Promise<JsonObject> {
  const rule = await deps.rooms.findStateEvent(info.room, 'm.room.join_rules', '')
  const { joinRule, allowedRooms } = readJoinRules(info.rules, rule?.content)
  const encryption = await deps.rooms.findStateEvent(info.room, 'm.room.encryption', '')
  const isRestricted = joinRule === 'restricted' || joinRule === 'knock_restricted'
  return {
    ...(await directoryEntry(deps, info)),
    room_version: info.rules.version,
    ...(encryption?.content.algorithm === megolm ? { encryption: megolm } : {}),
    ...(isRestricted ? { allowed_room_ids: [...allowedRooms] } : {}),
  }
}

const megolm = 'm.megolm.v1.aes-sha2'
/** Rules under which anyone may ask to get in. */
const openRules: ReadonlySet<string> = new Set(['public', 'knock', 'knock_restricted'])

async function isWorldReadable({ rooms }: FlowDeps, { room }: KnownRoom): Promise<boolean> {
  const visibility = await rooms.findStateEvent(room, 'm.room.history_visibility', '')
  return readHistoryVisibility(visibility?.content) === 'world_readable'
}
