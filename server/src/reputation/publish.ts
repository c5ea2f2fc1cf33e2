/** Signs what a feed says next and keeps it, with what changes, in one transaction. Must hold the feed's turn. */

import {
  appendBatch,
  entryId,
  type FeedEntry,
  feedLimits,
  hashEntry,
  type Manifest,
  signManifest,
} from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import {
  type BatchRow,
  countEntries,
  type FeedRow,
  insertBatch,
  removeEntries,
  updateBatch,
  updateManifest,
  updateRowsMade,
  upsertEntry,
} from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import { refusing } from './refuse.ts'
import type { ReputationDeps, Said } from './reputation.ts'
import { forgetSealed, insertSealed, replaceReaders, type SealedRow } from './sealed-table.ts'

/** What changes with what is said, in the same transaction. */
export type Change = {
  /** Batches that lose what must be forgotten. */
  readonly erased?: readonly BatchRow[]
  /** What the rows say. */
  readonly sealed?: readonly SealedRow[]
  readonly manifest?: Manifest
  readonly readers?: readonly string[]
}

/** As many batches as it takes. Throws M_RESOURCE_LIMIT_EXCEEDED. */
export async function publish(
  deps: ReputationDeps,
  row: FeedRow,
  entries: readonly FeedEntry[],
  change: Change = {},
): Promise<Said> {
  const { feed, key } = row
  await checkRoom(deps, row, entries)
  const nowMs = deps.clock.nowMs()
  let { state } = row
  const batches = chunksOf(entries, feedLimits.batchEntriesMax).map((chunk) => {
    const next = refusing(() => appendBatch(state, key, chunk, nowMs))
    state = next.state
    return next
  })
  await deps.store.transact((tx) => {
    for (const next of batches) insertBatch(tx, next.state, next.batch.hash, JSON.stringify(next.batch))
    for (const batch of change.erased ?? []) updateBatch(tx, feed, batch)
    const ended = entries.filter((entry) => entry.op === 'retract' || entry.op === 'tombstone')
    if (ended.length > 0) removeEntries(tx, feed, ended.map(idOf))
    for (const entry of entries) {
      if (entry.op !== 'statement' && entry.op !== 'row') continue
      const isPattern = 'pattern' in entry
      upsertEntry(tx, feed, { id: idOf(entry), isPattern, hash: hashEntry(entry), body: JSON.stringify(entry) })
    }
    const { sealed = [], manifest, readers } = change
    for (const one of sealed) insertSealed(tx, feed, one)
    if (sealed.length > 0) updateRowsMade(tx, feed, row.rowsMade + sealed.length)
    const forgotten = entries.filter(({ op }) => op === 'tombstone').map(idOf)
    if (forgotten.length > 0) forgetSealed(tx, feed, forgotten)
    if (manifest !== undefined && manifest !== row.manifest) updateManifest(tx, feed, signManifest(key, manifest))
    if (readers !== undefined) replaceReaders(tx, feed, readers)
  })
  return { seq: state.head?.seq ?? 0, ids: entries.map(idOf) }
}

/** One, also of nothing: a batch may be empty. */
function chunksOf(entries: readonly FeedEntry[], size: number): FeedEntry[][] {
  const count = Math.max(1, Math.ceil(entries.length / size))
  return Array.from({ length: count }, (_, at) => entries.slice(at * size, (at + 1) * size))
}

function idOf(entry: FeedEntry): string {
  return entry.op === 'retract' || entry.op === 'tombstone' ? entry.id : entryId(entry)!
}

async function checkRoom({ store }: ReputationDeps, { feed, state }: FeedRow, entries: readonly FeedEntry[]) {
  const { plainMax, patternsMax } = feedLimits
  const isSaid = ({ op }: FeedEntry) => op === 'statement' || op === 'row'
  const said = new Map(entries.filter(isSaid).map((entry) => [idOf(entry), entry]))
  // What ends can always be said: it is bounded by what was.
  if (said.size === 0) return
  if ((state.head?.seq ?? 0) >= reputationLimits.batchesMax) full(`${reputationLimits.batchesMax} batches`)
  const [plain, patterns] = await countEntries(store.reader, feed, entries.map(idOf))
  const newPatterns = [...said.values()].filter((entry) => 'pattern' in entry).length
  if (plain + said.size - newPatterns > plainMax) full(`${plainMax} opinions`)
  if (patterns + newPatterns > patternsMax) full(`${patternsMax} patterns`)
}

function full(what: string): never {
  throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', `A feed has at most ${what}.`)
}
