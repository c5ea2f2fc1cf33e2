/** Queues of to-device messages: what memory answers is what waits, whatever came, went, and was forgotten. */

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { DeviceId } from '@parallax/protocol'
import fc from 'fast-check'
import { endTestStores, openTestStore } from '../../tests/kit/store.ts'
import { type QueuedMessage, Queues } from './queues.ts'
import { insertMessage, removeMessages, removeQueues } from './to-device-table.ts'

after(endTestStores)

const device = fc.constantFrom(...(['ONE', 'TWO', 'THREE'] as DeviceId[]))
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), device }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('list' as const), device, skip: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('acknowledge' as const), device, skip: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), device }) },
)

describe('queues of to-device messages', () => {
  it('answer what waits, from memory or from the store', async () => {
    const { store, close } = await openTestStore()
    let position = 0
    let user = 0
    const play = fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(60), async (steps, charsMax) => {
      user++
      const queues = new Queues(store.reader, charsMax)
      const waiting = new Map<DeviceId, QueuedMessage[]>()
      for (const { device, ...one } of steps) {
        const expected = waiting.get(device) ?? []
        const after = 'skip' in one ? (expected[one.skip]?.position ?? 0) : 0
        if (one.kind === 'add') {
          const message = { position: ++position, text: `{"n":${position}}` }
          await store.transact((tx) => {
            insertMessage(tx, { position: message.position, user, device, content: message.text })
            tx.onCommitted(() => queues.noteAdded(user, device, message))
          })
          waiting.set(device, [...expected, message])
        } else if (one.kind === 'acknowledge') {
          await store.transact((tx) => removeMessages(tx, user, device, after))
          queues.noteRemoved(user, device, after)
          waiting.set(device, rest(expected, after))
        } else if (one.kind === 'end') {
          await store.transact((tx) => {
            removeQueues(tx, user, [device])
            tx.onCommitted(() => queues.forget(user, [device]))
          })
          waiting.delete(device)
        } else {
          const told = await queues.list(user, device, { after, upTo: position, limit: 3 })
          assert.deepEqual(told, rest(expected, after).slice(0, 3))
        }
      }
    })
    await fc.assert(play, { numRuns: 100 })
    await close()
  })
})

const rest = (messages: readonly QueuedMessage[], after: number) => messages.filter(({ position }) => position > after)
