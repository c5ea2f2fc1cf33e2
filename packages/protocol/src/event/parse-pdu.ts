/**
 * Parsing of events from other servers. Spec: server-server-api#checks-performed-on-receipt-of-a-pdu (1), rooms/v12.
 */

import { ProtocolError } from '../errors.ts'
import type { EventId, RoomId, UserId } from '../ids.ts'
import { canonicalJson, strictCanonicalJson } from '../json/canonical.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import { idLimits, isDomainRoomId, isEventIdText, isHashRoomId, isUserIdText } from '../parse-ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { fitsBytes, fitsCharacters, utf8Length } from '../utf8-length.ts'
import { eventLimits } from './limits.ts'
import { eventIdOf } from './reference-hash.ts'
import type { RoomEvent } from './room-event.ts'

export type ExpectedIds = {
  /** The ID the event was asked by: another one is refused. */
  readonly eventId?: EventId
  /** The room it must be in. */
  readonly roomId?: RoomId
}

/**
 * The event that untrusted JSON describes; throws `bad-event`, `too-large` or `bad-json`. Format and limits only:
 * hashes,
 * signatures and authorisation are judged later. `unsigned` is dropped: nobody signed it.
 */
export function parsePdu(rules: RoomRules, json: unknown, expected: ExpectedIds = {}): RoomEvent {
  if (!isJsonObject(json)) fail('An event is a JSON object')
  checkSize(rules, json)
  checkFields(rules, json)
  const { unsigned: _dropped, ...pdu } = json
  const eventId = eventIdOf(rules, pdu)
  const roomId = parseRoomIdOf(rules, pdu, eventId)
  if (expected.eventId !== undefined && eventId !== expected.eventId) fail(`The event is not ${expected.eventId}`)
  if (expected.roomId !== undefined && roomId !== expected.roomId) fail(`The event is not in ${expected.roomId}`)
  return parseStoredEvent(rules, eventId, roomId, pdu)
}

/** The event of a row that we wrote: nothing is checked again. */
export function parseStoredEvent(rules: RoomRules, eventId: EventId, roomId: RoomId, pdu: JsonObject): RoomEvent {
  const content = pdu.content as JsonObject
  const redacts = rules.redactsInContent ? content.redacts : pdu.redacts
  return {
    eventId,
    roomId,
    type: pdu.type as string,
    sender: pdu.sender as UserId,
    stateKey: pdu.state_key as string | undefined,
    content,
    originServerTs: pdu.origin_server_ts as number,
    depth: pdu.depth as number,
    prevEvents: referencesOf(rules, pdu.prev_events as JsonValue[]),
    authEvents: referencesOf(rules, pdu.auth_events as JsonValue[]),
    redacts: pdu.type === 'm.room.redaction' && isEventIdValue(redacts) ? redacts : undefined,
    pdu,
  }
}

/** The room ID that a version 12 create event makes. */
export function roomIdOfCreate(createId: EventId): RoomId {
  return `!${createId.slice(1)}` as RoomId
}

function checkSize(rules: RoomRules, json: JsonObject): void {
  const text = rules.strictCanonicalJson ? strictCanonicalJson(json) : canonicalJson(json)
  if (text.length > eventLimits.bytesMax || utf8Length(text) > eventLimits.bytesMax) {
    throw new ProtocolError('too-large', `The event is larger than ${eventLimits.bytesMax} bytes`)
  }
}

function checkFields(rules: RoomRules, json: JsonObject): void {
  checkShortText(rules, json, 'type')
  if (json.state_key !== undefined) checkShortText(rules, json, 'state_key')
  if (typeof json.sender !== 'string' || !isUserIdText(json.sender)) fail('sender: not a user ID')
  if (!isJsonObject(json.content)) fail('content: not an object')
  if (!Number.isInteger(json.origin_server_ts)) fail('origin_server_ts: not an integer')
  checkDepth(rules, json.depth)
  if (!isJsonObject(json.hashes) || typeof json.hashes.sha256 !== 'string') fail('hashes: no sha256')
  checkSignatures(json.signatures)
  checkReferences(rules, json, 'prev_events', eventLimits.prevEventsMax)
  checkReferences(rules, json, 'auth_events', eventLimits.authEventsMax)
}

function checkShortText({ strictByteLimits }: RoomRules, json: JsonObject, key: string): void {
  const text = json[key]
  if (typeof text !== 'string') fail(`${key}: not a string`)
  if (fitsBytes(text, eventLimits.fieldBytesMax)) return
  if (!strictByteLimits && fitsCharacters(text, eventLimits.fieldCharactersMax)) return
  throw new ProtocolError('too-large', `${key}: longer than ${eventLimits.fieldBytesMax} bytes`)
}

function checkDepth(rules: RoomRules, depth: unknown): void {
  const depthMax = rules.strictCanonicalJson ? eventLimits.depthMax : eventLimits.lenientDepthMax
  if (typeof depth !== 'number' || !Number.isInteger(depth)) fail('depth: not an integer')
  if (depth < 0 || depth > depthMax) fail('depth: out of range')
}

function checkSignatures(signatures: unknown): void {
  if (!isJsonObject(signatures)) fail('signatures: not an object')
  for (const ofServer of Object.values(signatures)) {
    if (!isJsonObject(ofServer)) fail('signatures: not objects')
    if (Object.values(ofServer).some((signature) => typeof signature !== 'string')) fail('signatures: not strings')
  }
}

function checkReferences(rules: RoomRules, json: JsonObject, key: string, lengthMax: number): void {
  const references = json[key]
  if (!Array.isArray(references)) fail(`${key}: not a list`)
  if (references.length > lengthMax) fail(`${key}: more than ${lengthMax} events`)
  const isReference = rules.eventFormat === 1 ? isPair : isEventIdValue
  if (!references.every(isReference)) fail(`${key}: not all are references to events`)
}

/** `[event ID, {algorithm: hash}]`, versions 1–2. */
function isPair(reference: unknown): boolean {
  return (
    Array.isArray(reference) && reference.length === 2 && isEventIdValue(reference[0]) && isJsonObject(reference[1])
  )
}

function isEventIdValue(value: unknown): value is EventId {
  return typeof value === 'string' && isEventIdText(value)
}

function referencesOf(rules: RoomRules, references: readonly JsonValue[]): readonly EventId[] {
  if (rules.eventFormat !== 1) return references as readonly EventId[]
  return references.map((pair) => (pair as JsonValue[])[0] as EventId)
}

/** Versions 1–11: `!opaque:server`. Since 12: the create event's hash, which the create event itself must not name. */
function parseRoomIdOf(rules: RoomRules, pdu: JsonObject, eventId: EventId): RoomId {
  const roomId = pdu.room_id
  if (rules.eventFormat === 12 && roomId === undefined && pdu.type === 'm.room.create' && pdu.state_key === '') {
    return roomIdOfCreate(eventId)
  }
  if (typeof roomId !== 'string') fail('room_id: not a string')
  if (!fitsBytes(roomId, idLimits.bytesMax)) throw new ProtocolError('too-large', 'room_id: longer than 255 bytes')
  if (rules.eventFormat === 12 ? !isHashRoomId(roomId) : !isDomainRoomId(roomId)) fail('room_id: not a room ID')
  return roomId as RoomId
}

function fail(message: string): never {
  throw new ProtocolError('bad-event', message)
}
