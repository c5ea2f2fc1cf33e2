/**
 * Building of our own events: hash, signature, event ID and limits in one pass. The hot path of every send: the
 * content's
 * canonical text is made once and spliced into the three texts (hashed, signed, stored).
 * Spec: server-server-api#adding-hashes-and-signatures-to-outgoing-events.
 */

import { ProtocolError } from '../errors.ts'
import type { EventId, RoomId, UserId } from '../ids.ts'
import { canonicalJsonWithin, jsonString } from '../json/canonical.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { isEventIdText, isUserIdText } from '../parse-ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { sha256Base64 } from '../signing/hash.ts'
import type { Signer } from '../signing/sign-json.ts'
import { fitsBytes, utf8Length } from '../utf8-length.ts'
import { eventLimits } from './limits.ts'
import { parseStoredEvent, roomIdOfCreate } from './parse-pdu.ts'
import { redactContent } from './redact.ts'
import { eventIdOfText } from './reference-hash.ts'
import type { RoomEvent } from './room-event.ts'

/** What our server wants to say; the rest is computed. */
export type EventDraft = {
  /** Undefined only for the create event of version 12 and later. */
  readonly roomId: RoomId | undefined
  readonly type: string
  readonly sender: UserId
  /** Undefined: not a state event. */
  readonly stateKey?: string | undefined
  /** Since version 11 a redaction names its target here, in `redacts`. */
  readonly content: JsonObject
  /** Milliseconds since the epoch. */
  readonly originServerTs: number
  readonly depth: number
  /** At most 20. */
  readonly prevEvents: readonly EventId[]
  /** At most 10. */
  readonly authEvents: readonly EventId[]
  /** Versions 1–10: whom it redacts. */
  readonly redacts?: EventId | undefined
  /** Versions 1–2 only, and necessary there: the event's ID, `$opaque:server`. */
  readonly eventId?: EventId
  /** Versions 1–2 only: the reference hash of a previous or auth event, in unpadded base64. */
  readonly referenceHashOf?: (eventId: EventId) => string
}

export type BuiltEvent = {
  readonly event: RoomEvent
  /** The whole event in canonical JSON: what is stored and sent to other servers. */
  readonly text: string
  /** Its content in canonical JSON: for splicing into what clients get. */
  readonly contentText: string
}

/** The event, hashed, signed and named; throws `too-large`, `bad-json` or `bad-event`. */
export function buildEvent(rules: RoomRules, draft: EventDraft, signer: Signer): RoomEvent {
  return buildEventWithText(rules, draft, signer).event
}

/** The event as `buildEvent` makes it, with its canonical text and that of its content. */
export function buildEventWithText(rules: RoomRules, draft: EventDraft, signer: Signer): BuiltEvent {
  checkDraft(rules, draft)
  const write = (value: JsonValue): string =>
    canonicalJsonWithin(value, eventLimits.contentDepthMax, rules.strictCanonicalJson)
  const contentText = write(draft.content)
  const redactedText = write(redactContent(rules, draft.type, draft.content))
  const parts = buildParts(rules, draft, write)
  const hash = sha256Base64(parts.before + contentText + parts.toHashes + parts.toRedacts + parts.redacts + parts.rest)
  const hashed = `${parts.toHashes},"hashes":{"sha256":"${hash}"}${parts.toRedacts}`
  const referenced = parts.before + redactedText + hashed + parts.rest
  const signature = signer.sign(referenced)
  const eventId = draft.eventId ?? eventIdOfText(rules, referenced)
  const pdu = buildPdu(rules, draft, hash, signer, signature)
  const signatures = `,"signatures":${write(pdu.signatures as JsonValue)}`
  const text = parts.before + contentText + hashed + parts.redacts + parts.beforeSignatures + signatures + parts.last
  checkSize(text)
  const roomId = draft.roomId ?? roomIdOfCreate(eventId)
  return { event: parseStoredEvent(rules, eventId, roomId, pdu), text, contentText }
}

/** The event's canonical text around its content, cut where the three texts differ. */
type TextParts = {
  /** Up to the content's text. */
  readonly before: string
  /** From after the content to where `hashes` goes. */
  readonly toHashes: string
  /** From after `hashes` to where `redacts` goes. */
  readonly toRedacts: string
  /** `redacts`, which is hashed but, being redacted itself, not signed. */
  readonly redacts: string
  /** From after `redacts` to where `signatures` goes, and from there to the end. */
  readonly beforeSignatures: string
  readonly last: string
  /** The two above. */
  readonly rest: string
}

