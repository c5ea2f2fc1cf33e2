/**
 * The first checks of an event of another server, those that look at nothing but the event and keys.
 * Spec: server-server-api#checks-performed-on-receipt-of-a-pdu (1 to 3); the others are in rooms/receive/judge.ts.
 */

import {
  authorisingServerOf,
  type EventId,
  type ExpectedIds,
  eventSignatureChecks,
  isPolicyEvent,
  isSignedByPolicyServer,
  type JsonValue,
  matchesContentHash,
  parsePdu,
  parseStoredEvent,
  type RoomEvent,
  type RoomRules,
  redact,
  requiredSigners,
  type ServerName,
  type SignatureCheck,
  signaturesOf,
  verifyMany,
} from '@parallax/protocol'
import type { KeyRing } from '../../remote/index.ts'
import type { Arriving, Rooms } from '../../rooms/index.ts'

export type CheckDeps = {
  readonly remote: { readonly keyRing: KeyRing }
  readonly rooms: Rooms
  /** For many events at once: true if there is something to verify and all of it is right. By default done here. */
  readonly verify?: (checks: readonly SignatureCheck[]) => Promise<boolean>
}

/** An event that must be dropped: what its signatures say is not true. The reason is a sentence without full stop. */
export class BadSignature extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'BadSignature'
  }
}

/** Nobody can tell yet: the keys of who should have signed it cannot be had at the moment. */
export class KeysNotHad extends BadSignature {
  readonly server: ServerName

  constructor(server: ServerName, eventId: EventId) {
    super(`The keys of ${server}, which should have signed ${eventId}, cannot be had`)
    this.name = 'KeysNotHad'
    this.server = server
  }
}

/**
 * The event, ready to be received. Throws ProtocolError if it is malformed, BadSignature if it is not signed as it must
 * be. `room`: number of its room, if that is known here.
 */
export async function checkEvent(
  deps: CheckDeps,
  rules: RoomRules,
  json: JsonValue | undefined,
  expected: ExpectedIds,
  room: number | undefined,
): Promise<Arriving> {
  // 1. It is a valid event of that room version.
  return checkParsed(deps, rules, parsePdu(rules, json, expected), room)
}

/** As `checkEvent`, of an event whose format was checked. */
export async function checkParsed(
  deps: CheckDeps,
  rules: RoomRules,
  whole: RoomEvent,
  room: number | undefined,
): Promise<Arriving> {
  // 2. It is signed by those who must sign it. Who vouches for a join is judged by the authorisation rules.
  const voucher = authorisingServerOf(rules, whole)
  for (const server of requiredSigners(rules, whole)) {
    if (server !== voucher && !(await isSigned(deps, rules, whole, server))) {
      throw new BadSignature(`The event ${whole.eventId} is not signed by ${server}`)
    }
  }
  const isVouched = Object.hasOwn(whole.content, 'join_authorised_via_users_server')
  const isAuthoriserSigned = !isVouched || (voucher !== undefined && (await isSigned(deps, rules, whole, voucher)))
  // 3. Its hash is right, or else only what a redaction leaves of it counts.
  const event = matchesContentHash(rules, whole.pdu) ? whole : redacted(rules, whole)
  return { event, isAuthoriserSigned, isPolicySigned: await isPolicySigned(deps.rooms, rules, event, room) }
}

/** True if the server signed the event with a key that counted at the time. */
async function isSigned(
  { remote, verify }: CheckDeps,
  rules: RoomRules,
  event: RoomEvent,
  server: ServerName,
): Promise<boolean> {
  const keyIds = [...signaturesOf(event.pdu, server).keys()]
  if (keyIds.length === 0) return false
  const validAtMs = rules.enforceKeyValidity ? event.originServerTs : undefined
  const keys = await remote.keyRing.findKeys({ server, keyIds, validAtMs })
  if (!keyIds.some((keyId) => keys.has(keyId)) && !remote.keyRing.isAnswered(server)) {
    throw new KeysNotHad(server, event.eventId)
  }
  const checks = eventSignatureChecks(rules, event.pdu, server, keys)
  if (verify !== undefined) return verify(checks)
  return checks.length > 0 && verifyMany(checks).every((isRight) => isRight)
}

function redacted(rules: RoomRules, event: RoomEvent): RoomEvent {
  return parseStoredEvent(rules, event.eventId, event.roomId, redact(rules, event.pdu))
}

/** As far as the event itself shows: `askForPolicy` asks for what it lacks. */
async function isPolicySigned(
  rooms: Rooms,
  rules: RoomRules,
  event: RoomEvent,
  room: number | undefined,
): Promise<boolean> {
  if (room === undefined || isPolicyEvent(event)) return true
  const server = await rooms.findPolicyServer(room)
  return server === undefined || isSignedByPolicyServer(rules, event.pdu, server)
}
