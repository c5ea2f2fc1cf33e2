/**
 * What followed feeds sealed about the names that are met here. Whoever looks never waits: what costs a slow hash or a
 * question to the publisher is found out aside, and only if there is something are those who look told to look again.
 */

import {
  type Blinded,
  decodeBase64,
  deriveRowKeys,
  type EntityKey,
  encodeBase64,
  findInRange,
  hashFast,
  hashForAudience,
  hashSlowAside,
  loadOprf,
  oprfInput,
  planQuestion,
  prefixOf,
  ReputationError,
  type RowEntry,
  type RowKeys,
  sealedKinds,
  splitEntity,
} from '@parallax/reputation'
import { Lru } from '../base/index.ts'
import { RemoteError } from '../remote/index.ts'
import { askBlinded, askRange } from './ask-feed.ts'
import { reputationLimits } from './limits.ts'
import type { LookAlikes } from './look-alikes.ts'
import type { ReputationDeps } from './reputation.ts'
import { findHash, insertHash, keepHashesOf } from './sealed-table.ts'
import { listAllManifests, listSaidOf, type SourceRow } from './source-table.ts'
import type { FeedWeights } from './weights.ts'

/** Rows of a feed at a name's place, with what opens them; `dampedMs`: until when one is believed less. */
export type FoundRows = {
  readonly keys: RowKeys
  readonly rows: readonly { readonly bytes: Uint8Array; readonly dampedMs: number }[]
}

export interface SealedNames {
  /** Undefined: nothing is known, now at least. */
  find(source: SourceRow, entity: EntityKey): Promise<FoundRows | undefined>
  /** Hashes that no followed feed uses any more are forgotten. */
  tidy(): Promise<void>
  /** Resolves when nothing is being found out. */
  close(): Promise<void>
}

/** What is needed to look through a lens. */
export type LensDeps = ReputationDeps & {
  readonly sealedNames: SealedNames
  readonly lookAlikes: LookAlikes
  readonly feedWeights: FeedWeights
}

/** Feeds in which a name costs something: only some kinds are looked up there. */
export function isCostly({ manifest: { tier } }: Pick<SourceRow, 'manifest'>): boolean {
  return tier === 'T2' || tier === 'T3'
}

/** The name of what made a hash. */
function scopeOf({ tier, salt, oprf }: SourceRow['manifest']): string {
  return tier === 'T2' ? `T2 ${salt}` : `T3 ${oprf}`
}

const OWN = 'own'
const DECOYS = 'decoys'

