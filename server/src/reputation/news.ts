/**
 * News of public feeds for servers that follow them: who asks waits, for a bounded time, until one of the feeds says
 * more. Nothing is remembered of who asked.
 */

import { listFeedHeads } from './feed-table.ts'
import { reputationLimits } from './limits.ts'
import type { News, ReputationDeps } from './reputation.ts'

type Wake = (feed: string | undefined) => void

export type FeedNews = News & {
  /** A feed says more, or says something else of itself. */
  tellNews(feed: string): void
}

export function createNews({ store, clock }: Pick<ReputationDeps, 'store' | 'clock'>): FeedNews {
  const byFeed = new Map<string, Set<Wake>>()
  let count = 0

  function wait(feeds: readonly string[], waitMs: number, signal: AbortSignal) {
    let wake: Wake = () => {}
    const told = new Promise<string | undefined>((resolve) => {
      wake = resolve
    })
    const give = () => wake(undefined)
    const cancel = clock.schedule(waitMs, give)
    signal.addEventListener('abort', give)
    for (const feed of feeds) byFeed.set(feed, (byFeed.get(feed) ?? new Set()).add(wake))
    count++
    const end = () => {
      count--
      cancel()
      signal.removeEventListener('abort', give)
      for (const feed of feeds) {
        const wakes = byFeed.get(feed)
        wakes?.delete(wake)
        if (wakes?.size === 0) byFeed.delete(feed)
      }
    }
    return { told, end }
  }

  return {
    tellNews(feed) {
      for (const wake of byFeed.get(feed) ?? []) wake(feed)
    },
    async waitForNews(since, waitMs, signal) {
      const feeds = Object.keys(since)
      // It is listened before it is looked: nothing that happens between is missed.
      const { told, end } = wait(feeds, Math.min(waitMs, reputationLimits.newsWaitMsMax), signal)
      try {
        const heads = await listFeedHeads(store.reader, feeds)
        const changed = heads.filter(({ feed, seq }) => seq > since[feed]!).map(({ feed }) => feed)
        const isWaiting = changed.length === 0 && heads.length > 0 && count <= reputationLimits.newsWaitersMax
        if (!isWaiting || signal.aborted) return { changed }
        const feed = await told
        const isPublic = heads.some((head) => head.feed === feed)
        return { changed: feed !== undefined && isPublic ? [feed] : [] }
      } finally {
        end()
      }
    },
  }
}
