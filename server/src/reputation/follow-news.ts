/**
 * Waits for news of followed feeds: one question at a time to each server, for all feeds that this server follows
 * there, so that publishers see a server and not who follows what. Other servers are looked at now and then.
 */

import { parseNews } from './fetch-feed.ts'
import { reputationLimits } from './limits.ts'
import type { ReputationDeps } from './reputation.ts'
import { listWatched, type WatchedSource } from './source-table.ts'

export interface NewsFollower {
  /** What is followed there may be other now. */
  noteFollowed(address: string): void
  resume(): Promise<void>
  close(): Promise<void>
}

type Follow = { stop: AbortController; ended: Promise<void> }

/** What comes before `/feeds/` in an address. */
function baseOf(address: string): string {
  return address.slice(0, address.lastIndexOf('/feeds/'))
}

function feedOf({ address }: WatchedSource): string {
  return address.slice(address.lastIndexOf('/') + 1)
}

/** `look` answers true if it found something new. */
export function createNewsFollower(deps: ReputationDeps, look: (source: number) => Promise<boolean>): NewsFollower {
  const { store, clock, logger } = deps
  const { newsOriginsMax, newsPauseMs, newsPauseMsMax, newsFeedsMax } = reputationLimits
  const follows = new Map<string, Follow>()
  const stop = new AbortController()

  /** True if there was something new, false if not, undefined if there is nothing to ask for. */
  async function ask(base: string, signal: AbortSignal): Promise<boolean | undefined> {
    const watched = (await listWatched(store.reader, base)).slice(0, newsFeedsMax)
    if (watched.length === 0) return undefined
    const feeds = Object.fromEntries(watched.map((source) => [feedOf(source), source.seq]))
    const changed = new Set(await askNews(deps, base, feeds, signal))
    let isNews = false
    for (const source of watched) {
      if (!changed.has(feedOf(source)) || stop.signal.aborted) continue
      isNews = (await look(source.source)) || isNews
    }
    return isNews
  }

  function pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve()
      const cancel = clock.schedule(ms, resolve)
      const end = () => {
        cancel()
        resolve()
      }
      signal.addEventListener('abort', end, { once: true })
    })
  }

  /** Who answers early without news, or does not answer, is asked ever more rarely. */
  async function follow(base: string, of: Follow): Promise<void> {
    let failures = 0
    while (!stop.signal.aborted) {
      const { signal } = of.stop
      const begunMs = clock.nowMs()
      const isNews = await ask(base, AbortSignal.any([signal, stop.signal])).catch((error: unknown) => {
        if (!signal.aborted) logger.debug({ base, err: error }, 'a server tells no news of its feeds')
        return false
      })
      if (signal.aborted) {
        failures = 0
        of.stop = new AbortController()
        continue
      }
      if (isNews === undefined) return
      const isGood = isNews || clock.nowMs() - begunMs >= reputationLimits.newsWaitMs / 2
      failures = isGood ? 0 : failures + 1
      const waitMs = isGood ? newsPauseMs : Math.min(60_000 * 2 ** Math.min(failures - 1, 10), newsPauseMsMax)
      await pause(waitMs, AbortSignal.any([signal, stop.signal]))
    }
  }

  function note(base: string): void {
    if (stop.signal.aborted) return
    const known = follows.get(base)
    known?.stop.abort()
    if (known !== undefined || follows.size >= newsOriginsMax) return
    const begun: Follow = { stop: new AbortController(), ended: Promise.resolve() }
    follows.set(base, begun)
    begun.ended = follow(base, begun)
      .catch((error) => logger.error({ base, err: error }, 'news of feeds are not followed any more'))
      .finally(() => {
        follows.delete(base)
        // Asked for while it ended.
        if (begun.stop.signal.aborted) note(base)
      })
  }

  return {
    noteFollowed: (address) => note(baseOf(address)),
    async resume() {
      for (const { address } of await listWatched(store.reader)) {
        if (!follows.has(baseOf(address))) note(baseOf(address))
      }
    },
    async close() {
      stop.abort()
      await Promise.all([...follows.values()].map(({ ended }) => ended))
    },
  }
}

async function askNews(
  { outgoing }: ReputationDeps,
  base: string,
  feeds: Readonly<Record<string, number>>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { newsWaitMs, fetchMs, newsBytesMax } = reputationLimits
  const { status, body } = await outgoing.request({
    url: `${base}/news`,
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ feeds, timeout_ms: newsWaitMs }),
    timeoutMs: newsWaitMs + fetchMs,
    bodyBytesMax: newsBytesMax,
    isTlsRequired: base.startsWith('https:'),
    signal,
  })
  return parseNews(base, status, body.toString('utf8'))
}
