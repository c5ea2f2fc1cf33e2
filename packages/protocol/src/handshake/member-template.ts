/**
 * The asking server's side of joining, knocking and leaving by way of another server: what to check of the template
 * that
 * `make_join`, `make_knock` or `make_leave` answered, and how to make the event from it.
 * Spec: server-server-api#joining-rooms, #knocking-rooms, #leaving-rooms-rejecting-invites.
 */

import { ProtocolError } from '../errors.ts'
import { type BuiltEvent, buildEventWithText } from '../event/build-pdu.ts'
import { eventLimits } from '../event/limits.ts'
import type { EventId, RoomId, UserId } from '../ids.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import { isEventIdText, isUserIdText } from '../parse-ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { requireRoomRules } from '../room-version/versions.ts'
import type { Signer } from '../signing/sign-json.ts'

/** What another server can help a user to. */
export type HandshakeMembership = 'join' | 'knock' | 'leave'

/** A template that passed the checks. */
export type MemberTemplate = {
  readonly rules: RoomRules
  readonly roomId: RoomId
  readonly userId: UserId
  readonly membership: HandshakeMembership
  /** The resident server's user in whose name a restricted join is authorised. */
  readonly authorisingUser: UserId | undefined
  readonly depth: number
  readonly prevEvents: readonly EventId[]
  readonly authEvents: readonly EventId[]
  /** Versions 1–2: the reference hashes that the template gave. */
  readonly referenceHashes: ReadonlyMap<EventId, string>
}

export type TemplateRequest = { readonly roomId: RoomId; readonly userId: UserId }

/** What our server adds to a template. */
export type TemplateFilling = {
  /** Display name, avatar, reason; `membership` and the authorising user are set from the template. */
  readonly content: JsonObject
  readonly originServerTs: number
  /** Versions 1–2 only, and necessary there. */
  readonly eventId?: EventId
}

/** The template of a `make_*` reply; throws `bad-event` or `unknown-room-version` if it is not what we asked for. */
export function parseMemberTemplate(
  membership: HandshakeMembership,
  json: unknown,
  { roomId, userId }: TemplateRequest,
): MemberTemplate {
  if (!isJsonObject(json) || !isJsonObject(json.event)) fail('event: not an object')
  const version = json.room_version ?? '1'
  if (typeof version !== 'string') fail('room_version: not a string')
  const rules = requireRoomRules(version)
  const { event } = json
  if (event.type !== 'm.room.member') fail('type: not m.room.member')
  if (event.room_id !== roomId) fail('room_id: not the room we asked about')
  if (event.sender !== userId || event.state_key !== userId) fail('sender or state_key: not the user we asked for')
  if (!isJsonObject(event.content) || event.content.membership !== membership) fail('membership: not what we asked for')
  if (typeof event.depth !== 'number' || !Number.isInteger(event.depth) || event.depth < 0)
    fail('depth: not an integer')
  const authorisingUser = membership === 'join' && rules.restrictedJoin ? findAuthorisingUser(event.content) : undefined
  const prev = readReferences(rules, event.prev_events, eventLimits.prevEventsMax)
  const auth = readReferences(rules, event.auth_events, eventLimits.authEventsMax)
  return {
    ...{ rules, roomId, userId, membership, authorisingUser },
    depth: Math.min(event.depth, eventLimits.depthMax),
    prevEvents: [...prev.keys()],
    authEvents: [...auth.keys()],
    referenceHashes: new Map([...prev, ...auth]),
  }
}

/** The signed event to be sent with `send_join`, `send_knock` or `send_leave`. */
export function buildMemberFromTemplate(
  template: MemberTemplate,
  filling: TemplateFilling,
  signer: Signer,
): BuiltEvent {
  const { rules, roomId, userId, membership, authorisingUser, depth, prevEvents, authEvents, referenceHashes } =
    template
  const content = {
    ...filling.content,
    membership,
    ...(authorisingUser !== undefined && { join_authorised_via_users_server: authorisingUser }),
  }
  const draft = {
    ...{ roomId, type: 'm.room.member', sender: userId, stateKey: userId, content, depth, prevEvents, authEvents },
    originServerTs: filling.originServerTs,
    ...(filling.eventId !== undefined && { eventId: filling.eventId }),
    referenceHashOf: (id: EventId) => referenceHashes.get(id) ?? '',
  }
  return buildEventWithText(rules, draft, signer)
}

function findAuthorisingUser(content: JsonObject): UserId | undefined {
  const user = content.join_authorised_via_users_server
  if (user === undefined) return undefined
  if (typeof user !== 'string' || !isUserIdText(user)) fail('join_authorised_via_users_server: not a user ID')
  return user
}

/** Event IDs and, in versions 1–2, their hashes. */
function readReferences(rules: RoomRules, value: JsonValue | undefined, lengthMax: number): Map<EventId, string> {
  if (!Array.isArray(value) || value.length > lengthMax) fail('references: not a list, or too many')
  const references = new Map<EventId, string>()
  for (const entry of value) {
    const [id, hashes] = rules.eventFormat === 1 && Array.isArray(entry) ? entry : [entry, undefined]
    if (typeof id !== 'string' || !isEventIdText(id)) fail('references: not all are event IDs')
    const hash = isJsonObject(hashes) ? hashes.sha256 : undefined
    references.set(id, typeof hash === 'string' ? hash : '')
  }
  return references
}

function fail(message: string): never {
  throw new ProtocolError('bad-event', `Bad template: ${message}`)
}
