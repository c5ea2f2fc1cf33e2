/** Events that wait for one server are in memory, or known to be in the tables, or said to be in neither. */

import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ServerName } from '@parallax/protocol'
import { outboxLimits } from './limits.ts'
import { type Page, WaitingEvents } from './waiting.ts'

const origin = 'ours.example' as ServerName
const event = (position: number, room = 1) => ({ event: position, room, position, origin, atMs: position })
const positions = ({ events }: Pick<Page, 'events'>) => events.map(({ position }) => position)

it('what is under way stays the oldest that waits when what came after it is left to the tables', async () => {
  const waiting = new WaitingEvents(async () => undefined)
  waiting.add([event(1)])
  assert.deepEqual(positions(await waiting.take(1)), [1])
  waiting.add(Array.from({ length: outboxLimits.waitingMax + 1 }, (_, index) => event(index + 2)))
  assert.equal(waiting.oldest(), 1)
  assert.equal(waiting.told(), false)
  assert.equal(waiting.oldest(), 2)
  waiting.giveBack()
  waiting.leave()
  assert.equal(waiting.oldest(), 2)
})

it('the tables are read only when what was left to them is committed', async () => {
  let reads = 0
  const waiting = new WaitingEvents(async () => {
    reads += 1
    return reads === 1 ? { rooms: [{ room: 1, since: 1, position: 1 }], events: [event(1)] } : undefined
  })
  waiting.add([event(1)])
  waiting.noteStoring(1)
  waiting.leave()
  assert.equal(waiting.isReady, false)
  assert.equal(waiting.noteStored(1), true)
  assert.deepEqual(positions(await waiting.take(50)), [1])
})

it('what is told from memory does not settle rows that must be read yet', async () => {
  const waiting = new WaitingEvents(async () => undefined)
  waiting.add([event(100)])
  await waiting.take(50)
  waiting.noteStoring(100)
  waiting.mustRead()
  assert.equal(waiting.told(), false)
})

it('takes what one domain tells, and goes on with the same page after a part of it was refused', async () => {
  const page = [event(1), event(2), { ...event(3), origin: 'other.example' as ServerName }, event(4)]
  let reads = 0
  const waiting = new WaitingEvents(async () => {
    reads += 1
    return reads === 1 ? { rooms: [{ room: 1, since: 1, position: 4 }], events: page } : undefined
  })
  waiting.mustRead()
  assert.deepEqual(positions(await waiting.take(1)), [1])
  waiting.told()
  assert.deepEqual(positions(await waiting.take(50)), [2])
  waiting.giveBack()
  assert.deepEqual(positions(await waiting.take(50)), [2])
  waiting.told()
  assert.deepEqual(positions(await waiting.take(50)), [3])
  waiting.told()
  const last = await waiting.take(50)
  assert.deepEqual([positions(last), last.settled.length], [[4], 1])
  waiting.giveBack()
  assert.deepEqual((await waiting.take(50)).settled, last.settled)
  assert.equal(reads, 1)
})
