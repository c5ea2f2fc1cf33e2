/** A rested thread gives garbage back. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHeapStatistics } from 'node:v8'
import { collectWhenIdle } from './idle-memory.ts'

const MIB = 1024 * 1024
const options = { everyMs: 20, busyShareMax: 0.5, garbageBytesMin: 16 * MIB }

/** About 32 MiB that survive young collections, then are let go. */
function leaveGarbage(): void {
  const kept: unknown[] = []
  for (let n = 0; n < 400_000; n++) kept.push({ n, text: `x${n}` })
}

test('garbage is collected when the thread rests', async () => {
  const stop = collectWhenIdle(options)
  leaveGarbage()
  const full = getHeapStatistics().used_heap_size
  for (let waited = 0; waited < 3_000 && getHeapStatistics().used_heap_size > full - 16 * MIB; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  stop()
  const rested = getHeapStatistics().used_heap_size
  assert.ok(rested < full - 16 * MIB, `${full >> 20} MiB before, ${rested >> 20} MiB after`)
})
