/** Back to what a feed held at a batch: said again in a new one, as nothing is taken out of a chain. */

import {
  applyEntries,
  type FeedEntry,
  feedLimits,
  hashEntry,
  type PlainEntry,
  parseBatch,
  type RowEntry,
} from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import { type FeedRow, listBatches, listEntries } from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import { publish } from './publish.ts'
import type { ReputationDeps, Said } from './reputation.ts'
import { isSealed } from './seal-opinions.ts'
import { restoreSealed } from './sealed-feeds.ts'

/** Throws M_INVALID_PARAM for a batch that is not there, or where more would change than a batch can say. */
export async function restoreEntries(deps: ReputationDeps, row: FeedRow, seq: number): Promise<Said> {
  const last = row.state.head?.seq ?? 0
  if (seq >= last) throw new MatrixError('M_INVALID_PARAM', 'The feed can only go back to an older batch.')
  const then = await holdAt(deps, row.feed, seq)
  if (isSealed(row)) return restoreSealed(deps, row, [...then.keys()])
  const now = new Map((await listEntries(deps.store.longReader, row.feed)).map((entry) => [entry.id, entry]))
  const entries: FeedEntry[] = []
  for (const id of now.keys()) if (!then.has(id)) entries.push({ op: 'retract', id })
  for (const [id, entry] of then) if (now.get(id)?.hash !== hashEntry(entry)) entries.push(entry)
  if (entries.length > feedLimits.batchEntriesMax) {
    throw new MatrixError('M_INVALID_PARAM', `More than ${feedLimits.batchEntriesMax} opinions would change.`)
  }
  return publish(deps, row, entries)
}

/** What the feed held at a batch, without what was forgotten since. */
async function holdAt({ store }: ReputationDeps, feed: string, seq: number) {
  const held = new Map<string, PlainEntry | RowEntry>()
  for (let since = 0; since < seq; ) {
    const size = Math.min(reputationLimits.eraseBatchesMax, seq - since)
    const page = await listBatches(store.longReader, feed, since, size)
    for (const { body } of page) applyEntries(held, parseBatch(body).entries)
    since += size
  }
  return held
}
