/** Typing, receipts, presence and to-device messages between ours and Synapse, both ways. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { waitFor } from '../kit/wait-for.ts'
import {
  type AnyJson,
  createRoom,
  joinVia,
  type Pair,
  roomPath,
  say,
  startPair,
  syncUntil,
  waitForEvent,
  ways,
} from './pair.ts'

let pair: Pair

before(async () => {
  pair = await startPair()
})

after(async () => {
  await pair?.close()
})

const ephemeralOf = (reply: AnyJson, roomId: string, type: string) =>
  reply.rooms?.join?.[roomId]?.ephemeral?.events.find((event: AnyJson) => event.type === type)

for (const { way, of } of ways) {
  test(`${way}: typing and receipts`, async () => {
    const { here, there } = of(pair)
    const roomId = await createRoom(there, '11')
    await joinVia(here, roomId, there)
    const eventId = await say(there, roomId, 'read me')
    await waitForEvent(here, roomId, eventId)
    const since = (await there.call('GET', 'sync?timeout=0')).next_batch
    const typing = roomPath(roomId, `typing/${encodeURIComponent(here.userId)}`)
    await here.call('PUT', typing, { typing: true, timeout: 20_000 })
    await syncUntil(
      there,
      'typing',
      (reply) => (ephemeralOf(reply, roomId, 'm.typing')?.content.user_ids.includes(here.userId) ? true : undefined),
      since,
    )
    await here.call('POST', roomPath(roomId, `receipt/m.read/${encodeURIComponent(eventId)}`), {})
    const at = await syncUntil(
      there,
      'a receipt',
      (reply) => ephemeralOf(reply, roomId, 'm.receipt')?.content[eventId]?.['m.read']?.[here.userId],
      since,
    )
    assert.equal(typeof at.ts, 'number')
    await here.call('PUT', typing, { typing: false })
  })

  test(`${way}: presence`, async () => {
    const { here, there } = of(pair)
    const roomId = await createRoom(there, '11')
    await joinVia(here, roomId, there)
    const status = `at work ${way}`
    await here.call('PUT', `presence/${encodeURIComponent(here.userId)}/status`, {
      presence: 'online',
      status_msg: status,
    })
    await waitFor('the status', async () => {
      const answer = await there.ask('GET', `presence/${encodeURIComponent(here.userId)}/status`)
      const body: AnyJson = await answer.json()
      return body.status_msg === status ? true : undefined
    })
  })

  test(`${way}: to-device messages come once, also those of an outage`, async () => {
    const { here, there } = of(pair)
    const roomId = await createRoom(there, '11')
    await joinVia(here, roomId, there)
    let since = (await there.call('GET', 'sync?timeout=0')).next_batch
    const send = (count: number) => {
      const messages = { [there.userId]: { [there.account.deviceId]: { count } } }
      return here.call('PUT', `sendToDevice/org.example.count/${way.length}-${count}`, { messages })
    }
    await send(0)
    pair.setConnected(false)
    await send(1)
    await send(2)
    pair.setConnected(true)
    await waitForEvent(there, roomId, await say(here, roomId, 'back'))
    await send(3)
    const counts: number[] = []
    await waitFor('all four', async () => {
      const reply = await there.call('GET', `sync?timeout=1000&since=${encodeURIComponent(since)}`)
      since = reply.next_batch
      for (const { content } of reply.to_device?.events ?? []) counts.push(content.count)
      return counts.includes(3) ? true : undefined
    })
    assert.deepEqual(counts, [0, 1, 2, 3])
  })
}