function buildParts(rules: RoomRules, draft: EventDraft, write: (value: JsonValue) => string): TextParts {
  const { roomId, stateKey, redacts } = draft
  const prevEvents = write(referencesFor(rules, draft, draft.prevEvents))
  const roomPart = roomId === undefined ? '' : `,"room_id":${jsonString(roomId)}`
  const beforeSignatures = `${roomPart},"sender":${jsonString(draft.sender)}`
  const statePart = stateKey === undefined ? '' : `,"state_key":${jsonString(stateKey)}`
  const last = `${statePart},"type":${jsonString(draft.type)}}`
  const eventIdPart = draft.eventId === undefined ? '' : `,"event_id":${jsonString(draft.eventId)}`
  return {
    before: `{"auth_events":${write(referencesFor(rules, draft, draft.authEvents))},"content":`,
    toHashes: `,"depth":${draft.depth}${eventIdPart}`,
    toRedacts: `,"origin_server_ts":${draft.originServerTs},"prev_events":${prevEvents}`,
    redacts: redacts === undefined ? '' : `,"redacts":${jsonString(redacts)}`,
    beforeSignatures,
    last,
    rest: beforeSignatures + last,
  }
}

/** Keys in canonical order, so that the object's own text is nearly the canonical one. */
function buildPdu(rules: RoomRules, draft: EventDraft, hash: string, signer: Signer, signature: string): JsonObject {
  const { roomId, stateKey, redacts, eventId } = draft
  return {
    auth_events: referencesFor(rules, draft, draft.authEvents),
    content: draft.content,
    depth: draft.depth,
    ...(eventId !== undefined && { event_id: eventId }),
    hashes: { sha256: hash },
    origin_server_ts: draft.originServerTs,
    prev_events: referencesFor(rules, draft, draft.prevEvents),
    ...(redacts !== undefined && { redacts }),
    ...(roomId !== undefined && { room_id: roomId }),
    sender: draft.sender,
    signatures: { [signer.name]: { [signer.keyId]: signature } },
    ...(stateKey !== undefined && { state_key: stateKey }),
    type: draft.type,
  }
}

function referencesFor(rules: RoomRules, draft: EventDraft, ids: readonly EventId[]): JsonValue[] {
  if (rules.eventFormat !== 1) return ids as unknown as JsonValue[]
  return ids.map((id) => {
    const hash = draft.referenceHashOf?.(id)
    return [id, hash === undefined ? {} : { sha256: hash }]
  })
}

function checkDraft(rules: RoomRules, draft: EventDraft): void {
  const { type, sender, stateKey, roomId, eventId, depth } = draft
  if (!fitsBytes(type, eventLimits.fieldBytesMax)) tooLarge('type')
  if (stateKey !== undefined && !fitsBytes(stateKey, eventLimits.fieldBytesMax)) tooLarge('state_key')
  if (!isUserIdText(sender)) fail('sender: not a user ID')
  if (roomId !== undefined && !fitsBytes(roomId, eventLimits.fieldBytesMax)) tooLarge('room_id')
  const isCreate = type === 'm.room.create' && stateKey === ''
  if ((roomId === undefined) !== (rules.eventFormat === 12 && isCreate)) fail('room_id: missing or not allowed')
  if ((eventId === undefined) === (rules.eventIdFormat === 'explicit'))
    fail('event_id: only and always in versions 1-2')
  if (eventId !== undefined && !isEventIdText(eventId)) fail('event_id: not an event ID')
  if (draft.redacts !== undefined && rules.redactsInContent) fail('redacts: belongs into the content')
  if (draft.prevEvents.length > eventLimits.prevEventsMax) fail('prev_events: too many')
  if (draft.authEvents.length > eventLimits.authEventsMax) fail('auth_events: too many')
  if (!Number.isSafeInteger(depth) || depth < 0) fail('depth: out of range')
  if (!Number.isSafeInteger(draft.originServerTs)) fail('origin_server_ts: not an integer')
}

function checkSize(text: string): void {
  if (text.length * 3 <= eventLimits.bytesMax) return
  if (text.length > eventLimits.bytesMax || utf8Length(text) > eventLimits.bytesMax) tooLarge('The event')
}

function tooLarge(what: string): never {
  throw new ProtocolError('too-large', `${what}: too many bytes`)
}

function fail(message: string): never {
  throw new ProtocolError('bad-event', message)
}
