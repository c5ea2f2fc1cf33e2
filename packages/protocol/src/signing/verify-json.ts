/** Verifying of signed JSON objects. Spec: appendices#checking-for-a-signature. */

import { ProtocolError } from '../errors.ts'
import type { KeyId } from '../ids.ts'
import { isJsonObject, type JsonObject } from '../json/json.ts'
import { verifyText } from './ed25519.ts'
import { signedJsonText } from './sign-json.ts'

/** One signature to be verified: plain strings, so that a batch can be sent to a worker. */
export type SignatureCheck = {
  /** Unpadded base64. */
  readonly publicKey: string
  /** Unpadded base64. */
  readonly signature: string
  /** The canonical text that was signed. */
  readonly text: string
}

/** Public keys by key ID, in base64. */
export type PublicKeys = ReadonlyMap<string, string>

/** The most signatures of one entity that are looked at. */
export const signaturesPerEntityMax = 16

/** The Ed25519 signatures of one entity by key ID; at most `signaturesPerEntityMax`; empty: it did not sign. */
export function signaturesOf(object: JsonObject, entity: string): ReadonlyMap<KeyId, string> {
  const found = new Map<KeyId, string>()
  const signatures = object.signatures
  if (!isJsonObject(signatures) || !Object.hasOwn(signatures, entity)) return found
  const ofEntity = signatures[entity]
  if (!isJsonObject(ofEntity)) return found
  for (const [keyId, signature] of Object.entries(ofEntity)) {
    if (found.size >= signaturesPerEntityMax) break
    if (keyId.startsWith('ed25519:') && typeof signature === 'string') found.set(keyId as KeyId, signature)
  }
  return found
}

/**
 * True if the entity signed the object with at least one of the known keys and none of its signatures by a known key is
 * false. Signatures by keys that are not known are ignored. Never throws.
 */
export function verifyJson(object: JsonObject, entity: string, keys: PublicKeys): boolean {
  const checks = signatureChecks(object, entity, keys)
  return checks !== undefined && checks.length > 0 && verifyMany(checks).every((valid) => valid)
}

/**
 * What has to be verified for `verifyJson`; undefined: the object has no canonical form; empty: nothing known to
 * verify.
 */
export function signatureChecks(object: JsonObject, entity: string, keys: PublicKeys): SignatureCheck[] | undefined {
  const text = findSignedText(object)
  return text === undefined ? undefined : checksOfText(object, text, entity, keys)
}

/** The checks for one entity's signatures over a text that is already made. */
export function checksOfText(object: JsonObject, text: string, entity: string, keys: PublicKeys): SignatureCheck[] {
  const checks: SignatureCheck[] = []
  for (const [keyId, signature] of signaturesOf(object, entity)) {
    const publicKey = keys.get(keyId)
    if (publicKey !== undefined) checks.push({ publicKey, signature, text })
  }
  return checks
}

/** A verdict for each check, in order. Never throws. */
export function verifyMany(checks: readonly SignatureCheck[]): boolean[] {
  return checks.map(({ publicKey, signature, text }) => verifyText(publicKey, signature, text))
}

function findSignedText(object: JsonObject): string | undefined {
  try {
    return signedJsonText(object)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