/** `onFound` is told of a source of which something was found. */
export function createSealedNames(deps: ReputationDeps, onFound: (source: number) => void): SealedNames {
  const { store, clock, logger, randomBytes } = deps
  const hashes = new Lru<string, Uint8Array>(reputationLimits.rememberedMax)
  const buckets = new Lru<string, { readonly rows: Uint8Array; readonly endsMs: number }>(reputationLimits.bucketsMax)
  const bitsOf = new Map<number, number>()
  const wanted = new Map<string, { readonly source: SourceRow; readonly entity: EntityKey }>()
  const leftAloneMs = new Map<number, number>()
  let working: Promise<void> | undefined
  let isClosed = false

  async function hashOf(source: SourceRow, entity: EntityKey): Promise<Uint8Array | undefined> {
    const { tier } = source.manifest
    if (tier === 'T1') return hashFast(entity)
    if (tier === 'T4') {
      return source.audienceKey === '' ? undefined : hashForAudience(hashFast(entity), decodeBase64(source.audienceKey))
    }
    const scope = scopeOf(source.manifest)
    const known = hashes.get(`${scope} ${entity}`) ?? (await findHash(store.reader, scope, entity))
    if (known !== undefined) hashes.set(`${scope} ${entity}`, known)
    return known
  }

  function keysOf({ state, manifest }: SourceRow, hashed: Uint8Array): RowKeys {
    return deriveRowKeys(hashed, state.publicKey, manifest.epoch)
  }

  /** Undefined: not in memory. */
  function findBucket({ source, manifest }: SourceRow, index: Uint8Array): Uint8Array | undefined {
    const bits = bitsOf.get(source)
    if (bits === undefined) return undefined
    const kept = buckets.get(`${source} ${manifest.epoch} ${bits} ${prefixOf(index, bits)}`)
    return kept !== undefined && kept.endsMs > clock.nowMs() ? kept.rows : undefined
  }

  async function rowsAt(source: SourceRow, { index }: RowKeys): Promise<FoundRows['rows'] | undefined> {
    if (source.manner === 'range') {
      const bucket = findBucket(source, index)
      return bucket && findInRange(bucket, index).map((bytes) => ({ bytes, dampedMs: 0 }))
    }
    const said = await listSaidOf(store.reader, [source.source], '', encodeBase64(index))
    return said.map(({ body, damped_ms: dampedMs }) => {
      return { bytes: decodeBase64((JSON.parse(body) as RowEntry).row), dampedMs }
    })
  }

  function want(source: SourceRow, entity: EntityKey): void {
    if (isClosed || wanted.size >= reputationLimits.wantedMax) return
    if ((leftAloneMs.get(source.source) ?? 0) > clock.nowMs()) return
    wanted.set(`${source.source} ${entity}`, { source, entity })
    working ??= work().finally(() => {
      working = undefined
    })
  }

  async function work(): Promise<void> {
    while (!isClosed) {
      const [first] = wanted.values()
      if (first === undefined) return
      const { source } = first
      const { oprfElementsMax } = reputationLimits
      const most = source.manifest.tier === 'T3' ? oprfElementsMax : 1
      const together = [...wanted].filter(([, one]) => one.source.source === source.source).slice(0, most)
      for (const [key] of together) wanted.delete(key)
      try {
        const entities = together.map(([, { entity }]) => entity)
        if (await findOut(source, entities)) onFound(source.source)
      } catch (error) {
        if (!(error instanceof RemoteError || error instanceof ReputationError)) throw error
        leftAloneMs.set(source.source, clock.nowMs() + reputationLimits.askAgainMs)
        logger.info({ source: source.address, err: error }, 'a feed does not answer questions on names')
      }
    }
  }

  /** True if the feed says something of one of the names. */
  async function findOut(source: SourceRow, entities: readonly EntityKey[]): Promise<boolean> {
    const unknown: EntityKey[] = []
    for (const entity of entities) if ((await hashOf(source, entity)) === undefined) unknown.push(entity)
    if (unknown.length > 0) await keepHashes(source, unknown, await hashAll(source, unknown))
    let isFound = false
    for (const entity of entities) {
      const keys = keysOf(source, (await hashOf(source, entity))!)
      if (source.manner === 'range' && findBucket(source, keys.index) === undefined) await askFor(source, keys.index)
      isFound = ((await rowsAt(source, keys))?.length ?? 0) > 0 || isFound
    }
    return isFound
  }

  async function hashAll(source: SourceRow, entities: readonly EntityKey[]): Promise<readonly Uint8Array[]> {
    const { tier, salt, oprf: publicKey } = source.manifest
    if (tier === 'T2') return [await hashSlowAside(entities[0]!, decodeBase64(salt!, 16))]
    const oprf = await loadOprf()
    const blinded: Blinded[] = entities.map((entity) => oprf.blind(oprfInput(entity), randomBytes(64)))
    const sent = blinded.map(({ element }) => encodeBase64(element))
    return oprf.finalize(decodeBase64(publicKey!, 32), blinded, await askBlinded(deps, source.address, sent))
  }

  async function keepHashes(source: SourceRow, entities: readonly EntityKey[], found: readonly Uint8Array[]) {
    const scope = scopeOf(source.manifest)
    await store.transact((tx) => {
      for (const [at, entity] of entities.entries()) insertHash(tx, scope, entity, found[at]!)
    })
  }

  /** Brings the bucket of an index into memory, and those of its decoys. */
  async function askFor(source: SourceRow, index: Uint8Array): Promise<void> {
    const { address, manifest, source: number } = source
    const bits = bitsOf.get(number) ?? (await askRange(deps, address, undefined, [])).bits
    bitsOf.set(number, bits)
    const answer = await askRange(deps, address, bits, planQuestion(await decoySecret(), address, index, bits))
    // The feed has grown or shrunk: the next question is put in its terms.
    if (answer.bits !== bits) return void bitsOf.set(number, answer.bits)
    const endsMs = clock.nowMs() + reputationLimits.bucketMs
    for (const [prefix, rows] of answer.rows)
      buckets.set(`${number} ${manifest.epoch} ${bits} ${prefix}`, { rows, endsMs })
  }

  /** The same for good: other decoys beside the same question would show which one is meant. */
  async function decoySecret(): Promise<Uint8Array> {
    const known = await findHash(store.reader, OWN, DECOYS)
    if (known !== undefined) return known
    const fresh = randomBytes(32)
    await store.transact((tx) => insertHash(tx, OWN, DECOYS, fresh))
    return fresh
  }

  return {
    async find(source, entity) {
      const kinds: readonly string[] = sealedKinds
      if (isCostly(source) && !kinds.includes(splitEntity(entity).kind)) return undefined
      const hashed = await hashOf(source, entity)
      const keys = hashed && keysOf(source, hashed)
      const rows = keys && (await rowsAt(source, keys))
      if (rows !== undefined) return { keys: keys!, rows }
      if (source.manifest.tier !== 'T4') want(source, entity)
      return undefined
    },
    async tidy() {
      const manifests = await listAllManifests(store.reader)
      await store.transact((tx) => keepHashesOf(tx, [OWN, ...manifests.map(scopeOf)]))
    },
    async close() {
      isClosed = true
      await working
    },
  }
}
