/** Takes events that were redacted out of a block, so that nothing of what they said is left in the index. */

import { setImmediate } from 'node:timers/promises'
import type { Store } from '../../store/index.ts'
import { messageLimits } from '../limits.ts'
import { listBlock, type TermPostings, updatePostings } from './block-table.ts'
import { decodePostings, encodePostings, type Posting } from './postings.ts'

/** Rewrites the rows of the block that name one of the events. */
export async function purgeBlock(store: Store, block: number, gone: ReadonlySet<number>): Promise<void> {
  let last = ''
  for (;;) {
    const rows = await listBlock(store.longReader, block, last, messageLimits.rowsAtOnce)
    const changed = rows.flatMap((row) => withoutEvents(row, gone) ?? [])
    if (changed.length > 0) {
      await store.transact((tx) => {
        for (const row of changed) updatePostings(tx, block, row)
      })
    }
    if (rows.length < messageLimits.rowsAtOnce) return
    last = rows.at(-1)!.term
    await setImmediate()
  }
}

/** Undefined: the row names none of them. */
function withoutEvents({ term, postings }: TermPostings, gone: ReadonlySet<number>): TermPostings | undefined {
  const kept: Posting[] = []
  let isChanged = false
  decodePostings(postings, (posting) => {
    if (gone.has(posting.event)) isChanged = true
    else kept.push(posting)
  })
  return isChanged ? { term, postings: encodePostings(kept) } : undefined
}
