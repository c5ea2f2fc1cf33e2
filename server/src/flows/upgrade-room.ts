/** Replaces a room by one of another version. Spec: client-server-api#room-upgrades. */

import {
  findRoomRules,
  isJsonObject,
  type JsonObject,
  powerOf,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  requiredPower,
  stateKeyOf,
} from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { contentText, type EventDraft, headerOf, newRoomId, type RoomInfo } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { requireRoom } from './join-room.ts'
import { memberContent } from './member-content.ts'
import { stateDraft } from './room-presets.ts'

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

/** The new room's ID. Throws MatrixError M_UNSUPPORTED_ROOM_VERSION, M_NOT_FOUND, M_FORBIDDEN. */
export async function upgradeRoom(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  request: { readonly new_version: string; readonly additional_creators?: readonly string[] },
): Promise<RoomId> {
  const rules = findRoomRules(request.new_version)
  if (rules === undefined) {
    throw new MatrixError('M_UNSUPPORTED_ROOM_VERSION', `Room version ${request.new_version} is not supported.`)
  }
  const info = await requireRoom(deps, roomId)
  const power = await requireTombstonePower(deps, info, actor)
  // From version 12 on the new ID is a hash and the predecessor names no event; before, the tombstone can go first.
  const newId = rules.privilegedCreators ? undefined : newRoomId(actor.userId)
  const tombstone = newId && (await sendTombstone(deps, actor, roomId, newId))
  const predecessor = { room_id: roomId, ...(tombstone === undefined ? {} : { event_id: tombstone }) }
  const created = await createSuccessor(deps, actor, info, rules, { newId, predecessor, request })
  if (newId === undefined) await sendTombstone(deps, actor, roomId, created)
  const successor = await deps.rooms.findRoom(created)
  await deps.rooms.moveToSuccessor(info.room, successor!.room)
  if (power.canChangeLevels) await silenceOldRoom(deps, actor, info)
  return created
}

async function sendTombstone(deps: FlowDeps, actor: Actor, roomId: RoomId, replacement: RoomId): Promise<string> {
  const content = { body: 'This room has been replaced', replacement_room: replacement }
  const sent = await deps.rooms.send(roomId, actor.userId, stateDraft('m.room.tombstone', content))
  return sent.eventId
}

async function requireTombstonePower(deps: FlowDeps, info: RoomInfo, actor: Actor) {
  const member = await deps.rooms.findMember(info.room, actor.user)
  const create = await deps.rooms.findStateEvent(info.room, 'm.room.create', '')
  const levels = await deps.rooms.findStateEvent(info.room, 'm.room.power_levels', '')
  const known = new Map<string, RoomEvent | undefined>([
    [stateKeyOf('m.room.create', ''), create],
    [stateKeyOf('m.room.power_levels', ''), levels],
  ])
  const state = { get: (type: string, key: string) => known.get(stateKeyOf(type, key)) }
  const power = powerOf(info.rules, state, actor.userId, create)
  if (member?.membership !== 'join' || power < requiredPower(info.rules, state, 'm.room.tombstone', true)) {
    throw new MatrixError('M_FORBIDDEN', 'You may not replace this room.')
  }
  return { canChangeLevels: power >= requiredPower(info.rules, state, 'm.room.power_levels', true) }
}

type Successor = {
  readonly newId: RoomId | undefined
  readonly predecessor: JsonObject
  readonly request: { readonly additional_creators?: readonly string[] }
}

