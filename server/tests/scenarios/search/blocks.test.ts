/** The index of messages over time: what is written in blocks, what a restart and an older version leave. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { RoomId, UserId } from '@parallax/protocol'
import { messageLimits } from '../../../src/search/limits.ts'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

after(endTestStores)

async function count(user: TestUser, term: string): Promise<number> {
  const body = { search_categories: { room_events: { search_term: term, order_by: 'recent' } } }
  // biome-ignore lint/suspicious/noExplicitAny: replies are looked into
  return ((await user.ok('POST', 'search', body)) as any).search_categories.room_events.count
}

/** Fills a room quickly; answers the event IDs. */
async function fill(server: InProcess, roomId: string, sender: string, bodies: readonly string[]): Promise<string[]> {
  const ids: string[] = []
  for (let index = 0; index < bodies.length; index += 50) {
    const drafts = bodies.slice(index, index + 50).map((body) => ({ type: 'm.room.message', content: { body } }))
    const sent = await server.program.components.rooms.sendMany(roomId as RoomId, sender as UserId, drafts)
    ids.push(...sent.map(({ eventId }) => eventId))
  }
  return ids
}

/** In how many blocks the term is. */
async function countBlocks(server: InProcess, term: string): Promise<number> {
  const rows = await server.program.components.store.reader.all<{ entries: Uint8Array }>`
    SELECT entries FROM search_page`
  return rows.filter(({ entries }) => Buffer.from(entries).includes(term)).length
}

test('finds messages in blocks and those after them; what is redacted leaves the blocks', async () => {
  const server = await startInProcess()
  try {
    let amy = await server.register('amy')
    const roomId = String((await amy.ok('POST', 'createRoom', {})).room_id)
    const makeBodies = (from: number, length: number) =>
      Array.from({ length }, (_, index) => `block message ${(from + index) % 100 === 0 ? 'hundredth' : 'x'}`)
    const [secret] = await fill(server, roomId, amy.userId, ['topsecretword'])
    await fill(server, roomId, amy.userId, makeBodies(0, messageLimits.blockMessages))
    assert.equal(await count(amy, 'topsecretword'), 1)
    await fill(server, roomId, amy.userId, makeBodies(messageLimits.blockMessages, 500))
    const hundredths = messageLimits.blockMessages / 100 + 5
    assert.equal(await count(amy, 'hundredth'), hundredths)
    assert.equal(await countBlocks(server, 'topsecretword'), 1)
    await amy.ok('PUT', `rooms/${roomId}/redact/${encodeURIComponent(secret!)}/t1`, {})
    assert.equal(await count(amy, 'topsecretword'), 0)
    await server.restart()
    amy = await server.logIn(amy)
    assert.equal(await count(amy, 'hundred'), hundredths)
    assert.equal(await count(amy, 'topsecretword'), 0)
    await fill(server, roomId, amy.userId, makeBodies(0, messageLimits.blockMessages))
    assert.equal(await count(amy, 'hundredth block'), hundredths + messageLimits.blockMessages / 100)
    assert.equal(await countBlocks(server, 'topsecretword'), 0)
    assert.equal(await countBlocks(server, 'block'), 2)
  } finally {
    await server.close()
  }
})

test('indexes what an older version left, and a block that was not finished again', async () => {
  const server = await startInProcess()
  try {
    const amy = await server.register('amy')
    const roomId = String((await amy.ok('POST', 'createRoom', {})).room_id)
    await fill(
      server,
      roomId,
      amy.userId,
      Array.from({ length: messageLimits.blockMessages + 10 }, () => 'antique'),
    )
    await count(amy, 'antique')
    await server.program.components.store.transact((tx) => {
      tx.run`DELETE FROM search_span`
      tx.run`DELETE FROM search_progress`
    })
    await server.restart()
    const again = await server.logIn(amy)
    const body = {
      search_categories: { room_events: { search_term: 'antique', filter: { limit: 1, rooms: [roomId] } } },
    }
    await waitFor('the index', async () => {
      // biome-ignore lint/suspicious/noExplicitAny: replies are looked into
      const found = ((await again.ok('POST', 'search', body)) as any).search_categories.room_events
      return found.count === messageLimits.examinedMax ? found : undefined
    })
    assert.equal(await countBlocks(server, 'antique'), 1)
  } finally {
    await server.close()
  }
})
