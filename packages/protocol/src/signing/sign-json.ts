/** Signing of JSON objects. Spec: appendices#signing-details. */

import type { KeyId, ServerName } from '../ids.ts'
import { canonicalJsonWithout } from '../json/canonical.ts'
import { isJsonObject, type JsonObject } from '../json/json.ts'
import { createSigningKey, type SigningKey, signText } from './ed25519.ts'

/** Somebody who signs: a server (or a user, in cross-signing) with one of its keys. */
export type Signer = {
  readonly name: ServerName
  readonly keyId: KeyId
  /** The signature of a text's UTF-8 form, in unpadded base64. */
  sign(text: string): string
}

const notSigned: ReadonlySet<string> = new Set(['signatures', 'unsigned'])

/** A signer that signs as `name` with that key. */
export function createSigner(name: ServerName, key: SigningKey): Signer {
  return { name, keyId: key.keyId, sign: (text) => signText(key, text) }
}

/** A signer that signs as `name` with the key made from a seed of 32 bytes. */
export function createSignerFromSeed(name: ServerName, version: string, seed: Uint8Array): Signer {
  return createSigner(name, createSigningKey(version, seed))
}

/** The text that a signature of the object covers: all of it except `signatures` and `unsigned`. */
export function signedJsonText(object: JsonObject): string {
  return canonicalJsonWithout(object, notSigned)
}

/** The object with the signer's signature added; the input stays as it is. */
export function signJson(object: JsonObject, signer: Signer): JsonObject {
  return addSignature(object, signer, signer.sign(signedJsonText(object)))
}

/** The object with one more signature beside those it has; the input stays as it is. */
export function addSignature(
  object: JsonObject,
  { name, keyId }: Pick<Signer, 'name' | 'keyId'>,
  signature: string,
): JsonObject {
  const signatures = isJsonObject(object.signatures) ? object.signatures : {}
  const ours = Object.hasOwn(signatures, name) && isJsonObject(signatures[name]) ? signatures[name] : {}
  return { ...object, signatures: { ...signatures, [name]: { ...ours, [keyId]: signature } } }
}
