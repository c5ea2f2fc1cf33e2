/**
 * Gives memory back when the main thread rests: V8 collects its old generation only when it grows, so what a busy time
 * left behind would stay for hours on a server that went quiet.
 */

import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type IdleMemoryOptions = {
  /** How often the thread looks whether it rests. */
  readonly everyMs: number
  /** The share of the time since the last look that may have been busy, 0 to 1. */
  readonly busyShareMax: number
  /** Garbage worth a collection, in bytes: less is left alone. */
  readonly garbageBytesMin: number
}

const defaults: IdleMemoryOptions = { everyMs: 1_000, busyShareMax: 0.05, garbageBytesMin: 32 * 1024 * 1024 }

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/**
 * Begins to look; answers what ends it. A collection pauses the thread for about 100 ms at 40 MiB, after a second in
 * which there was nothing to do; it comes once per 32 MiB of garbage at most, that is every some thousand requests.
 */
export function collectWhenIdle(options = defaults): () => void {
  let before: EventLoopUtilization = performance.eventLoopUtilization()
  let usedAfterCollection = 0
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    const garbageBytes = getHeapStatistics().used_heap_size - usedAfterCollection
    if (utilization > options.busyShareMax || garbageBytes < options.garbageBytesMin) return
    // This flavour also compacts and hands pages back; the others keep them for some time.
    findCollector()({ type: 'major', execution: 'sync', flavor: 'last-resort' })
    usedAfterCollection = getHeapStatistics().used_heap_size
  }, options.everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

let collector: Collect | undefined

/** V8 shows its collector only to contexts that are made while this flag is set. */
function findCollector(): Collect {
  if (collector === undefined) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as Collect
    setFlagsFromString('--no-expose-gc')
  }
  return collector
}
