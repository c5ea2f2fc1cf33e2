/** The vectors in `vectors/` and the key that they are signed with, for tests. */

import { readFileSync } from 'node:fs'
import {
  createSigner,
  createSigningKey,
  decodeBase64,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type ServerName,
} from '../../src/index.ts'

/** The JSON of a file in `vectors/`. */
export function readVectors<Vectors>(path: string): Vectors {
  return JSON.parse(readFileSync(new URL(`../../vectors/${path}`, import.meta.url), 'utf8')) as Vectors
}

/** The key of the specification's own signing vectors. */
export const testKey = createSigningKey('1', decodeBase64('YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1')!)

/** Signs as the server `domain`. */
export const testSigner = createSigner('domain' as ServerName, testKey)

/** The public keys of `domain`. */
export const testKeys: ReadonlyMap<string, string> = new Map([[testKey.keyId, testKey.publicKey]])

/** The object with the keys of `set` replaced (null removes); `$repeat`, `$join` and `$list` stand for long values. */
export function applySet(base: JsonObject, set: JsonObject): JsonObject {
  const result = { ...base }
  for (const [key, value] of Object.entries(set)) {
    if (value === null || value === undefined) delete result[key]
    else result[key] = expand(value)
  }
  return result
}

function expand(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(expand)
  if (!isJsonObject(value)) return value
  if (Array.isArray(value.$repeat)) return (value.$repeat[0] as string).repeat(value.$repeat[1] as number)
  if (Array.isArray(value.$join)) return value.$join.map((part) => expand(part) as string).join('')
  if (Array.isArray(value.$list)) return Array(value.$list[1] as number).fill(expand(value.$list[0]!))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expand(item as JsonValue)]))
}
