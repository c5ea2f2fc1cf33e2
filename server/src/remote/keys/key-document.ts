/**
 * Documents in which servers publish their keys: building ours, reading others'. Spec:
 * server-server-api#publishing-keys.
 */

import {
  decodeBase64,
  isJsonObject,
  isKeyId,
  type JsonObject,
  type JsonValue,
  type KeyId,
  type ServerName,
  signJson,
  verifyJson,
} from '@parallax/protocol'
import type { Domains } from '../../config/index.ts'
import { keyLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import type { KnownKey } from './key-table.ts'

/** A document that its server signed. */
export type KeyDocument = {
  readonly server: ServerName
  readonly json: JsonObject
  /** As it says itself, ms. */
  readonly validUntilMs: number
  readonly keys: readonly KnownKey[]
}

/** Our own document for one of our domains, signed; undefined for other domains. */
export function buildOwnDocument(domains: Domains, server: ServerName, nowMs: number): JsonObject | undefined {
  const key = domains.findSigningKey(server)
  const signer = domains.findSigner(server)
  if (key === undefined || signer === undefined) return undefined
  const old: JsonObject = {}
  for (const { keyId, publicKey, expiredMs } of domains.listOldKeys(server)) {
    if (keyId !== key.keyId) old[keyId] = { key: publicKey, expired_ts: expiredMs }
  }
  return signJson(
    {
      server_name: server,
      valid_until_ts: nowMs + keyLimits.ownValidityMs,
      verify_keys: { [key.keyId]: { key: key.publicKey } },
      old_verify_keys: old,
    },
    signer,
  )
}

/**
 * The document of that server; RemoteError `bad-reply` if it is another's, malformed, or not signed by a key that it
 * publishes. The keys count for at most seven days from now.
 */
export function parseKeyDocument(json: JsonValue | undefined, server: ServerName, nowMs: number): KeyDocument {
  if (!isJsonObject(json)) fail(server, 'not an object')
  if (json.server_name !== server) fail(server, "it is another server's")
  const { valid_until_ts: validUntil, verify_keys: verifyKeys, old_verify_keys: oldKeys = {} } = json
  if (typeof validUntil !== 'number' || !Number.isSafeInteger(validUntil))
    fail(server, 'valid_until_ts: not an integer')
  if (!isJsonObject(verifyKeys) || !isJsonObject(oldKeys)) fail(server, 'verify_keys or old_verify_keys: not an object')
  const validUntilMs = Math.min(validUntil, nowMs + keyLimits.validityMaxMs)
  const current = readKeys(server, verifyKeys, () => validUntilMs)
  const old = readKeys(server, oldKeys, ({ expired_ts: expired }) => {
    if (typeof expired !== 'number' || !Number.isSafeInteger(expired)) fail(server, 'expired_ts: not an integer')
    return expired
  })
  if (!verifyJson(json, server, new Map(current.map((key) => [key.keyId, key.publicKey])))) {
    fail(server, 'it is not signed by its keys')
  }
  const currentIds = new Set(current.map(({ keyId }) => keyId))
  const keys = [...current, ...old.filter(({ keyId }) => !currentIds.has(keyId))]
  return { server, json, validUntilMs: validUntil, keys }
}

/** Keys of other algorithms are left out. */
function readKeys(server: ServerName, keys: JsonObject, untilOf: (entry: JsonObject) => number): KnownKey[] {
  const entries = Object.entries(keys)
  if (entries.length > keyLimits.keysPerServerMax) fail(server, 'too many keys')
  const found: KnownKey[] = []
  for (const [keyId, entry] of entries) {
    if (!keyId.startsWith('ed25519:')) continue
    if (!isKeyId(keyId) || !isJsonObject(entry) || typeof entry.key !== 'string') fail(server, 'a key is malformed')
    if (decodeBase64(entry.key)?.length !== 32) fail(server, 'a key has not 32 bytes')
    found.push({ keyId: keyId as KeyId, publicKey: entry.key, validUntilMs: untilOf(entry) })
  }
  return found
}

function fail(server: ServerName, message: string): never {
  throw new RemoteError('bad-reply', `the keys of ${server} cannot be used: ${message}`)
}
