/** SHA-256. The one file of this package that takes hashing from Node. */

import { hash } from 'node:crypto'

/** The SHA-256 of a text's UTF-8 form or of bytes, in standard base64 without padding: 43 characters. */
export function sha256Base64(input: string | Uint8Array): string {
  return hash('sha256', input, 'base64').slice(0, 43)
}

/** The SHA-256 of a text's UTF-8 form or of bytes, in URL-safe base64 without padding: 43 characters. */
export function sha256Base64Url(input: string | Uint8Array): string {
  return hash('sha256', input, 'base64url')
}
