/** Makes a room as a client asked for it. Spec: client-server-api#post_matrixclientv3createroom. */

import {
  findRoomRules,
  isJsonObject,
  type JsonObject,
  parseRoomAlias,
  parseUserId,
  type RoomAlias,
  type RoomId,
  type RoomRules,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { CreateRoomOptions, EventDraft } from '../rooms/index.ts'
import { invite } from './change-membership.ts'
import { parseAliases } from './check-canonical-alias.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { inviteByAddress, parseAddressInvites } from './invite-by-address.ts'
import { memberContent } from './member-content.ts'
import { parseOrExplain } from './parse-or-explain.ts'
import { requireInvitable } from './require-invitable.ts'
import { initialPowerLevels, type Preset, presetEvents, stateDraft } from './room-presets.ts'

/** The body of the request, as the specification names it. */
export type CreateRoomRequest = {
  readonly visibility?: 'public' | 'private'
  readonly room_alias_name?: string
  readonly name?: string
  readonly topic?: string
  readonly invite?: readonly string[]
  readonly invite_3pid?: readonly unknown[]
  readonly room_version?: string
  readonly creation_content?: JsonObject
  readonly initial_state?: readonly { type: string; state_key?: string; content: JsonObject }[]
  readonly preset?: Preset
  readonly is_direct?: boolean
  readonly power_level_content_override?: JsonObject
}

const INVITES_MAX = 100
const INITIAL_STATE_MAX = 200

/**
 * The new room's ID. Throws MatrixError M_UNSUPPORTED_ROOM_VERSION, M_ROOM_IN_USE, M_INVALID_ROOM_STATE,
 * M_INVALID_PARAM.
 */
export async function createRoom(deps: FlowDeps, actor: Actor, request: CreateRoomRequest): Promise<RoomId> {
  const rules = findRoomRules(request.room_version ?? deps.defaultRoomVersion)
  if (rules === undefined) {
    throw new MatrixError('M_UNSUPPORTED_ROOM_VERSION', `Room version ${request.room_version} is not supported.`)
  }
  const alias = await requireFreeAlias(deps, actor, request.room_alias_name)
  const invited = parseInvited(request)
  await requireAllInvitable(deps, actor, invited, request)
  const addressed = parseAddressInvites(deps, request.invite_3pid ?? [])
  const preset = request.preset ?? (request.visibility === 'public' ? 'public_chat' : 'private_chat')
  const trusted = preset === 'trusted_private_chat' ? invited : []
  const isDirect = request.is_direct === true
  const isOurs = (user: UserId) => deps.isLocal(serverNameOf(user))
  const events = [
    { type: 'm.room.member', stateKey: actor.userId, content: await memberContent(deps, actor.userId, 'join') },
    stateDraft(
      'm.room.power_levels',
      initialPowerLevels(rules, preset, actor.userId, trusted, request.power_level_content_override),
    ),
    ...(alias === undefined ? [] : [stateDraft('m.room.canonical_alias', { alias })]),
    ...chosenState(request, { preset, alias }),
    ...(await inviteDrafts(deps, invited.filter(isOurs), isDirect)),
  ]
  const creationContent = creationContentOf(rules, request, trusted)
  const isPublic = request.visibility === 'public'
  const roomId = await createOrExplain(deps, {
    creator: actor.userId,
    version: rules.version,
    creationContent,
    events,
    alias,
    isPublic,
  })
  const others = invited.filter((user) => !isOurs(user))
  const more: JsonObject = isDirect ? { is_direct: true } : {}
  await Promise.all([
    ...others.map((user) => trying(deps, roomId, () => invite(deps, { roomId }, actor, user, more))),
    ...addressed.map((asked) => trying(deps, roomId, () => inviteByAddress(deps, actor, roomId, asked, more))),
  ])
  return roomId
}

/** The room is there already: a server that cannot be asked is no reason to call the request failed. */
async function trying(deps: FlowDeps, roomId: RoomId, work: () => Promise<void>) {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    deps.logger.info({ roomId, err: error }, 'somebody who is not of this server was not invited')
  }
}

/**
 * Makes the room; what the rules refuse in a room that is not there yet is its asker's mistake: M_INVALID_ROOM_STATE.
 */
