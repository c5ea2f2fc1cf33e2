/** The keys of all servers: ours, those in memory and in the store, and those that are asked for when they lack. */

import type { KeyId, PublicKeys, ServerName } from '@parallax/protocol'
import { type Clock, type Logger, Lru } from '../../base/index.ts'
import type { Domains } from '../../config/index.ts'
import type { Store } from '../../store/index.ts'
import { keyLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import type { Transport } from '../signed/transport.ts'
import { fetchKeysFromNotary, fetchOwnKeys } from './fetch-keys.ts'
import type { KeyDocument } from './key-document.ts'
import { findDocument, type KnownKey, listKeys, listValidServers, upsertDocument, upsertKey } from './key-table.ts'

export type WantedKeys = {
  readonly server: ServerName
  /** At least one of them is wanted; empty: whatever there is. */
  readonly keyIds: readonly KeyId[]
  /** When the key must count, ms; undefined: at any time. */
  readonly validAtMs: number | undefined
  /** The server has just sent something, signed: it is asked though it did not answer lately. */
  readonly isThere?: boolean
}

export interface KeyRing {
  /**
   * The server's keys that count at that time, by ID; asked for if none of the wanted ones is known. Empty if they
   * cannot be had. Never rejects for what other servers do.
   */
  findKeys(wanted: WantedKeys): Promise<PublicKeys>
  /** False: when its keys were asked for last, neither the server nor a notary told any. */
  isAnswered(server: ServerName): boolean
  /** The document of another server that is valid at that time if it can be had, else the newest known. */
  findDocument(server: ServerName, validAtMs: number): Promise<string | undefined>
  /** Other servers whose keys were heard of lately: they count at that time. */
  listServers(validAtMs: number, limit: number): Promise<ServerName[]>
}

export type KeyRingDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly domains: Domains
  readonly transport: Transport
  /** Servers asked for the keys of servers that do not answer, in this order. */
  readonly notaries: readonly ServerName[]
}

type Known = { keys: ReadonlyMap<KeyId, KnownKey>; askedMs: number; isAnswered: boolean }

export function createKeyRing(deps: KeyRingDeps): KeyRing {
  const { store, clock, domains } = deps
  const known = new Lru<ServerName, Known>(keyLimits.serversMax)
  const asking = new Map<ServerName, Promise<void>>()

  const load = async (server: ServerName): Promise<Known> => {
    const kept = known.get(server)
    if (kept !== undefined) return kept
    const keys = await listKeys(store.reader, server)
    const loaded = known.get(server) ?? {
      keys: new Map(keys.map((key) => [key.keyId, key])),
      askedMs: 0,
      isAnswered: true,
    }
    known.set(server, loaded)
    return loaded
  }
  const take = async (documents: readonly KeyDocument[]): Promise<void> => {
    for (const document of documents) {
      const before = await load(document.server)
      const keys = new Map([...before.keys, ...document.keys.map((key) => [key.keyId, key] as const)])
      known.set(document.server, { ...before, keys })
      await store.transact((tx) => {
        for (const key of document.keys) upsertKey(tx, document.server, key)
        const { json, validUntilMs } = document
        upsertDocument(tx, document.server, { body: JSON.stringify(json), validUntilMs })
      })
    }
  }
  const refresh = async (server: ServerName, validAtMs: number, isThere: boolean): Promise<void> => {
    const before = await load(server)
    if (before.askedMs > 0 && clock.nowMs() - before.askedMs < keyLimits.askAgainMs) return
    let isAnswered = false
    let isAsked = true
    try {
      const documents = await askAround(deps, ring, { server, validAtMs, isThere })
      isAsked = documents !== undefined
      isAnswered = (documents ?? []).some((document) => document.server === server)
      await take(documents ?? [])
    } finally {
      const after = known.get(server)
      if (after !== undefined) {
        after.isAnswered = isAnswered
        if (isAsked) after.askedMs = clock.nowMs()
      }
    }
  }
  const refreshOnce = (server: ServerName, validAtMs: number, isThere = false): Promise<void> => {
    const under = asking.get(server) ?? refresh(server, validAtMs, isThere).finally(() => asking.delete(server))
    asking.set(server, under)
    return under
  }

  const ring: KeyRing = {
    listServers: (validAtMs, limit) => listValidServers(store.reader, validAtMs, limit),
    async findKeys(wanted) {
      const { server, validAtMs, isThere } = wanted
      if (domains.isLocal(server)) return ownKeys(domains, server, validAtMs)
      const before = await load(server)
      if (hasWanted(before.keys, wanted)) return validKeys(before.keys, validAtMs)
      await refreshOnce(server, validAtMs ?? 0, isThere)
      return validKeys((await load(server)).keys, validAtMs)
    },
    isAnswered: (server) => known.get(server)?.isAnswered ?? true,
    async findDocument(server, validAtMs) {
      const before = await findDocument(store.reader, server)
      if (before !== undefined && before.validUntilMs >= validAtMs) return before.body
      await refreshOnce(server, validAtMs)
      return (await findDocument(store.reader, server))?.body
    },
  }
  return ring
}

