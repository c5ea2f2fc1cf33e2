/** Reading of `m.room.policy` and verifying what its server signed. Spec: server-server-api#policy-servers. */

import type { KeyId, ServerName } from '../../ids.ts'
import { canonicalJson } from '../../json/canonical.ts'
import { isJsonObject, type JsonObject } from '../../json/json.ts'
import { isServerName } from '../../parse-ids.ts'
import type { RoomRules } from '../../room-version/rules.ts'
import { addSignature, type Signer } from '../../signing/sign-json.ts'
import { fitsBytes } from '../../utf8-length.ts'
import { eventLimits } from '../limits.ts'
import { referenceText } from '../reference-hash.ts'
import { verifyEvent } from '../sign-event.ts'

export type PolicyServer = {
  readonly name: ServerName
  /** Ed25519, in base64. */
  readonly publicKey: string
}

/** The key under which a policy server signs, always the same. */
export const policyKeyId = 'ed25519:policy_server' as KeyId

/**
 * The room's policy server; undefined: the content names none that is valid. That it is in the room is not looked at.
 */
export function findPolicyServer(content: JsonObject | undefined): PolicyServer | undefined {
  if (typeof content?.via !== 'string' || !isServerName(content.via) || !isJsonObject(content.public_keys)) {
    return undefined
  }
  const publicKey = content.public_keys.ed25519
  return typeof publicKey === 'string' ? { name: content.via, publicKey } : undefined
}

/** True if the policy server validly signed the event. */
export function isSignedByPolicyServer(rules: RoomRules, pdu: JsonObject, server: PolicyServer): boolean {
  return verifyEvent(rules, pdu, server.name, new Map([[policyKeyId, server.publicKey]]))
}

/** True for the events that no policy server is asked about: the naming of one itself. */
export function isPolicyEvent({
  type,
  stateKey,
}: {
  readonly type: string
  readonly stateKey?: string | undefined
}): boolean {
  return type === 'm.room.policy' && stateKey === ''
}

/** What a policy server answers that vouches for the event: its signature alone. */
export function buildPolicyReply(rules: RoomRules, pdu: JsonObject, signer: Signer): JsonObject {
  return { [signer.name]: { [signer.keyId]: signer.sign(referenceText(rules, pdu)) } }
}

/**
 * The event with the signature that a policy server answered; undefined if that is none of its own that is valid, or if
 * the event would grow too large by it. Nothing else of the answer is taken.
 */
export function addPolicySignature(
  rules: RoomRules,
  pdu: JsonObject,
  server: PolicyServer,
  reply: unknown,
): JsonObject | undefined {
  const ofServer = isJsonObject(reply) && Object.hasOwn(reply, server.name) ? reply[server.name] : undefined
  const signature = isJsonObject(ofServer) ? ofServer[policyKeyId] : undefined
  if (typeof signature !== 'string') return undefined
  const signed = addSignature(pdu, { name: server.name, keyId: policyKeyId }, signature)
  const isValid = isSignedByPolicyServer(rules, signed, server)
  return isValid && fitsBytes(canonicalJson(signed), eventLimits.bytesMax) ? signed : undefined
}
