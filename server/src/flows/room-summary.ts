/**
 * What somebody may know of a room before joining.
 * Spec: client-server-api#get_matrixclientv1room_summaryroomidoralias.
 */

import { type JsonObject, type RoomAlias, readHistoryVisibility, readJoinRules, serverNameOf } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
import { isInSomeRoom, resolveTarget } from './join-room.ts'
import { directoryEntry } from './public-rooms.ts'
import { openRules } from './read-summary.ts'
import { findOwnRoom, findPlace, listCandidates } from './remote-room.ts'
import type { RemoteSummaries } from './remote-summaries.ts'

/**
 * `actor` undefined: nobody is logged in, for whom no other server is asked. Throws M_NOT_FOUND for rooms that are
 * unknown or closed to the actor.
 */
export async function summarizeRoom(
  deps: FlowDeps,
  remote: RemoteSummaries,
  actor: Actor | undefined,
  { target, via }: { readonly target: RoomIdOrAlias; readonly via: readonly string[] },
): Promise<JsonObject> {
  const unknown = new MatrixError('M_NOT_FOUND', `The room ${target} is not known to this server.`)
  const isElsewhere = target.startsWith('#') && !deps.isLocal(serverNameOf(target as RoomAlias))
  if (isElsewhere && actor === undefined) throw unknown
  const { roomId, servers } = await resolveTarget(deps, target, via)
  const info = await findOwnRoom(deps, roomId)
  const own = info && (await summarizeOwn(deps, actor, info))
  if (own !== undefined) return own
  if (info !== undefined || actor === undefined) throw unknown
  const candidates = await listCandidates(deps, actor, roomId, servers)
  const told = await remote.find(actor, { roomId, servers: candidates, suggestedOnly: false })
  if (told === undefined) throw unknown
  return { ...told.entry, membership: (await findPlace(deps, actor, roomId))?.membership ?? 'leave' }
}

/** Of a room that users of ours are in; undefined if it is closed to the actor. */
export async function summarizeOwn(
  deps: FlowDeps,
  actor: Actor | undefined,
  info: KnownRoom,
): Promise<JsonObject | undefined> {
  const member = actor && (await deps.rooms.findMember(info.room, actor.user))
  const rule = await deps.rooms.findStateEvent(info.room, 'm.room.join_rules', '')
  const { joinRule, allowedRooms } = readJoinRules(info.rules, rule?.content)
  const isMember = member?.membership === 'join' || member?.membership === 'invite' || member?.membership === 'knock'
  const isOpen = isMember || openRules.has(joinRule) || (await isWorldReadable(deps, info))
  const isAllowed = isOpen || (joinRule === 'restricted' && actor && (await isInSomeRoom(deps, actor, allowedRooms)))
  if (!isAllowed) return undefined
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

async function isWorldReadable({ rooms }: FlowDeps, { room }: KnownRoom): Promise<boolean> {
  const visibility = await rooms.findStateEvent(room, 'm.room.history_visibility', '')
  return readHistoryVisibility(visibility?.content) === 'world_readable'
}
