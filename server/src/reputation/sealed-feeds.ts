/**
 * What own sealed feeds do otherwise than plain ones: saying replaces a row by another, going back seals anew, and who
 * leaves an audience cannot read what is said afterwards. Each must hold the feed's turn.
 */

import {
  type EntityKey,
  encodeBase64,
  type FeedEntry,
  type Manifest,
  parseEntity,
  parseManifest,
  type SealedOpinion,
} from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import { oprfKeyOf } from './feed-keys.ts'
import type { FeedRow } from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import { publish } from './publish.ts'
import { refusing } from './refuse.ts'
import type { GivenOpinion, ReputationDeps, Said, SealedTier } from './reputation.ts'
import { listReasons, readSealedOpinions, sealOpinions, subjectOf } from './seal-opinions.ts'
import { findSealed, findSharedSalt, listSealedHeld, type SealedRow } from './sealed-table.ts'

/** What the manifest of a sealed feed says of an epoch. `secret`: of the feed. */
export async function describeSealing(
  { store, clock, randomBytes }: ReputationDeps,
  { feed, secret }: Pick<FeedRow, 'feed' | 'secret'>,
  tier: SealedTier,
  epoch: number,
): Promise<Pick<Manifest, 'tier' | 'epoch' | 'salt' | 'oprf'>> {
  if (tier === 'T3') return { tier, epoch, oprf: encodeBase64((await oprfKeyOf({ feed, secret }, epoch)).publicKey) }
  if (tier === 'T4') return { tier, epoch }
  const shared = await findSharedSalt(store.reader, clock.nowMs() - reputationLimits.saltMs)
  return { tier, epoch, salt: shared ?? encodeBase64(randomBytes(16)) }
}

/** Seals opinions; what the feed held on the same subjects ends. Throws MatrixError. */
export async function saySealed(deps: ReputationDeps, row: FeedRow, given: readonly GivenOpinion[]): Promise<Said> {
  const { sealedOpinionsMax } = reputationLimits
  if (given.length > sealedOpinionsMax) {
    throw new MatrixError('M_TOO_LARGE', `A sealed feed takes ${sealedOpinionsMax} opinions at once.`)
  }
  return replaceRows(deps, row, readSealedOpinions(given, deps.clock.nowMs()))
}

async function replaceRows(
  deps: ReputationDeps,
  row: FeedRow,
  opinions: readonly SealedOpinion[],
  more: readonly FeedEntry[] = [],
): Promise<Said> {
  const manifest = refusing(() => listReasons(row.manifest, opinions))
  const before = await listSealedHeld(deps.store.reader, row.feed, opinions.map(subjectOf))
  const { entries, sealed } = await sealOpinions(row, manifest, opinions, hashesOf(before))
  const said = await publish(deps, row, [...more, ...before.map(retract), ...entries], { sealed, manifest })
  return { seq: said.seq, ids: sealed.map(({ id }) => id) }
}

function retract({ id }: SealedRow): FeedEntry {
  return { op: 'retract', id }
}

function hashesOf(rows: readonly SealedRow[]): Map<EntityKey, Uint8Array> {
  return new Map(rows.map(({ opinion: { kind, entity }, hashed }) => [parseEntity(kind, entity), hashed]))
}

/** Says again what some rows said (by ID, not forgotten since), and nothing else. */
export async function restoreSealed(deps: ReputationDeps, row: FeedRow, ids: readonly string[]): Promise<Said> {
  const { reader } = deps.store
  const then = [...(await findSealed(reader, row.feed, ids)).values()]
  const wanted = new Map(then.map(({ id, subject }) => [subject, id]))
  const held = await listSealedHeld(reader, row.feed)
  const kept = new Set(held.filter(({ id, subject }) => wanted.get(subject) === id).map(({ subject }) => subject))
  const ended = held.filter(({ subject }) => !wanted.has(subject)).map(retract)
  const opinions = then.filter(({ subject }) => !kept.has(subject)).map(({ opinion }) => opinion)
  return replaceRows(deps, row, opinions, ended)
}

/**
 * A new epoch: everything is sealed anew with another key, so that who had the one before reads nothing of what is
 * said from now on. `readers`: of a narrow feed.
 */
export async function beginEpoch(
  deps: ReputationDeps,
  row: FeedRow,
  readers: readonly string[] | undefined,
): Promise<Said> {
  const { tier, salt, oprf: _, ...rest } = row.manifest
  const [epoch, revision] = [rest.epoch + 1, rest.revision + 1]
  const sealing = await describeSealing(deps, row, tier as SealedTier, epoch)
  const manifest = parseManifest({ ...rest, revision, ...sealing })
  const held = await listSealedHeld(deps.store.longReader, row.feed)
  // A name has the same hash under the same salt; an oblivious one is made with the key of its epoch.
  const isSame = tier === 'T4' || (tier === 'T2' && salt === sealing.salt)
  const opinions = held.map(({ opinion }) => opinion)
  const { entries, sealed } = await sealOpinions(row, manifest, opinions, isSame ? hashesOf(held) : undefined)
  const change = { sealed, manifest, ...(readers !== undefined && { readers }) }
  return publish(deps, row, [...held.map(retract), ...entries], change)
}