export async function createOrExplain(deps: FlowDeps, options: CreateRoomOptions): Promise<RoomId> {
  try {
    return await deps.rooms.create(options)
  } catch (error) {
    if (!(error instanceof MatrixError && error.errcode === 'M_FORBIDDEN')) throw error
    throw new MatrixError('M_INVALID_ROOM_STATE', `The room would not be valid: ${error.message}`)
  }
}

async function requireFreeAlias(
  deps: FlowDeps,
  actor: Actor,
  localpart: string | undefined,
): Promise<RoomAlias | undefined> {
  if (localpart === undefined) return undefined
  if (/[:#\0\s]/.test(localpart) || localpart === '') {
    throw new MatrixError('M_INVALID_PARAM', 'The local part of an alias has no colon, # or white space.')
  }
  const alias = parseOrExplain(() => parseRoomAlias(`#${localpart}:${serverNameOf(actor.userId)}`))
  const taken = await deps.rooms.findAlias(alias)
  if (taken !== undefined) throw new MatrixError('M_ROOM_IN_USE', `The alias ${alias} is taken.`)
  return alias
}

function parseInvited(request: CreateRoomRequest): UserId[] {
  const invited = [...new Set(request.invite ?? [])]
  if (invited.length + (request.invite_3pid ?? []).length > INVITES_MAX) {
    throw new MatrixError('M_INVALID_PARAM', `At most ${INVITES_MAX} users can be invited at once.`)
  }
  return invited.map((user) => parseOrExplain(() => parseUserId(user)))
}

/** Those of the list, and those whom the initial state invites. */
async function requireAllInvitable(
  deps: FlowDeps,
  actor: Actor,
  invited: readonly UserId[],
  { initial_state: initial = [] }: CreateRoomRequest,
): Promise<void> {
  for (const user of invited) await requireInvitable(deps, actor, user)
  for (const { type, state_key: stateKey = '', content } of initial) {
    if (type === 'm.room.member' && content.membership === 'invite')
      await requireInvitable(deps, actor, stateKey as UserId)
  }
}

/** The preset's events, unless the initial state holds the same; then the initial state, name and topic. */
function chosenState(
  request: CreateRoomRequest,
  { preset, alias }: { preset: Preset; alias: RoomAlias | undefined },
): EventDraft[] {
  const initial = request.initial_state ?? []
  if (initial.length > INITIAL_STATE_MAX) {
    throw new MatrixError('M_INVALID_PARAM', `At most ${INITIAL_STATE_MAX} events of initial state are taken.`)
  }
  const drafts = new Map<string, EventDraft>()
  const put = (draft: EventDraft) => drafts.set(`${draft.type}\0${draft.stateKey}`, draft)
  for (const draft of presetEvents(preset)) put(draft)
  for (const { type, state_key: stateKey = '', content } of initial) {
    const draft = { type, stateKey, content }
    checkInitial(draft, alias)
    put(draft)
  }
  if (request.name !== undefined) put(stateDraft('m.room.name', { name: request.name }))
  if (request.topic !== undefined) put(stateDraft('m.room.topic', topicContent(request.topic)))
  return [...drafts.values()]
}

/** The checks of state that are not authorisation, as when it is sent later. */
function checkInitial({ type, stateKey, content }: EventDraft, alias: RoomAlias | undefined): void {
  if (type !== 'm.room.canonical_alias' || stateKey !== '') return
  const [other] = parseAliases(content, new Set([alias]))
  if (other !== undefined) throw new MatrixError('M_BAD_ALIAS', `The alias ${other} does not lead to this room.`)
}

function topicContent(topic: string): JsonObject {
  return { topic, 'm.topic': { 'm.text': [{ body: topic }] } }
}

async function inviteDrafts(deps: FlowDeps, invited: readonly UserId[], isDirect: boolean): Promise<EventDraft[]> {
  const more: JsonObject = isDirect ? { is_direct: true } : {}
  return Promise.all(
    invited.map(async (user) => ({
      type: 'm.room.member',
      stateKey: user,
      content: await memberContent(deps, user, 'invite', more),
    })),
  )
}

function creationContentOf(rules: RoomRules, request: CreateRoomRequest, trusted: readonly UserId[]): JsonObject {
  const content = isJsonObject(request.creation_content) ? { ...request.creation_content } : {}
  delete content.creator
  delete content.room_version
  if (!rules.privilegedCreators || trusted.length === 0) return content
  const given = Array.isArray(content.additional_creators) ? content.additional_creators : []
  return { ...content, additional_creators: [...new Set([...given, ...trusted])] }
}
