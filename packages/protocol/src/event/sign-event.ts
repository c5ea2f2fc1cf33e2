/** Hashes and signatures of events. Spec: server-server-api#signing-events. */

import type { ServerName } from '../ids.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import { findServerName, serverNameOf } from '../parse-ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { addSignature, type Signer } from '../signing/sign-json.ts'
import { checksOfText, type PublicKeys, type SignatureCheck, verifyMany } from '../signing/verify-json.ts'
import { contentHash } from './content-hash.ts'
import { referenceText } from './reference-hash.ts'
import type { RoomEvent } from './room-event.ts'

/** The event with its content hash and the signer's signature; what `unsigned` holds stays. */
export function hashAndSignEvent(rules: RoomRules, pdu: JsonObject, signer: Signer): JsonObject {
  return signEvent(rules, { ...pdu, hashes: { sha256: contentHash(rules, pdu) } }, signer)
}

/** The event, which has its hash, with one more signature: for invites and for joins by another server's leave. */
export function signEvent(rules: RoomRules, pdu: JsonObject, signer: Signer): JsonObject {
  return addSignature(pdu, signer, signer.sign(referenceText(rules, pdu)))
}

/**
 * The servers that must have signed an event: the sender's, unless it is a third-party invite; the one that made the
 * event ID (versions 1–2); the one that authorised a restricted join (8 and later). At most three, no duplicates.
 */
export function requiredSigners(rules: RoomRules, event: RoomEvent): readonly ServerName[] {
  const signers = new Set<ServerName>()
  if (!isThirdPartyInvite(event)) signers.add(serverNameOf(event.sender))
  if (rules.eventIdFormat === 'explicit') {
    const server = findServerName(event.eventId)
    if (server !== undefined) signers.add(server)
  }
  const authorising = event.content.membership === 'join' ? authorisingServerOf(rules, event) : undefined
  if (authorising !== undefined) signers.add(authorising)
  return [...signers]
}

/** The server of `join_authorised_via_users_server` of a membership event in versions that know it. */
export function authorisingServerOf(rules: RoomRules, event: RoomEvent): ServerName | undefined {
  const userId = authorisingUserOf(rules, event)
  return typeof userId === 'string' ? findServerName(userId) : undefined
}

/**
 * True if the event names no authorising user, or that user's server signed it: the fact that the authorisation rules
 * want (v8 and later: rule 4.2, v12: 5.2). `keysOf` gives a server's public keys that are valid for the event.
 */
export function isSignedByAuthorisingServer(
  rules: RoomRules,
  event: RoomEvent,
  keysOf: (server: ServerName) => PublicKeys | undefined,
): boolean {
  if (authorisingUserOf(rules, event) === undefined) return true
  const server = authorisingServerOf(rules, event)
  const keys = server === undefined ? undefined : keysOf(server)
  return server !== undefined && keys !== undefined && verifyEvent(rules, event.pdu, server, keys)
}

function authorisingUserOf(rules: RoomRules, { type, content }: RoomEvent): JsonValue | undefined {
  return rules.restrictedJoin && type === 'm.room.member' ? content.join_authorised_via_users_server : undefined
}

/** What has to be verified of the signatures of one server on an event; empty: none by a known key. */
export function eventSignatureChecks(
  rules: RoomRules,
  pdu: JsonObject,
  server: string,
  keys: PublicKeys,
): SignatureCheck[] {
  return checksOfText(pdu, referenceText(rules, pdu), server, keys)
}

/** True if the server signed the event with at least one of the known keys, and none of those signatures is false. */
export function verifyEvent(rules: RoomRules, pdu: JsonObject, server: string, keys: PublicKeys): boolean {
  const checks = eventSignatureChecks(rules, pdu, server, keys)
  return checks.length > 0 && verifyMany(checks).every((valid) => valid)
}

/** True for an invite that was made from a third-party invite: another server than the sender's may have sent it. */
function isThirdPartyInvite({ type, content }: RoomEvent): boolean {
  return type === 'm.room.member' && content.membership === 'invite' && isJsonObject(content.third_party_invite)
}
