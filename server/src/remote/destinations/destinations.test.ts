/** Servers that do not answer are left alone, longer and longer, until they show themselves. */

import assert from 'node:assert/strict'
import { after, it } from 'node:test'
import type { ServerName } from '@parallax/protocol'
import { endTestStores, openTestStore } from '../../../tests/kit/store.ts'
import type { Clock, Logger } from '../../base/index.ts'
import { createDestinations } from './destinations.ts'

after(() => endTestStores())

const server = 'a.example' as ServerName
const logger: Logger = { debug: () => {}, info: () => {}, warn: assert.fail, error: assert.fail }

it('waits twice as long after each failure, over restarts, and not at all once the server is alive', async () => {
  const { store, close } = await openTestStore()
  let nowMs = 1_000_000
  const clock: Clock = { nowMs: () => nowMs, schedule: () => () => {} }
  const open = () => createDestinations({ store, clock, logger, random: () => 0.5 })
  const first = await open()
  const waits: number[] = []
  for (let round = 0; round < 20; round++) {
    first.noteFailure(server)
    first.noteFailure(server)
    waits.push(first.retryAtMs(server) - nowMs)
    nowMs = first.retryAtMs(server)
  }
  assert.deepEqual(waits.slice(0, 5), [1000, 2000, 4000, 8000, 16_000])
  assert.equal(waits.at(-1), 24 * 3600_000)
  // Committed after all that was submitted before.
  await store.transact(() => {})
  const second = await open()
  assert.equal(second.retryAtMs(server), nowMs)
  assert.equal(second.failing(), 1)
  const recovered: string[] = []
  second.onRecovered((name) => recovered.push(name))
  second.noteAlive(server)
  second.noteAlive(server)
  assert.deepEqual([second.retryAtMs(server), recovered], [0, [server]])
  second.noteFailure(server, 90_000)
  assert.equal(second.retryAtMs(server), nowMs + 90_000)
  second.noteAlive(server)
  await store.transact(() => {})
  assert.equal((await open()).failing(), 0)
  await close()
})
