/**
 * The content hash: covers the whole, unredacted event. Spec:
 * server-server-api#calculating-the-content-hash-for-an-event.
 */

import { canonicalJsonWithout } from '../json/canonical.ts'
import { isJsonObject, type JsonObject } from '../json/json.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { decodeBase64, encodeBase64 } from '../signing/base64.ts'
import { sha256Base64 } from '../signing/hash.ts'

const notHashed: ReadonlySet<string> = new Set(['hashes', 'signatures', 'unsigned'])

/** The content hash of an event, in unpadded base64. */
export function contentHash(rules: RoomRules, pdu: JsonObject): string {
  return sha256Base64(canonicalJsonWithout(pdu, notHashed, rules.strictCanonicalJson))
}

/** True if `hashes.sha256` is the event's content hash; if not, only the redacted event may be used. */
export function matchesContentHash(rules: RoomRules, pdu: JsonObject): boolean {
  const claimed = isJsonObject(pdu.hashes) ? pdu.hashes.sha256 : undefined
  if (typeof claimed !== 'string') return false
  const expected = contentHash(rules, pdu)
  if (claimed === expected) return true
  const bytes = decodeBase64(claimed)
  return bytes !== undefined && encodeBase64(bytes) === expected
}
