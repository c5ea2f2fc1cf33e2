/** Sending into rooms: transaction IDs, order under load, what a refused event leaves behind. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bodiesOf, errcodeOf, type House, makeRoom, openHouse, readEvent, readPage, say } from '../../kit/rooms.ts'

let house: House
before(async () => {
  house = await openHouse()
})
after(() => house.close())

test('a hundred sends at once are acknowledged once each and make one chain without forks', async () => {
  const alice = await house.user('alice')
  const roomId = await makeRoom(house, alice)
  const texts = Array.from({ length: 100 }, (_, index) => `m${index}`)
  const ids = await Promise.all(texts.map((text) => say(house, alice, roomId, text)))
  assert.equal(new Set(ids).size, 100)
  const page = await readPage(house, alice, roomId, { direction: 'f', limit: 1000 })
  assert.deepEqual(bodiesOf(page.chunk), texts)
  const info = (await house.parts.rooms.findRoom(roomId))!
  const stored = await house.parts.rooms.listTimeline(info.room, { direction: 'forwards', limit: 1000 })
  for (const [index, event] of stored.entries()) {
    const { prev_events: previous, depth } = JSON.parse(`{${event.rest}}`)
    assert.deepEqual(previous, index === 0 ? [] : [stored[index - 1]!.eventId])
    assert.equal(depth, index + 1)
  }
})
