/** Reading of `m.room.policy` and verifying what its server signed. Spec: server-server-api#policy-servers. */

import type { ServerName } from '../../ids.ts'
import { isJsonObject, type JsonObject } from '../../json/json.ts'
import { isServerName } from '../../parse-ids.ts'
import type { RoomRules } from '../../room-version/rules.ts'
import { verifyEvent } from '../sign-event.ts'

export type PolicyServer = {
  readonly name: ServerName
  /** Ed25519, in base64. */
  readonly publicKey: string
}

/** The key under which a policy server signs, always the same. */
export const policyKeyId = 'ed25519:policy_server'

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
