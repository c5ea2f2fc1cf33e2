/** Takes events that were redacted out of a block, so that nothing of what they said is left in the index. */

import { setImmediate } from 'node:timers/promises'
import type { Store } from '../../store/index.ts'
import { messageLimits } from '../limits.ts'
import { listBlock, updatePage } from './block-table.ts'
import { withoutEvents } from './page.ts'

/** Rewrites the pages of the block that name one of the events. */
export async function purgeBlock(store: Store, block: number, gone: ReadonlySet<number>): Promise<void> {
  let last = ''
  for (;;) {
    const pages = await listBlock(store.longReader, block, last, messageLimits.pagesAtOnce)
    const changed = pages.flatMap((page) => {
      const entries = withoutEvents(page.entries, gone)
      return entries === undefined ? [] : [{ ...page, entries }]
    })
    if (changed.length > 0) {
      await store.transact((tx) => {
        for (const page of changed) updatePage(tx, page)
      })
    }
    if (pages.length < messageLimits.pagesAtOnce) return
    last = pages.at(-1)!.beginning
    await setImmediate()
  }
}
