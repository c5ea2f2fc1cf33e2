/** Signs the next batch of a feed and keeps it, with what it changes, in one transaction. Must hold the feed's turn. */

import { appendBatch, entryId, type FeedEntry, feedLimits, hashEntry } from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import {
  type BatchRow,
  countEntries,
  type FeedRow,
  insertBatch,
  removeEntries,
  updateBatch,
  upsertEntry,
} from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import { refusing } from './refuse.ts'
import type { ReputationDeps, Said } from './reputation.ts'

/** `erased`: batches that lose, in the same transaction, what must be forgotten. Throws M_RESOURCE_LIMIT_EXCEEDED. */
export async function publish(
  deps: ReputationDeps,
  row: FeedRow,
  entries: readonly FeedEntry[],
  erased: readonly BatchRow[] = [],
): Promise<Said> {
  const { store, clock } = deps
  const { feed, key, state } = row
  const ids = entries.map(idOf)
  await checkRoom(deps, row, entries)
  const next = refusing(() => appendBatch(state, key, entries, clock.nowMs()))
  await store.transact((tx) => {
    insertBatch(tx, next.state, next.batch.hash, JSON.stringify(next.batch))
    const ended = entries.filter(({ op }) => op === 'retract' || op === 'tombstone')
    if (ended.length > 0) removeEntries(tx, feed, ended.map(idOf))
    for (const batch of erased) updateBatch(tx, feed, batch)
    for (const entry of entries) {
      if (entry.op !== 'statement') continue
      const isPattern = 'pattern' in entry
      upsertEntry(tx, feed, { id: idOf(entry), isPattern, hash: hashEntry(entry), body: JSON.stringify(entry) })
    }
  })
  return { seq: next.batch.seq, ids }
}

function idOf(entry: FeedEntry): string {
  return entry.op === 'retract' || entry.op === 'tombstone' ? entry.id : entryId(entry)!
}

async function checkRoom({ store }: ReputationDeps, { feed, state }: FeedRow, entries: readonly FeedEntry[]) {
  const { plainMax, patternsMax } = feedLimits
  const said = new Map(entries.filter(({ op }) => op === 'statement').map((entry) => [idOf(entry), entry]))
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