async function createSuccessor(
  deps: FlowDeps,
  actor: Actor,
  info: RoomInfo,
  rules: RoomRules,
  { newId, predecessor, request }: Successor,
): Promise<RoomId> {
  const create = await deps.rooms.findStateEvent(info.room, 'm.room.create', '')
  const { creator: _creator, room_version: _version, additional_creators: _more, ...carried } = create?.content ?? {}
  const creators = request.additional_creators ?? []
  const creationContent = {
    ...carried,
    predecessor,
    ...(rules.privilegedCreators && creators.length > 0 ? { additional_creators: [...creators] } : {}),
  }
  const join = {
    type: 'm.room.member',
    stateKey: actor.userId,
    content: await memberContent(deps, actor.userId, 'join'),
  }
  const levels = await deps.rooms.findStateEvent(info.room, 'm.room.power_levels', '')
  const content = successorLevels(rules, info.rules, levels?.content, actor, creators)
  const { raised, final } = withOwnPower(rules, content, actor)
  const events = [
    join,
    stateDraft('m.room.power_levels', raised),
    ...(await carriedState(deps, info)),
    ...(final === undefined ? [] : [stateDraft('m.room.power_levels', final)]),
  ]
  return deps.rooms.create({
    creator: actor.userId,
    version: rules.version,
    creationContent,
    events,
    ...(newId === undefined ? {} : { roomId: newId }),
  })
}

/** Levels fit for the new version: creators of version 12 are not listed, and its tombstone is above every level. */
function successorLevels(
  rules: RoomRules,
  oldRules: RoomRules,
  levels: JsonObject | undefined,
  actor: Actor,
  creators: readonly string[],
): JsonObject {
  const content: JsonObject = { ...(levels ?? {}) }
  const users = isJsonObject(content.users) ? { ...content.users } : {}
  if (rules.privilegedCreators) for (const creator of [actor.userId, ...creators]) delete users[creator]
  else if (oldRules.privilegedCreators || levels === undefined) users[actor.userId] = 100
  return { ...content, users }
}

/** The upgrading user may need more power to write the carried state than they keep afterwards. */
function withOwnPower(
  rules: RoomRules,
  content: JsonObject,
  actor: Actor,
): { raised: JsonObject; final: JsonObject | undefined } {
  if (rules.privilegedCreators) return { raised: content, final: undefined }
  const users = isJsonObject(content.users) ? content.users : {}
  const events = isJsonObject(content.events) ? content.events : {}
  const needed = Math.max(100, ...Object.values(events).map(Number).filter(Number.isSafeInteger))
  if (Number(users[actor.userId] ?? 0) >= needed) return { raised: content, final: undefined }
  return { raised: { ...content, users: { ...users, [actor.userId]: needed } }, final: content }
}

async function carriedState(deps: FlowDeps, info: RoomInfo): Promise<EventDraft[]> {
  const entries = await deps.rooms.listState(info.snapshot)
  const drafts: EventDraft[] = []
  for (const event of await deps.rooms.listEvents(entries.map((entry) => entry.event))) {
    const { type, stateKey } = headerOf(event)
    const content: JsonObject = JSON.parse(contentText(event))
    const isBan = type === 'm.room.member' && content.membership === 'ban'
    if ((carriedTypes.has(type) && Object.keys(content).length > 0) || isBan) {
      drafts.push({ type, stateKey: stateKey!, content })
    }
  }
  return drafts
}

/** Only who had more than ordinary power goes on speaking in the old room. */
async function silenceOldRoom(deps: FlowDeps, actor: Actor, info: RoomInfo): Promise<void> {
  const levels = await deps.rooms.findStateEvent(info.room, 'm.room.power_levels', '')
  if (levels === undefined) return
  const usersDefault = Number(levels.content.users_default ?? 0)
  const floor = Math.max(50, usersDefault + 1)
  const raise = (level: unknown) => Math.max(floor, Number(level ?? 0))
  const content = {
    ...levels.content,
    events_default: raise(levels.content.events_default),
    invite: raise(levels.content.invite),
  }
  try {
    await deps.rooms.send(info.roomId, actor.userId, stateDraft('m.room.power_levels', content))
  } catch (error) {
    // The upgrade has happened: an old room that stays open to speak in is no reason to call it failed.
    if (!(error instanceof MatrixError && error.errcode === 'M_FORBIDDEN')) throw error
  }
}
