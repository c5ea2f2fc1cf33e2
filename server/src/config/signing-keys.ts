/**
 * The signing keys of our domains: one that signs, and the old ones, which stay published so that others can verify
 * what was signed with them. Spec: server-server-api#publishing-keys.
 */

import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createSigningKey,
  formatKeyLine,
  type KeyId,
  parseKeyLine,
  type ServerName,
  type SigningKey,
} from '@parallax/protocol'
import { ConfigError } from './config-error.ts'
import { keyFolder, writeSafely } from './data-folder.ts'

/** A key that signs no more. */
export type OldKey = {
  readonly keyId: KeyId
  /** Unpadded base64. */
  readonly publicKey: string
  /** When it stopped signing, ms. */
  readonly expiredMs: number
}

/** The signing key of a domain, made at first use. The file has one line, as Synapse's key files. */
export function openSigningKey(folder: string, server: ServerName): SigningKey {
  const path = placeOf(folder, server, 'signing.key')
  if (existsSync(path)) return readKey(path)
  const key = newKey()
  writeSafely(path, `${formatKeyLine(key)}\n`)
  return key
}

/** The public part of the key that the domain signs with; undefined: it has none yet. Changes nothing. */
export function findPublicKey(folder: string, server: string): Pick<OldKey, 'keyId' | 'publicKey'> | undefined {
  const path = placeOf(folder, server, 'signing.key')
  if (!existsSync(path)) return undefined
  const { keyId, publicKey } = readKey(path)
  return { keyId, publicKey }
}

/** The key with which a domain signs as policy server, made at first use: never the one that it sends events with. */
export function openPolicyKey(folder: string, server: ServerName): SigningKey {
  const path = placeOf(folder, server, 'policy.key')
  if (existsSync(path)) return readKey(path)
  const key = createSigningKey('policy_server', new Uint8Array(randomBytes(32)))
  writeSafely(path, `${formatKeyLine(key)}\n`)
  return key
}

/** The keys that signed for the domain before. Their secrets are not kept. */
export function listOldKeys(folder: string, server: ServerName): OldKey[] {
  const path = placeOf(folder, server, 'old.keys')
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').map((line) => readOldKey(path, line))
}

/**
 * A new signing key for the domain; the one before is kept among the old ones. No server may run on the folder: it
 * would go on signing with a key that has expired.
 */
export function rotateSigningKey(folder: string, server: ServerName, nowMs: number): SigningKey {
  const old = openSigningKey(folder, server)
  const known = listOldKeys(folder, server).filter(({ keyId }) => keyId !== old.keyId)
  const all = [...known, { keyId: old.keyId, publicKey: old.publicKey, expiredMs: nowMs }]
  // First the old one, then the new one: whatever a crash leaves behind verifies what was signed.
  writeSafely(placeOf(folder, server, 'old.keys'), all.map(oldKeyLine).join(''))
  const key = newKey()
  writeSafely(placeOf(folder, server, 'signing.key'), `${formatKeyLine(key)}\n`)
  return key
}

function placeOf(folder: string, server: string, suffix: string): string {
  return join(folder, keyFolder, `${server.replaceAll(/[^\w.-]/g, '_')}.${suffix}`)
}

function newKey(): SigningKey {
  return createSigningKey(`a_${randomBytes(3).toString('hex')}`, new Uint8Array(randomBytes(32)))
}

function readKey(path: string): SigningKey {
  try {
    return parseKeyLine(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError([`The signing key ${path} cannot be read: ${(error as Error).message}.`])
  }
}

function oldKeyLine({ keyId, publicKey, expiredMs }: OldKey): string {
  return `${keyId} ${publicKey} ${expiredMs}\n`
}

function readOldKey(path: string, line: string): OldKey {
  const [keyId, publicKey, expired] = line.trim().split(/\s+/)
  if (keyId?.startsWith('ed25519:') && publicKey?.length === 43 && /^\d+$/.test(expired ?? '')) {
    return { keyId: keyId as KeyId, publicKey, expiredMs: Number(expired) }
  }
  throw new ConfigError([`${path}: a line is: ed25519:<version> <public key> <when it expired, in ms>.`])
}
