/** What clients say, as entries of a feed. */

import {
  type EntityKind,
  entryId,
  eraseEntries,
  type FeedEntry,
  parseBatch,
  parseEntity,
  parseEntry,
  splitEntity,
} from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import { type BatchRow, type FeedRow, listBatches, listEntries } from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import { publish } from './publish.ts'
import type { GivenOpinion, ReputationDeps, Said } from './reputation.ts'
import { isSealed } from './seal-opinions.ts'
import { listSealedAlike } from './sealed-table.ts'

/** The entries of opinions, said now; throws a ReputationError for what no feed may say. */
export function writeEntries(opinions: readonly GivenOpinion[], nowMs: number): FeedEntry[] {
  return opinions.map(({ kind, entity, ...rest }) => {
    const own = entity === undefined ? {} : { entity: splitEntity(parseEntity(kind as EntityKind, entity)).id }
    return parseEntry({
      confidence: reputationLimits.confidence,
      ...rest,
      ...own,
      op: 'statement',
      kind,
      issued: nowMs,
    })
  })
}

/** Takes back what the feed holds under some IDs, and if it is to be forgotten, erases it from all batches. */
export async function endEntries(
  deps: ReputationDeps,
  row: FeedRow,
  ids: readonly string[],
  isForgotten: boolean,
): Promise<Said> {
  // Rows of before say the same of the same entity: what is forgotten goes out of all of them.
  const alike = isForgotten && isSealed(row) ? await listSealedAlike(deps.store.reader, row.feed, ids) : []
  const wanted = new Set([...ids, ...alike])
  const known = new Set((await listEntries(deps.store.longReader, row.feed)).map(({ id }) => id))
  const erased = isForgotten ? await eraseFrom(deps, row.feed, wanted, known) : []
  for (const id of wanted) if (!known.has(id)) throw new MatrixError('M_NOT_FOUND', `The feed does not hold ${id}.`)
  const op = isForgotten ? 'tombstone' : 'retract'
  return publish(
    deps,
    row,
    [...wanted].map((id): FeedEntry => ({ op, id })),
    { erased },
  )
}

/** The batches that say one of the IDs, without what they say; `found` gets the IDs. */
async function eraseFrom(
  { store }: ReputationDeps,
  feed: string,
  ids: ReadonlySet<string>,
  found: Set<string>,
): Promise<BatchRow[]> {
  const { eraseBatchesMax } = reputationLimits
  const changed: BatchRow[] = []
  for (let since = 0; ; ) {
    const page = await listBatches(store.longReader, feed, since, eraseBatchesMax)
    for (const { seq, body } of page) {
      const batch = parseBatch(body)
      const hits = batch.entries.flatMap((entry) => entryId(entry) ?? []).filter((id) => ids.has(id))
      for (const id of hits) found.add(id)
      if (hits.length > 0) changed.push({ seq, body: JSON.stringify(eraseEntries(batch, ids)) })
    }
    if (page.length < eraseBatchesMax) return changed
    since = page.at(-1)!.seq
  }
}
