/** Signatures under keys that an event itself names, as in third-party invites. Spec: appendices#checking-for-a-signature. */

import { createPublicKey, verify } from 'node:crypto'
import { canonicalJson } from '../json/canonical.ts'
import type { JsonObject } from '../json/json.ts'

/** True if `signature` (unpadded base64) of the object, without its `signatures` and `unsigned`, is by the key. */
export function hasSignatureByKey(object: JsonObject, signature: string, publicKey: string): boolean {
  const { signatures: _signatures, unsigned: _unsigned, ...signed } = object
  try {
    const x = Buffer.from(publicKey, 'base64').toString('base64url')
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
    return verify(null, Buffer.from(canonicalJson(signed)), key, Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
