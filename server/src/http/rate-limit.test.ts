/** Token buckets: bursts, refilling, and who shares one. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MatrixError } from '../base/index.ts'
import { createRateLimiter, type LimitSizes } from './rate-limit.ts'

const size = { perSecond: 2, burst: 3 }
const sizes = Object.fromEntries(
  ['default', 'send', 'sync', 'login', 'register', 'join', 'invite', 'keys', 'media'].map((name) => [name, size]),
) as LimitSizes

function createTurnedLimiter() {
  let nowMs = 1_000_000
  const clock = { nowMs: () => nowMs, schedule: () => () => {} }
  const limiter = createRateLimiter(clock, sizes)
  const waitOf = (who: string | number, limit: 'send' | 'none' = 'send'): number => {
    try {
      limiter.take(limit, who)
      return 0
    } catch (error) {
      return (error as MatrixError).fields.retry_after_ms as number
    }
  }
  const turn = (ms: number) => {
    nowMs += ms
  }
  return { waitOf, turn }
}

test('allows a burst, then tells how long to wait, to the millisecond', () => {
  const { waitOf, turn } = createTurnedLimiter()
  assert.deepEqual([waitOf(1), waitOf(1), waitOf(1), waitOf(1)], [0, 0, 0, 500])
  turn(499)
  assert.equal(waitOf(1), 1)
  turn(1)
  assert.deepEqual([waitOf(1), waitOf(1)], [0, 500])
})

test('never fills a bucket beyond its burst, and never empties it when the clock goes back', () => {
  const { waitOf, turn } = createTurnedLimiter()
  waitOf(1)
  turn(3_600_000)
  assert.deepEqual([waitOf(1), waitOf(1)], [0, 0])
  turn(-3_600_000)
  assert.deepEqual([waitOf(1), waitOf(1)], [0, 500])
})

test('keeps users, addresses and classes apart', () => {
  const { waitOf } = createTurnedLimiter()
  for (let count = 0; count < 4; count += 1) waitOf(1)
  assert.deepEqual([waitOf(2), waitOf('127.0.0.1'), waitOf(1, 'none')], [0, 0, 0])
  assert.ok(waitOf(1) > 0)
})
