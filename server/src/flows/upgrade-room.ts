/** Replaces a room by one of another version. Spec: client-server-api#room-upgrades. */

import {
  findRoomRules,
  type JsonObject,
  powerOf,
  type RoomId,
  type RoomRules,
  readCreate,
  requiredPower,
} from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { contentText, type EventDraft, headerOf, type KnownRoom } from '../rooms/index.ts'
import { carrySettings } from './carry-settings.ts'
import { createOrExplain } from './create-room.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { memberContent } from './member-content.ts'
import { canSetState, findPowerState, type PowerState } from './power-state.ts'
import { stateDraft } from './room-presets.ts'
import { raisedLevels, silencedLevels, successorLevels } from './successor-levels.ts'

/** State that the new room takes over as it is. */
const carriedTypes = new Set([
  'm.room.join_rules',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.name',
  'm.room.topic',
  'm.room.avatar',
  'm.room.encryption',
  'm.room.server_acl',
  'm.room.canonical_alias',
  'm.room.related_groups',
  'm.room.policy',
  'm.space.child',
  'm.space.parent',
])

export type UpgradeRequest = { readonly new_version: string; readonly additional_creators?: readonly string[] }

/** The new room's ID. Throws MatrixError M_UNSUPPORTED_ROOM_VERSION, M_FORBIDDEN, M_BAD_JSON. */
export async function upgradeRoom(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  request: UpgradeRequest,
): Promise<RoomId> {
  const rules = findRoomRules(request.new_version)
  if (rules === undefined) {
    throw new MatrixError('M_UNSUPPORTED_ROOM_VERSION', `Room version ${request.new_version} is not supported.`)
  }
  const info = await requireReplaceable(deps, actor, roomId)
  // The new room first: whatever happens between the two, no tombstone leads to a room that does not exist.
  const created = await createSuccessor(deps, actor, info, rules, request)
  const tombstone = { body: 'This room has been replaced', replacement_room: created }
  await deps.rooms.send(roomId, actor.userId, stateDraft('m.room.tombstone', tombstone))
  await closeOldRoom(deps, actor, info)
  const successor = await deps.rooms.findRoom(created)
  if (successor !== undefined) await carrySettings(deps, actor.user, successor)
  return created
}

/** The whole room, bans included, if the actor may replace it. */
async function requireReplaceable(deps: FlowDeps, actor: Actor, roomId: RoomId): Promise<KnownRoom> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined || !(await canSetState(deps, info, actor, 'm.room.tombstone'))) {
    throw new MatrixError('M_FORBIDDEN', 'You may not replace this room.')
  }
  if (info.completeSince !== undefined) return info
  await deps.rooms.requireWhole(info.room)
  return (await deps.rooms.findRoom(roomId)) ?? info
}

async function createSuccessor(
  deps: FlowDeps,
  actor: Actor,
  info: KnownRoom,
  rules: RoomRules,
  request: UpgradeRequest,
): Promise<RoomId> {
  const old = await findPowerState(deps, info)
  const creators = rules.privilegedCreators ? (request.additional_creators ?? []) : []
  const creationContent = {
    ...carriedCreation(old),
    predecessor: await predecessorOf(deps, info, rules),
    ...(creators.length > 0 ? { additional_creators: [...creators] } : {}),
  }
  const levels = successorLevels(rules, info.rules, old, [actor.userId, ...creators])
  const raised = raisedLevels(rules, levels, actor.userId)
  const { state, bans } = await carriedState(deps, info)
  const events = [
    { type: 'm.room.member', stateKey: actor.userId, content: await memberContent(deps, actor.userId, 'join') },
    // Before the levels: there the creator's power is above everybody's.
    ...bans.filter((ban) => ban.stateKey !== actor.userId && !creators.includes(ban.stateKey!)),
    stateDraft('m.room.power_levels', raised ?? levels),
    ...state,
    ...(raised === undefined ? [] : [stateDraft('m.room.power_levels', levels)]),
  ]
  return createOrExplain(deps, {
    creator: actor.userId,
    version: rules.version,
    creationContent,
    events,
    replaces: info.room,
  })
}

function carriedCreation({ create }: PowerState): JsonObject {
  const { roomType, federates } = readCreate(create?.content ?? {})
  return { ...(roomType === undefined ? {} : { type: roomType }), ...(federates ? {} : { 'm.federate': false }) }
}

/** From version 12 on the predecessor names no event; before, it is the last one that is known of the old room. */
async function predecessorOf(deps: FlowDeps, { room, roomId }: KnownRoom, rules: RoomRules): Promise<JsonObject> {
  const [last] = rules.privilegedCreators
    ? []
    : await deps.rooms.listTimeline(room, { direction: 'backwards', limit: 1 })
  return { room_id: roomId, ...(last === undefined ? {} : { event_id: last.eventId }) }
}

type Carried = { readonly state: EventDraft[]; readonly bans: EventDraft[] }

async function carriedState(deps: FlowDeps, info: KnownRoom): Promise<Carried> {
  const entries = await deps.rooms.listState(info.snapshot)
  const carried: Carried = { state: [], bans: [] }
  for (const event of await deps.rooms.listEvents(entries.map((entry) => entry.event))) {
    const { type, stateKey } = headerOf(event)
    const content: JsonObject = JSON.parse(contentText(event))
    const draft = { type, stateKey: stateKey!, content }
    if (type === 'm.room.member' && content.membership === 'ban') carried.bans.push(draft)
    else if (carriedTypes.has(type) && Object.keys(content).length > 0) carried.state.push(draft)
  }
  return carried
}

/**
 * What the old room loses, as far as the actor's power goes: aliases that lead to the new room now, and the right of
 * ordinary members to speak and to invite. The upgrade has happened: what is refused here does not make it fail.
 */
async function closeOldRoom(deps: FlowDeps, actor: Actor, info: KnownRoom): Promise<void> {
  const alias = await deps.rooms.findStateEvent(info.room, 'm.room.canonical_alias', '')
  const hasAlias = alias !== undefined && Object.keys(alias.content).length > 0
  const { levels, state, create } = await findPowerState(deps, info)
  const canChange =
    powerOf(info.rules, state, actor.userId, create) >= requiredPower(info.rules, state, 'm.room.power_levels', true)
  const drafts = [
    ...(hasAlias ? [stateDraft('m.room.canonical_alias', {})] : []),
    ...(levels !== undefined && canChange
      ? [stateDraft('m.room.power_levels', silencedLevels(info.rules, levels.content))]
      : []),
  ]
  for (const draft of drafts) {
    try {
      await deps.rooms.send(info.roomId, actor.userId, draft)
    } catch (error) {
      if (!(error instanceof MatrixError && error.errcode === 'M_FORBIDDEN')) throw error
    }
  }
}
