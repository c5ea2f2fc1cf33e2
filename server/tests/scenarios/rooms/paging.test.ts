/** Pages of messages and the surroundings of an event: tokens, limits, filters, lazily loaded members. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { EventId, RoomId } from '@parallax/protocol'
import { parseEventFilter } from '../../../src/rooms/index.ts'
import {
  bodiesOf,
  errcodeOf,
  type House,
  makeRoom,
  openHouse,
  readPage,
  say,
  setState,
  type TestUser,
} from '../../kit/rooms.ts'

let house: House
let alice: TestUser
let bob: TestUser
let roomId: RoomId
const ids: EventId[] = []
before(async () => {
  house = await openHouse()
  alice = await house.user('alice')
  bob = await house.user('bob')
  roomId = await makeRoom(house, alice)
  await house.parts.flows.join(bob, roomId, {})
  for (let index = 0; index < 30; index++)
    ids.push(await say(house, index % 3 === 0 ? bob : alice, roomId, `m${index}`))
})
after(() => house.close())

const texts = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => `m${from + index}`)
const context = async (eventId: EventId, query: { limit?: number; filter?: object } = {}) => {
  const { limit = 10, filter = {} } = query
  const asked = { limit, filter: parseEventFilter(JSON.stringify(filter)) }
  return JSON.parse(await house.parts.views.context(alice, roomId, eventId, asked))
}

test('pages in both directions together give every event once, in order', async () => {
  for (const direction of ['b', 'f'] as const) {
    const found: string[] = []
    let from: string | undefined
    let pages = 0
    do {
      const page = await readPage(house, alice, roomId, {
        direction,
        limit: 7,
        ...(from === undefined ? {} : { from }),
      })
      if (from !== undefined) assert.equal(page.start, from)
      found.push(...page.chunk.map((event: { event_id: string }) => event.event_id))
      from = page.end
      pages++
    } while (from !== undefined)
    const whole = (await readPage(house, alice, roomId, { direction, limit: 1000 })).chunk
    assert.deepEqual(
      found,
      whole.map((event: { event_id: string }) => event.event_id),
    )
    assert.equal(pages, Math.floor(whole.length / 7) + 1)
  }
})

test('the end of one page read the other way gives the page back', async () => {
  const back = await readPage(house, alice, roomId, { limit: 5 })
  const forth = await readPage(house, alice, roomId, { direction: 'f', from: back.end, limit: 5 })
  assert.deepEqual(bodiesOf(forth.chunk), bodiesOf(back.chunk).reverse())
})

test('a page stops at the token that is given, and the timeline can be read on from there', async () => {
  const last = await readPage(house, alice, roomId, { limit: 10 })
  const upTo = await readPage(house, alice, roomId, { to: last.end, limit: 100 })
  assert.deepEqual(bodiesOf(upTo.chunk), texts(20, 30).reverse())
  assert.equal(upTo.end, last.end)
  const rest = await readPage(house, alice, roomId, { from: upTo.end, to: upTo.end })
  assert.deepEqual([rest.chunk, rest.end], [[], undefined])
  const forth = await readPage(house, alice, roomId, { direction: 'f', to: last.end })
  assert.deepEqual(bodiesOf(forth.chunk), texts(0, 20))
})

test('a limit of nothing gives nothing but a way on', async () => {
  for (const direction of ['b', 'f'] as const) {
    const page = await readPage(house, alice, roomId, { direction, limit: 0 })
    assert.deepEqual(page.chunk, [])
    const next = await readPage(house, alice, roomId, { direction, from: page.end, limit: 1000 })
    assert.equal(bodiesOf(next.chunk).length, 30)
  }
})

test('tokens that this server never gave are refused, future ones show nothing new', async () => {
  for (const token of ['x', 's', '12', 's1.5', `s${'9'.repeat(20)}`]) {
    assert.equal(await errcodeOf(readPage(house, alice, roomId, { from: token })), 'M_INVALID_PARAM')
    assert.equal(await errcodeOf(readPage(house, alice, roomId, { to: token })), 'M_INVALID_PARAM')
  }
  const future = 's900000000000'
  assert.deepEqual((await readPage(house, alice, roomId, { direction: 'f', from: future })).chunk, [])
  assert.deepEqual(bodiesOf((await readPage(house, alice, roomId, { from: future, limit: 3 })).chunk), [
    'm29',
    'm28',
    'm27',
  ])
})

test('a filter chooses by type, sender and URL, and pages are full nevertheless', async () => {
  await setState(house, alice, roomId, ['m.room.avatar', ''], { url: 'mxc://test.example/a' })
  const byBob = await readPage(house, alice, roomId, {
    limit: 5,
    filter: { senders: [bob.userId], types: ['m.room.mess*'] },
  })
  assert.deepEqual(bodiesOf(byBob.chunk), ['m27', 'm24', 'm21', 'm18', 'm15'])
  const next = await readPage(house, alice, roomId, {
    from: byBob.end,
    limit: 50,
    filter: { not_senders: [alice.userId] },
  })
  assert.deepEqual(bodiesOf(next.chunk), ['m12', 'm9', 'm6', 'm3', 'm0'])
  const withUrl = await readPage(house, alice, roomId, { filter: { contains_url: true } })
  assert.deepEqual(
    withUrl.chunk.map((event: { type: string }) => event.type),
    ['m.room.avatar'],
  )
  const none = await readPage(house, alice, roomId, { limit: 1, filter: { types: [] } })
  assert.deepEqual([none.chunk, none.end], [[], undefined])
  assert.equal(await errcodeOf(readPage(house, alice, roomId, { filter: { types: 'm.room.message' } })), 'M_BAD_JSON')
})

test('members are loaded lazily: those who sent what is shown', async () => {
  const page = await readPage(house, alice, roomId, {
    limit: 1,
    filter: { lazy_load_members: true, senders: [bob.userId], types: ['m.room.message'] },
  })
  assert.deepEqual(
    page.state.map((event: { state_key: string }) => event.state_key),
    [bob.userId],
  )
  assert.equal(page.state[0].room_id, roomId)
  assert.equal((await readPage(house, alice, roomId, { limit: 1 })).state, undefined)
})

test('an event is shown between its neighbours, half of the limit on each side', async () => {
  const middle = await context(ids[15]!, { limit: 6 })
  assert.equal(middle.event.event_id, ids[15])
  assert.deepEqual(bodiesOf(middle.events_before), ['m14', 'm13', 'm12'])
  assert.deepEqual(bodiesOf(middle.events_after), ['m16', 'm17', 'm18'])
  const earlier = await readPage(house, alice, roomId, { from: middle.start, limit: 1 })
  const later = await readPage(house, alice, roomId, { from: middle.end, direction: 'f', limit: 1 })
  assert.deepEqual([...bodiesOf(earlier.chunk), ...bodiesOf(later.chunk)], ['m11', 'm19'])
  const alone = await context(ids[15]!, { limit: 0 })
  assert.deepEqual([alone.events_before, alone.events_after], [[], []])
  assert.equal(alone.event.event_id, ids[15])
  const odd = await context(ids[15]!, { limit: 1 })
  assert.equal(odd.events_before.length + odd.events_after.length, 1)
})

test('the filter of a context is for the neighbours and the state, not for the event itself', async () => {
  const filter = { senders: [bob.userId], types: ['m.room.message', 'm.room.member'], lazy_load_members: true }
  const shown = await context(ids[14]!, { limit: 4, filter })
  assert.equal(shown.event.event_id, ids[14])
  assert.deepEqual(bodiesOf(shown.events_before), ['m12', 'm9'])
  assert.deepEqual(bodiesOf(shown.events_after), ['m15', 'm18'])
  assert.deepEqual(
    shown.state.map((event: { state_key: string }) => event.state_key),
    [bob.userId],
  )
})

test('the state of a context is that at the last event shown, with it', async () => {
  const eventId = await setState(house, alice, roomId, ['m.room.topic', ''], { topic: 'now' })
  await setState(house, alice, roomId, ['m.room.topic', ''], { topic: 'later' })
  const { state } = await context(eventId, { limit: 0 })
  const topics = state.filter((event: { type: string }) => event.type === 'm.room.topic')
  assert.deepEqual(
    topics.map((event: { content: object }) => event.content),
    [{ topic: 'now' }],
  )
})
