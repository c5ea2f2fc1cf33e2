/** URL-safe base64 without padding (RFC 4648, 5): one text for each sequence of bytes, everything else is refused. */

import { ReputationError } from '../errors.ts'

const CHUNK = 8_192
const wellFormed = /^[A-Za-z0-9_-]*$/

/** The bytes as text. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK) binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The bytes of a text, exactly `length` of them if that is given; throws `bad-feed` for any other text. */
export function decodeBase64(text: string, length?: number): Uint8Array {
  if (!wellFormed.test(text) || text.length % 4 === 1) throw new ReputationError('bad-feed', 'That is no base64url.')
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (unit) => unit.charCodeAt(0))
  if ((length !== undefined && bytes.length !== length) || encodeBase64(bytes) !== text) {
    throw new ReputationError('bad-feed', 'The base64url has another length, or bits too many.')
  }
  return bytes
}
