/** Rooms that one is invited to, knocks on, leaves, is banned from; and whose device lists that concerns. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bodiesOf, makeRoom, say, setState } from '../../kit/rooms.ts'
import { type AnyJson, joinedIn, openClient, openSyncHouse, type SyncHouse, stateOf } from '../../kit/sync.ts'

let server: SyncHouse
before(async () => {
  server = await openSyncHouse()
})
after(() => server.close())

async function pair(prefix: string) {
  const alice = await openClient(server, `alice-${prefix}`)
  const bob = await openClient(server, `bob-${prefix}`)
  return { alice, bob, flows: server.house.parts.flows }
}

test('an invite comes once with the stripped state of the room', async () => {
  const { alice, bob, flows } = await pair('invite')
  await bob.sync()
  const roomId = await makeRoom(server.house, alice.user, { preset: 'private_chat', name: 'Secret', topic: 'T' })
  await flows.invite(alice.user, roomId, bob.user.userId)
  const { invite } = (await bob.sync()).rooms
  const state = stateOf(invite[roomId].invite_state)
  assert.deepEqual(state['m.room.name '], { name: 'Secret' })
  assert.equal(state[`m.room.member ${bob.user.userId}`].membership, 'invite')
  assert.equal(state[`m.room.member ${alice.user.userId}`].membership, 'join')
  for (const event of invite[roomId].invite_state.events) {
    const more = event.type === 'm.room.create' ? ['event_id', 'origin_server_ts'] : []
    assert.deepEqual(Object.keys(event).sort(), ['content', ...more, 'sender', 'state_key', 'type'])
  }
  assert.equal((await bob.sync()).rooms, undefined)
  const again = await openClient(server, 'bob-invite', 'OTHER')
  assert.ok((await again.sync()).rooms.invite[roomId])
})

test('a rejected invite is told as a room that was left, with nothing of the room', async () => {
  const { alice, bob, flows } = await pair('reject')
  const roomId = await makeRoom(server.house, alice.user, { preset: 'private_chat' })
  await flows.invite(alice.user, roomId, bob.user.userId)
  await bob.sync()
  await flows.leave(bob.user, roomId)
  const left = (await bob.sync()).rooms.leave[roomId]
  assert.deepEqual(
    left.timeline.events.map((event: AnyJson) => [event.type, event.content.membership]),
    [['m.room.member', 'leave']],
  )
  assert.deepEqual(left.state.events, [])
})

test('a knock is told with the state of the room; its acceptance becomes an invite', async () => {
  const { alice, bob, flows } = await pair('knock')
  const roomId = await makeRoom(server.house, alice.user, { preset: 'private_chat' })
  await setState(server.house, alice.user, roomId, ['m.room.join_rules', ''], { join_rule: 'knock' })
  await bob.sync()
  await flows.knock(bob.user, roomId)
  const { knock } = (await bob.sync()).rooms
  assert.equal(stateOf(knock[roomId].knock_state)[`m.room.member ${bob.user.userId}`].membership, 'knock')
  await flows.invite(alice.user, roomId, bob.user.userId)
  assert.ok((await bob.sync()).rooms.invite[roomId])
})

test('a room joined since is told whole, with a gap', async () => {
  const { alice, bob, flows } = await pair('join')
  const roomId = await makeRoom(server.house, alice.user, { name: 'Whole' })
  await say(server.house, alice.user, roomId, 'before')
  await bob.sync()
  await flows.join(bob.user, roomId, {})
  const filter = JSON.stringify({ room: { timeline: { limit: 1 } } })
  const room = joinedIn(await bob.sync({ filter }), roomId)
  assert.equal(room.timeline.limited, true)
  assert.deepEqual(stateOf(room.state)['m.room.name '], { name: 'Whole' })
  assert.equal(room.timeline.events[0].state_key, bob.user.userId)
})

test('a room that one leaves is told up to the leave, and no further', async () => {
  const { alice, bob, flows } = await pair('leave')
  const roomId = await makeRoom(server.house, alice.user)
  await flows.join(bob.user, roomId, {})
  await bob.sync()
  await say(server.house, alice.user, roomId, 'seen')
  await flows.leave(bob.user, roomId)
  await say(server.house, alice.user, roomId, 'unseen')
  const reply = await bob.sync()
  assert.deepEqual(bodiesOf(reply.rooms.leave[roomId].timeline.events), ['seen'])
  assert.equal(reply.rooms.leave[roomId].timeline.events.length, 2)
  assert.equal(reply.rooms.join, undefined)
  await say(server.house, alice.user, roomId, 'later')
  assert.equal((await bob.sync()).rooms, undefined)
})

test('a kick and a ban are told', async () => {
  const { alice, bob, flows } = await pair('ban')
  const roomId = await makeRoom(server.house, alice.user)
  await flows.join(bob.user, roomId, {})
  await bob.sync()
  await flows.kick(alice.user, roomId, bob.user.userId)
  assert.equal((await bob.sync()).rooms.leave[roomId].timeline.events.at(-1).content.membership, 'leave')
  await flows.ban(alice.user, roomId, bob.user.userId)
  const banned = (await bob.sync()).rooms.leave[roomId]
  assert.deepEqual(
    banned.timeline.events.map((event: AnyJson) => event.content.membership),
    ['ban'],
  )
  assert.deepEqual(banned.state.events, [])
})

test('rooms left long ago come in an initial sync only if asked for, and not if forgotten', async () => {
  const { alice, bob, flows } = await pair('archive')
  const roomId = await makeRoom(server.house, alice.user)
  await flows.join(bob.user, roomId, {})
  await say(server.house, alice.user, roomId, 'seen')
  await flows.leave(bob.user, roomId)
  await say(server.house, alice.user, roomId, 'unseen')
  const filter = JSON.stringify({ room: { include_leave: true } })
  assert.equal((await bob.peek()).rooms, undefined)
  const left = (await bob.peek({ filter })).rooms.leave[roomId]
  assert.deepEqual(bodiesOf(left.timeline.events), ['seen'])
  await flows.forget(bob.user, roomId)
  assert.equal((await bob.peek({ filter })).rooms, undefined)
})

test('device lists follow who shares a room', async () => {
  const { alice, bob, flows } = await pair('lists')
  await alice.sync()
  const first = await makeRoom(server.house, alice.user)
  const second = await makeRoom(server.house, alice.user)
  await alice.sync()
  assert.equal((await alice.sync()).device_lists, undefined)
  await flows.join(bob.user, first, {})
  assert.deepEqual((await alice.sync()).device_lists, { changed: [bob.user.userId], left: [] })
  await bob.sync()
  await flows.join(bob.user, second, {})
  assert.equal((await alice.sync()).device_lists, undefined, 'they shared a room already')
  await flows.leave(bob.user, first)
  assert.equal((await alice.sync()).device_lists, undefined, 'they share a room still')
  await flows.leave(bob.user, second)
  assert.deepEqual((await alice.sync()).device_lists, { changed: [], left: [bob.user.userId] })
})

test('device lists when one joins, leaves, is kicked or banned oneself', async () => {
  const { alice, bob, flows } = await pair('own-lists')
  const roomId = await makeRoom(server.house, alice.user)
  await bob.sync()
  await flows.join(bob.user, roomId, {})
  const { changed, left } = (await bob.sync()).device_lists
  assert.deepEqual([changed.sort(), left], [[alice.user.userId, bob.user.userId], []])
  await flows.leave(bob.user, roomId)
  assert.deepEqual((await bob.sync()).device_lists, { changed: [], left: [alice.user.userId] })
  await flows.join(bob.user, roomId, {})
  await bob.sync()
  await flows.kick(alice.user, roomId, bob.user.userId)
  assert.deepEqual((await bob.sync()).device_lists, { changed: [], left: [alice.user.userId] })
  await flows.join(bob.user, roomId, {})
  await bob.sync()
  await flows.ban(alice.user, roomId, bob.user.userId)
  assert.deepEqual((await bob.sync()).device_lists, { changed: [], left: [alice.user.userId] })
})

test('who leaves and comes back is to be looked at anew; invites and names change nothing', async () => {
  const { alice, bob, flows } = await pair('return')
  const roomId = await makeRoom(server.house, alice.user)
  await flows.join(bob.user, roomId, {})
  await alice.sync()
  await flows.leave(bob.user, roomId)
  await flows.join(bob.user, roomId, {})
  assert.deepEqual((await alice.sync()).device_lists, { changed: [bob.user.userId], left: [] })
  const key = ['m.room.member', bob.user.userId] as const
  await setState(server.house, bob.user, roomId, key, { membership: 'join', displayname: 'Bobby' })
  await flows.invite(alice.user, roomId, '@carol-return:test.example' as never)
  assert.equal((await alice.sync()).device_lists, undefined)
})

test('the same after a restart, from the tables', async () => {
  const { alice, bob, flows } = await pair('restart')
  const carol = await openClient(server, 'carol-restart')
  const roomId = await makeRoom(server.house, alice.user)
  await flows.join(carol.user, roomId, {})
  await alice.sync()
  await flows.join(bob.user, roomId, {})
  await flows.leave(carol.user, roomId)
  await say(server.house, alice.user, roomId, 'kept')
  await server.restart()
  const reply = await alice.sync()
  assert.deepEqual(reply.device_lists, { changed: [bob.user.userId], left: [carol.user.userId] })
  assert.deepEqual(bodiesOf(joinedIn(reply, roomId).timeline.events), ['kept'])
  assert.equal((await alice.sync()).rooms, undefined)
})