function ownKeys(domains: Domains, server: ServerName, validAtMs: number | undefined): PublicKeys {
  const { keyId, publicKey } = domains.findSigningKey(server)!
  const old = domains.listOldKeys(server).filter(({ expiredMs }) => validAtMs === undefined || expiredMs >= validAtMs)
  return new Map([...old.map((key) => [key.keyId, key.publicKey] as const), [keyId, publicKey]])
}

function isValidAt({ validUntilMs }: KnownKey, validAtMs: number | undefined): boolean {
  return validAtMs === undefined || validUntilMs >= validAtMs
}

function hasWanted(keys: Known['keys'], { keyIds, validAtMs }: WantedKeys): boolean {
  const candidates = keyIds.length === 0 ? [...keys.keys()] : keyIds
  return candidates.some((keyId) => {
    const key = keys.get(keyId)
    return key !== undefined && isValidAt(key, validAtMs)
  })
}

function validKeys(keys: Known['keys'], validAtMs: number | undefined): PublicKeys {
  const valid = [...keys.values()].filter((key) => isValidAt(key, validAtMs))
  return new Map(valid.map(({ keyId, publicKey }) => [keyId, publicKey]))
}

type Asked = { readonly server: ServerName; readonly validAtMs: number; readonly isThere: boolean }

/** The server itself, then the notaries in turn, until one answers; undefined: nobody was asked, not even in vain. */
async function askAround(
  { transport, notaries, clock, logger, domains }: KeyRingDeps,
  ring: KeyRing,
  { server, validAtMs, isThere }: Asked,
): Promise<readonly KeyDocument[] | undefined> {
  const nowMs = clock.nowMs()
  let isAsked = false
  const failed = (from: ServerName, error: unknown) => {
    if (!(error instanceof RemoteError) || error.kind === 'closed') throw error
    logger.debug({ server, from, err: error }, 'the keys of a server could not be had')
    isAsked ||= error.kind !== 'backing-off'
  }
  try {
    return [await fetchOwnKeys(transport, server, nowMs, isThere)]
  } catch (error) {
    failed(server, error)
  }
  // A notary's own keys come from itself alone: notaries that asked each other could wait for ever.
  if (notaries.includes(server)) return isAsked ? [] : undefined
  for (const name of notaries) {
    if (domains.isLocal(name)) continue
    try {
      const keys = await ring.findKeys({ server: name, keyIds: [], validAtMs: nowMs })
      const documents = await fetchKeysFromNotary(transport, { name, keys }, server, validAtMs, nowMs)
      if (documents.length > 0) return documents
      isAsked = true
    } catch (error) {
      failed(name, error)
    }
  }
  return isAsked ? [] : undefined
}
