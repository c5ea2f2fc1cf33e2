/**
 * The reply to `send_join` as the joining server checks it. Spec:
 * server-server-api#put_matrixfederationv2send_joinroomideventid.
 */

import { ProtocolError } from '../errors.ts'
import { readCreate } from '../event/content/create.ts'
import { parsePdu } from '../event/parse-pdu.ts'
import { referenceText } from '../event/reference-hash.ts'
import type { RoomEvent } from '../event/room-event.ts'
import type { ServerName } from '../ids.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import { isServerName } from '../parse-ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { handshakeLimits } from './limits.ts'
import { type PreviewState, parsePreviewState } from './preview-state.ts'

/** The room as a resident server describes it: formats are checked, signatures and authorisation are not yet. */
export type JoinReply = {
  /** Our join, with the signature that the resident server may have added. */
  readonly event: RoomEvent
  /** The state before the join; without malformed events. */
  readonly state: readonly RoomEvent[]
  readonly authChain: readonly RoomEvent[]
  readonly create: RoomEvent
  /** True: members are missing from `state` and are asked for later. */
  readonly membersOmitted: boolean
  /** Given if members are omitted. */
  readonly serversInRoom: readonly ServerName[]
  /** How many events of state and auth chain were left out as malformed. */
  readonly malformedCount: number
}

/** The reply about the join that we sent; throws `bad-event` if it cannot be used. */
export function parseJoinReply(rules: RoomRules, sent: RoomEvent, json: unknown): JoinReply {
  const steps = parseJoinReplyInSteps(rules, sent, json)
  for (let step = steps.next(); ; step = steps.next()) if (step.done === true) return step.value
}

/** As `parseJoinReply`, with breaks in which others may do something: a large room takes a while. */
export function* parseJoinReplyInSteps(rules: RoomRules, sent: RoomEvent, json: unknown): Generator<void, JoinReply> {
  // v1 of the API wraps the reply in [200, …]
  const body = Array.isArray(json) && json.length === 2 ? json[1] : json
  if (!isJsonObject(body)) fail('not an object')
  const state = yield* parseEvents(rules, sent, body.state)
  const authChain = yield* parseEvents(rules, sent, body.auth_chain)
  const create = state.events.find(isCreate)
  if (create === undefined) fail('no create event in the state')
  if (readCreate(create.content).roomVersion !== rules.version) fail('the create event has another room version')
  const membersOmitted = body.members_omitted === true
  return {
    event: parseAnsweredEvent(rules, sent, body.event),
    state: state.events,
    authChain: authChain.events,
    create,
    membersOmitted,
    serversInRoom: membersOmitted ? readServers(body.servers_in_room) : [],
    malformedCount: state.malformedCount + authChain.malformedCount,
  }
}

/** The state in the reply to `send_knock`; throws `bad-event`. */
export function parseKnockReply(rules: RoomRules, sent: RoomEvent, json: unknown): PreviewState {
  if (!isJsonObject(json)) fail('not an object')
  return parsePreviewState(rules, sent.roomId, json.knock_room_state)
}

/** The resident server's copy of our event, if it differs from ours in nothing but signatures. */
function parseAnsweredEvent(rules: RoomRules, sent: RoomEvent, json: JsonValue | undefined): RoomEvent {
  if (json === undefined) return sent
  const answered = parsePdu(rules, json, { roomId: sent.roomId, eventId: sent.eventId })
  if (referenceText(rules, answered.pdu) !== referenceText(rules, sent.pdu)) fail('it is about another event')
  return { ...sent, pdu: { ...sent.pdu, signatures: mergeSignatures(answered.pdu.signatures, sent.pdu.signatures) } }
}

/** Ours win. */
function mergeSignatures(theirs: JsonValue | undefined, ours: JsonValue | undefined): JsonObject {
  return { ...(isJsonObject(theirs) ? theirs : {}), ...(isJsonObject(ours) ? ours : {}) }
}

type ParsedEvents = { readonly events: readonly RoomEvent[]; readonly malformedCount: number }

function* parseEvents(rules: RoomRules, sent: RoomEvent, json: JsonValue | undefined): Generator<void, ParsedEvents> {
  if (!Array.isArray(json)) fail('state or auth_chain: not a list')
  if (json.length > handshakeLimits.joinEventsMax) fail('state or auth_chain: too many events')
  const events: RoomEvent[] = []
  for (const [index, entry] of json.entries()) {
    const event = findEvent(rules, sent, entry)
    if (event !== undefined) events.push(event)
    if (index % handshakeLimits.eventsPerStep === handshakeLimits.eventsPerStep - 1) yield
  }
  return { events, malformedCount: json.length - events.length }
}

/** Undefined: it is malformed, no state event, or of another room. */
function findEvent(rules: RoomRules, sent: RoomEvent, json: JsonValue): RoomEvent | undefined {
  try {
    const event = parsePdu(rules, json, { roomId: sent.roomId })
    return event.stateKey === undefined ? undefined : event
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function readServers(json: JsonValue | undefined): readonly ServerName[] {
  if (!Array.isArray(json)) fail('servers_in_room: not a list')
  const servers = new Set<ServerName>()
  for (const server of json.slice(0, handshakeLimits.serversInRoomMax)) {
    if (typeof server === 'string' && isServerName(server)) servers.add(server)
  }
  return [...servers]
}

function isCreate(event: RoomEvent): boolean {
  return event.type === 'm.room.create' && event.stateKey === ''
}

function fail(message: string): never {
  throw new ProtocolError('bad-event', `Bad reply: ${message}`)
}
