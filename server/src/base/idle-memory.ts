/**
 * Gives memory back when a thread rests: V8 collects its old generation only when it grows, so what a busy time left
 * behind would stay for hours on a server that went quiet.
 */

import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export type IdleMemoryOptions = {
  /** How often a thread looks whether it rests. */
  readonly everyMs: number
  /** The share of a look's time that may have been busy, 0 to 1. */
  readonly busyShareMax: number
  /** Garbage worth a collection, in bytes: less is left alone. */
  readonly garbageBytesMin: number
}

export const idleMemory: IdleMemoryOptions = { everyMs: 1_000, busyShareMax: 0.05, garbageBytesMin: 32 * 1024 * 1024 }

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/**
 * Begins to look; answers what ends it. `onIdle` is called with each collection, for caches outside of the heap. The
 * pause of a collection (20 to 40 ms at 40 MiB) falls into a second in which nothing else was to be done.
 */
export function collectWhenIdle(onIdle: () => void = () => {}, options = idleMemory): () => void {
  let before: EventLoopUtilization = performance.eventLoopUtilization()
  let usedAfterCollection = 0
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    const used = getHeapStatistics().used_heap_size
    if (utilization > options.busyShareMax || used - usedAfterCollection < options.garbageBytesMin) return
    onIdle()
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
