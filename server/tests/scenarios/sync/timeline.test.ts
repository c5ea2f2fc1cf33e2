/** What /sync tells of joined rooms: timelines, gaps, state, summaries, filters. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bodiesOf, errcodeOf, makeRoom, readPage, say, setState } from '../../kit/rooms.ts'
import { type AnyJson, joinedIn, openClient, openSyncHouse, type SyncHouse, stateOf } from '../../kit/sync.ts'

let server: SyncHouse
before(async () => {
  server = await openSyncHouse()
})
after(() => server.close())

test('an initial sync has the room whole, the next one only what is new', async () => {
  const alice = await openClient(server, 'alice-initial')
  const roomId = await makeRoom(server.house, alice.user, { name: 'Tea' })
  await say(server.house, alice.user, roomId, 'one')
  const first = joinedIn(await alice.sync(), roomId)
  assert.deepEqual(bodiesOf(first.timeline.events), ['one'])
  assert.equal(first.timeline.limited, false)
  assert.deepEqual(first.summary, { 'm.joined_member_count': 1, 'm.invited_member_count': 0 })
  assert.equal(first.timeline.events[0].type, 'm.room.create')
  assert.equal(first.timeline.events[0].room_id, undefined)
  assert.deepEqual(first.state.events, [])
  assert.equal(typeof first.timeline.events[0].unsigned.age, 'number')
  await say(server.house, alice.user, roomId, 'two')
  const second = joinedIn(await alice.sync(), roomId)
  assert.deepEqual(bodiesOf(second.timeline.events), ['two'])
  assert.equal(second.timeline.limited, false)
  const third = await alice.sync()
  assert.equal(third.rooms, undefined)
})

test("an own event carries the sending device's transaction ID, and only there", async () => {
  const alice = await openClient(server, 'alice-transaction', 'A')
  const other = await openClient(server, 'alice-transaction', 'B')
  const roomId = await makeRoom(server.house, alice.user)
  await alice.sync()
  await other.sync()
  await server.house.parts.flows.send(alice.user, {
    roomId,
    type: 'm.room.message',
    content: { body: 'x', msgtype: 'm.text' },
    transactionId: 'my-transaction',
  })
  const [own] = joinedIn(await alice.sync(), roomId).timeline.events
  const [seen] = joinedIn(await other.sync(), roomId).timeline.events
  assert.equal(own.unsigned.transaction_id, 'my-transaction')
  assert.equal(own.unsigned.membership, 'join')
  assert.equal(seen.unsigned.transaction_id, undefined)
})

test('more events than the limit leave a gap whose token leads to the rest', async () => {
  const alice = await openClient(server, 'alice-gap')
  const roomId = await makeRoom(server.house, alice.user)
  await alice.sync()
  for (const text of ['1', '2', '3', '4', '5']) await say(server.house, alice.user, roomId, text)
  const filter = JSON.stringify({ room: { timeline: { limit: 2 } } })
  const { timeline } = joinedIn(await alice.sync({ filter }), roomId)
  assert.deepEqual(bodiesOf(timeline.events), ['4', '5'])
  assert.equal(timeline.limited, true)
  const page = await readPage(server.house, alice.user, roomId, { from: timeline.prev_batch, limit: 3 })
  assert.deepEqual(bodiesOf(page.chunk), ['3', '2', '1'])
})

test('state that changed in a gap is told before the timeline, or after it if asked for', async () => {
  const alice = await openClient(server, 'alice-gap-state')
  const roomId = await makeRoom(server.house, alice.user)
  await alice.sync()
  await setState(server.house, alice.user, roomId, ['m.room.topic', ''], { topic: 'hidden in the gap' })
  await say(server.house, alice.user, roomId, '1')
  await setState(server.house, alice.user, roomId, ['m.room.name', ''], { name: 'in the timeline' })
  const filter = JSON.stringify({ room: { timeline: { limit: 2 } } })
  const before = joinedIn(await alice.peek({ filter }), roomId)
  assert.deepEqual(stateOf(before.state), { 'm.room.topic ': { topic: 'hidden in the gap' } })
  assert.equal(before.state_after, undefined)
  const after = joinedIn(await alice.peek({ filter, use_state_after: true }), roomId)
  assert.deepEqual(stateOf(after.state_after), {
    'm.room.topic ': { topic: 'hidden in the gap' },
    'm.room.name ': { name: 'in the timeline' },
  })
  assert.equal(after.state, undefined)
  const unstable = joinedIn(await alice.peek({ filter, 'org.matrix.msc4222.use_state_after': true }), roomId)
  assert.equal(unstable['org.matrix.msc4222.state_after'].events.length, 2)
})

test('state changes that the timeline filter hides are told as state', async () => {
  const alice = await openClient(server, 'alice-hidden-state')
  const roomId = await makeRoom(server.house, alice.user)
  await alice.sync()
  await say(server.house, alice.user, roomId, '1')
  await setState(server.house, alice.user, roomId, ['m.room.topic', ''], { topic: 'A' })
  await say(server.house, alice.user, roomId, '2')
  const filter = JSON.stringify({ room: { timeline: { types: ['m.room.message'] } } })
  const room = joinedIn(await alice.sync({ filter }), roomId)
  assert.deepEqual(bodiesOf(room.timeline.events), ['1', '2'])
  assert.deepEqual(stateOf(room.state), { 'm.room.topic ': { topic: 'A' } })
})

test('full_state has the whole state and only the new part of the timeline', async () => {
  const alice = await openClient(server, 'alice-full')
  const roomId = await makeRoom(server.house, alice.user, { name: 'Full' })
  await alice.sync()
  await say(server.house, alice.user, roomId, 'new')
  const room = joinedIn(await alice.sync({ full_state: true, timeout: 30_000 }), roomId)
  assert.deepEqual(bodiesOf(room.timeline.events), ['new'])
  assert.equal(room.timeline.events.length, 1)
  assert.ok(stateOf(room.state)['m.room.create '])
  assert.deepEqual(stateOf(room.state)['m.room.name '], { name: 'Full' })
  const quiet = joinedIn(await alice.sync({ full_state: true, timeout: 30_000 }), roomId)
  assert.ok(stateOf(quiet.state)['m.room.create '])
})

test('filters choose rooms, types with globs, senders and fields', async () => {
  const alice = await openClient(server, 'alice-filter')
  const bob = await openClient(server, 'bob-filter')
  const roomId = await makeRoom(server.house, alice.user)
  const otherId = await makeRoom(server.house, alice.user)
  await server.house.parts.flows.join(bob.user, roomId, {})
  await say(server.house, alice.user, roomId, 'from alice')
  await say(server.house, bob.user, roomId, 'from bob')
  const ask = async (filter: object) => alice.peek({ filter: JSON.stringify(filter) })
  assert.deepEqual(Object.keys((await ask({ room: { rooms: [otherId] } })).rooms.join), [otherId])
  assert.deepEqual(Object.keys((await ask({ room: { not_rooms: [otherId] } })).rooms.join), [roomId])
  const byType = joinedIn(await ask({ room: { timeline: { types: ['m.room.mess*'] }, state: { types: [] } } }), roomId)
  assert.deepEqual(bodiesOf(byType.timeline.events), ['from alice', 'from bob'])
  assert.deepEqual(byType.state.events, [])
  const bySender = joinedIn(await ask({ room: { timeline: { not_senders: [alice.user.userId] } } }), roomId)
  assert.deepEqual(new Set(bySender.timeline.events.map((event: AnyJson) => event.sender)), new Set([bob.user.userId]))
  const fields = joinedIn(
    await ask({ event_fields: ['content.body'], room: { timeline: { types: ['m.room.message'] } } }),
    roomId,
  )
  assert.deepEqual(Object.keys(fields.timeline.events[0]).sort(), ['content', 'event_id', 'type'])
  assert.deepEqual(fields.timeline.events[0].content, { body: 'from alice' })
  const raw = joinedIn(await ask({ event_format: 'federation' }), roomId)
  assert.ok(Array.isArray(raw.timeline.events[0].auth_events))
})

test('a filter that was stored works by its ID; an unknown one and a broken one are refused', async () => {
  const alice = await openClient(server, 'alice-filter-id')
  const roomId = await makeRoom(server.house, alice.user)
  const id = await server.parts.users.createFilter(alice.user.user, { room: { timeline: { limit: 1 } } })
  assert.equal(joinedIn(await alice.peek({ filter: id }), roomId).timeline.events.length, 1)
  assert.equal(await errcodeOf(alice.peek({ filter: '987654' })), 'M_INVALID_PARAM')
  assert.equal(await errcodeOf(alice.peek({ filter: '{broken' })), 'M_NOT_JSON')
  assert.equal(await errcodeOf(alice.peek({ filter: '{"room":{"rooms":5}}' })), 'M_BAD_JSON')
})

test('a token that is none is refused', async () => {
  const alice = await openClient(server, 'alice-token')
  for (const since of ['x', 's', 's1x', 's99999999999', 's1_x']) {
    assert.equal(await errcodeOf(alice.peek({ since })), 'M_INVALID_PARAM', since)
  }
})

test('the summary names heroes while the room has no name', async () => {
  const alice = await openClient(server, 'alice-heroes')
  const bob = await openClient(server, 'bob-heroes')
  const carol = await openClient(server, 'carol-heroes')
  const roomId = await makeRoom(server.house, alice.user)
  await server.house.parts.flows.join(bob.user, roomId, {})
  await server.house.parts.flows.invite(alice.user, roomId, carol.user.userId)
  const { summary } = joinedIn(await alice.sync(), roomId)
  assert.deepEqual(summary, {
    'm.heroes': [bob.user.userId, carol.user.userId],
    'm.joined_member_count': 2,
    'm.invited_member_count': 1,
  })
  await server.house.parts.flows.join(carol.user, roomId, {})
  const next = joinedIn(await alice.sync(), roomId).summary
  assert.equal(next['m.joined_member_count'], 3)
  assert.equal(next['m.invited_member_count'], 0)
})

test('ignored users are not heard, but what they change of the state is', async () => {
  const alice = await openClient(server, 'alice-ignore')
  const bob = await openClient(server, 'bob-ignore')
  const roomId = await makeRoom(server.house, alice.user)
  await server.house.parts.flows.join(bob.user, roomId, {})
  await alice.sync()
  const content = { ignored_users: { [bob.user.userId]: {} } }
  await server.parts.users.putAccountData(alice.user.user, null, 'm.ignored_user_list', content)
  await say(server.house, bob.user, roomId, 'unheard')
  await server.house.parts.flows.leave(bob.user, roomId)
  const room = joinedIn(await alice.sync(), roomId)
  assert.deepEqual(
    room.timeline.events.map((event: AnyJson) => event.type),
    ['m.room.member'],
  )
  const privateId = await makeRoom(server.house, bob.user, { preset: 'private_chat' })
  await server.house.parts.flows.invite(bob.user, privateId, alice.user.userId)
  assert.equal((await alice.sync()).rooms?.invite, undefined)
})

test('who joins late does not see what was hidden before', async () => {
  const alice = await openClient(server, 'alice-history')
  const bob = await openClient(server, 'bob-history')
  const roomId = await makeRoom(server.house, alice.user)
  await setState(server.house, alice.user, roomId, ['m.room.history_visibility', ''], { history_visibility: 'joined' })
  await say(server.house, alice.user, roomId, 'before')
  await bob.sync()
  await server.house.parts.flows.join(bob.user, roomId, {})
  await say(server.house, alice.user, roomId, 'after')
  const filter = JSON.stringify({ room: { timeline: { limit: 3 } } })
  const room = joinedIn(await bob.sync({ filter }), roomId)
  assert.deepEqual(bodiesOf(room.timeline.events), ['after'])
  assert.ok(stateOf(room.state)['m.room.create '])
})
