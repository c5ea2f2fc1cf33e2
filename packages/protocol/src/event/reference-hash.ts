/**
 * What an event's signatures cover, and the event ID made from the hash of the same text.
 * Spec: server-server-api#calculating-the-reference-hash-for-an-event.
 */

import { ProtocolError } from '../errors.ts'
import type { EventId } from '../ids.ts'
import { canonicalJsonWithout } from '../json/canonical.ts'
import type { JsonObject } from '../json/json.ts'
import { isEventIdText } from '../parse-ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { sha256Base64, sha256Base64Url } from '../signing/hash.ts'
import { redact } from './redact.ts'

const notReferenced: ReadonlySet<string> = new Set(['signatures', 'unsigned'])

/** The canonical text of the redacted event without signatures: it is signed, and its hash is the reference hash. */
export function referenceText(rules: RoomRules, pdu: JsonObject): string {
  return canonicalJsonWithout(redact(rules, pdu), notReferenced, rules.strictCanonicalJson)
}

/** The reference hash in standard unpadded base64, as it stands in the references of versions 1–2. */
export function referenceHash(rules: RoomRules, pdu: JsonObject): string {
  return sha256Base64(referenceText(rules, pdu))
}

/**
 * The event's ID: its own `event_id` (versions 1–2) or `$` and its reference hash; throws `bad-event` if it has none.
 */
export function eventIdOf(rules: RoomRules, pdu: JsonObject): EventId {
  if (rules.eventIdFormat !== 'explicit') return eventIdOfText(rules, referenceText(rules, pdu))
  const { event_id: eventId } = pdu
  if (typeof eventId === 'string' && isEventIdText(eventId) && eventId.includes(':')) return eventId
  throw new ProtocolError('bad-event', 'event_id: not an event ID with a server')
}

/** The event ID (version 3 and later) of an event with that reference text. */
export function eventIdOfText(rules: RoomRules, text: string): EventId {
  return `$${rules.eventIdFormat === 'base64' ? sha256Base64(text) : sha256Base64Url(text)}` as EventId
}
