/** SHA-2 and HKDF. The one file of this package that takes hashing from Node. */

import { argon2, hash, hkdfSync } from 'node:crypto'

/** The SHA-256 of bytes or of a text's UTF-8 form: 32 bytes. */
export function sha256(input: string | Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', input, 'buffer'))
}

/** The SHA-512 of bytes: 64 bytes. */
export function sha512(input: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha512', input, 'buffer'))
}

/** HKDF-SHA-256 (RFC 5869) without salt: `length` bytes. */
export function hkdf(secret: Uint8Array, purpose: Uint8Array, length: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), purpose, length))
}

/** Argon2id with one lane on another thread: 32 bytes. */
export function argon2idAside(
  message: Uint8Array,
  nonce: Uint8Array,
  passes: number,
  memoryBytes: number,
): Promise<Uint8Array> {
  const cost = { parallelism: 1, tagLength: 32, memory: memoryBytes / 1_024, passes }
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, ...cost }, (error, hashed) => {
      if (error === null) resolve(new Uint8Array(hashed))
      else reject(error)
    })
  })
}
