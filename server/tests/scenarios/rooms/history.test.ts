/** Who sees what of a room's past: history visibility, rooms left, state and members at a point. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { EventId, RoomId } from '@parallax/protocol'
import { tokenOf } from '../../../src/rooms/index.ts'
import {
  bodiesOf,
  errcodeOf,
  type House,
  makeRoom,
  openHouse,
  readEvent,
  readPage,
  readState,
  say,
  setState,
  type TestUser,
} from '../../kit/rooms.ts'

let house: House
let alice: TestUser
let bob: TestUser
let carol: TestUser
before(async () => {
  house = await openHouse()
  alice = await house.user('alice')
  bob = await house.user('bob')
  carol = await house.user('carol')
})
after(() => house.close())

type Visibility = 'world_readable' | 'shared' | 'invited' | 'joined'

const roomWith = (visibility: Visibility): Promise<RoomId> => {
  const content = { history_visibility: visibility }
  return makeRoom(house, alice, { initial_state: [{ type: 'm.room.history_visibility', content }] })
}
const seen = async (reader: TestUser, roomId: RoomId): Promise<string[]> => {
  const backwards = bodiesOf((await readPage(house, reader, roomId)).chunk).reverse()
  const forwards = bodiesOf((await readPage(house, reader, roomId, { direction: 'f' })).chunk)
  assert.deepEqual(forwards, backwards)
  return backwards
}
const members = async (reader: TestUser, roomId: RoomId, query: object = {}): Promise<string[]> => {
  const all = { at: undefined, membership: undefined, notMembership: undefined, ...query }
  const { chunk } = JSON.parse(await house.parts.views.members(reader, roomId, all))
  return chunk
    .map(
      (event: { state_key: string; content: { membership: string } }) =>
        `${event.state_key.slice(1).split(':')[0]} ${event.content.membership}`,
    )
    .sort()
}

/** Messages at every stage of bob's way: out, invited, joined, left, invited again, joined again, banned. */
async function walk(visibility: Visibility): Promise<{ roomId: RoomId; ids: Map<string, EventId> }> {
  const { flows } = house.parts
  const roomId = await roomWith(visibility)
  const ids = new Map<string, EventId>()
  const stage = async (name: string) => ids.set(name, await say(house, alice, roomId, name))
  await stage('out')
  await flows.invite(alice, roomId, bob.userId)
  await stage('invited')
  await flows.join(bob, roomId, {})
  await stage('joined')
  await flows.leave(bob, roomId)
  await stage('left')
  await flows.invite(alice, roomId, bob.userId)
  await stage('invited again')
  await flows.join(bob, roomId, {})
  await stage('joined again')
  await flows.ban(alice, roomId, bob.userId)
  await stage('banned')
  return { roomId, ids }
}

const visibleTo = {
  world_readable: ['out', 'invited', 'joined', 'left', 'invited again', 'joined again', 'banned'],
  shared: ['out', 'invited', 'joined', 'left', 'invited again', 'joined again'],
  invited: ['invited', 'joined', 'invited again', 'joined again'],
  joined: ['joined', 'joined again'],
} as const

for (const visibility of ['world_readable', 'shared', 'invited', 'joined'] as const) {
  test(`a ${visibility} history shows each message to whom the table of the specification allows it`, async () => {
    const { roomId, ids } = await walk(visibility)
    assert.deepEqual(await seen(bob, roomId), visibleTo[visibility])
    const { chunk } = await readPage(house, bob, roomId)
    const ban = chunk.some((event: { content: { membership?: string } }) => event.content.membership === 'ban')
    assert.equal(ban, true)
    for (const [name, eventId] of ids) {
      const answer = await errcodeOf(readEvent(house, bob, roomId, eventId))
      assert.equal(answer, visibleTo[visibility].includes(name as never) ? 'ok' : 'M_NOT_FOUND', name)
    }
    assert.deepEqual(await seen(alice, roomId), [...ids.keys()])
    const stranger = visibility === 'world_readable' ? 'ok' : 'M_FORBIDDEN'
    assert.equal(await errcodeOf(readPage(house, carol, roomId)), stranger)
    assert.equal(await errcodeOf(readState(house, carol, roomId, 'm.room.create')), stranger)
    const event = await errcodeOf(readEvent(house, carol, roomId, ids.get('out')!))
    assert.equal(event, visibility === 'world_readable' ? 'ok' : 'M_NOT_FOUND')
  })
}

test('each message keeps the visibility that it was sent under', async () => {
  const roomId = await roomWith('joined')
  const visibility = (value: Visibility) =>
    setState(house, alice, roomId, ['m.room.history_visibility', ''], { history_visibility: value })
  await say(house, alice, roomId, 'while joined')
  const opened = await visibility('world_readable')
  await say(house, alice, roomId, 'while open')
  assert.deepEqual(await seen(carol, roomId), ['while open'])
  assert.equal((await readEvent(house, carol, roomId, opened)).unsigned.prev_content, undefined)
  const closed = await visibility('shared')
  await say(house, alice, roomId, 'while shared')
  assert.equal(await errcodeOf(readPage(house, carol, roomId)), 'M_FORBIDDEN')
  await house.parts.flows.join(carol, roomId, {})
  assert.deepEqual(await seen(carol, roomId), ['while open', 'while shared'])
  const shown = await readEvent(house, carol, roomId, closed)
  assert.deepEqual(shown.unsigned.prev_content, { history_visibility: 'world_readable' })
  assert.equal(shown.unsigned.replaces_state, opened)
})

test('previous content that the viewer may not see is left out, its ID is not', async () => {
  const roomId = await roomWith('joined')
  const old = await setState(house, alice, roomId, ['m.room.topic', ''], { topic: 'secret' })
  await house.parts.flows.join(bob, roomId, {})
  const now = await setState(house, alice, roomId, ['m.room.topic', ''], { topic: 'open' })
  const forBob = (await readEvent(house, bob, roomId, now)).unsigned
  assert.deepEqual([forBob.prev_content, forBob.replaces_state], [undefined, old])
  const forAlice = (await readEvent(house, alice, roomId, now)).unsigned
  assert.deepEqual(forAlice.prev_content, { topic: 'secret' })
})

test("events tell the viewer's membership at their time", async () => {
  const { roomId } = await walk('shared')
  const { chunk } = await readPage(house, bob, roomId, { direction: 'f' })
  const told = chunk
    .filter((event: { content: { body?: string } }) => event.content.body !== undefined)
    .map((event: { unsigned: { membership: string } }) => event.unsigned.membership)
  assert.deepEqual(told, ['leave', 'invite', 'join', 'leave', 'invite', 'join'])
  const own = chunk.filter((event: { state_key?: string }) => event.state_key === bob.userId)
  for (const event of own) assert.equal(event.unsigned.membership, event.content.membership)
})

test('a room that one left stays as it was then, also after a later ban or invitation', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  const topic = (text: string) => setState(house, alice, roomId, ['m.room.topic', ''], { topic: text })
  await flows.join(bob, roomId, {})
  await topic('then')
  await flows.leave(bob, roomId)
  await topic('later')
  await flows.join(carol, roomId, {})
  const check = async () => {
    assert.equal((await readState(house, bob, roomId, 'm.room.topic')).topic, 'then')
    assert.deepEqual(await members(bob, roomId), ['alice join', 'bob leave'])
    const state = JSON.parse(await house.parts.views.state(bob, roomId))
    assert.equal(
      state.some((event: { content: { topic?: string } }) => event.content.topic === 'later'),
      false,
    )
    assert.equal(await errcodeOf(house.parts.views.joinedMembers(bob, roomId)), 'M_FORBIDDEN')
    assert.equal(await errcodeOf(flows.localAliases(bob, roomId)), 'M_FORBIDDEN')
  }
  await check()
  await flows.ban(alice, roomId, bob.userId)
  await check()
  await flows.unban(alice, roomId, bob.userId)
  await flows.invite(alice, roomId, bob.userId)
  assert.equal(await errcodeOf(readState(house, bob, roomId, 'm.room.topic')), 'M_FORBIDDEN')
  await flows.leave(bob, roomId)
  await check()
  assert.equal((await readState(house, alice, roomId, 'm.room.topic')).topic, 'later')
})

test('members are listed by membership, and as they were at a token', async () => {
  const { flows, journal } = house.parts
  const roomId = await makeRoom(house, alice)
  const [beginning] = await house.parts.rooms.listTimeline((await house.parts.rooms.findRoom(roomId))!.room, {
    direction: 'forwards',
    limit: 1,
  })
  await flows.join(bob, roomId, {})
  const then = tokenOf(journal.committed())
  await flows.leave(bob, roomId)
  await flows.join(carol, roomId, {})
  assert.deepEqual(await members(alice, roomId), ['alice join', 'bob leave', 'carol join'])
  assert.deepEqual(await members(alice, roomId, { membership: 'join' }), ['alice join', 'carol join'])
  assert.deepEqual(await members(alice, roomId, { notMembership: 'join' }), ['bob leave'])
  assert.deepEqual(await members(alice, roomId, { membership: 'ban' }), [])
  assert.deepEqual(await members(alice, roomId, { at: then }), ['alice join', 'bob join'])
  assert.deepEqual(await members(bob, roomId, { at: tokenOf(journal.committed()) }), ['alice join', 'bob leave'])
  assert.deepEqual(await members(alice, roomId, { at: tokenOf(beginning!.event - 1) }), ['alice join'])
  assert.equal(await errcodeOf(members(alice, roomId, { at: 'nonsense' })), 'M_INVALID_PARAM')
  const closed = await roomWith('joined')
  await say(house, alice, closed, 'before bob')
  const before = tokenOf(journal.committed())
  await flows.join(bob, closed, {})
  assert.equal(await errcodeOf(members(bob, closed, { at: before })), 'M_FORBIDDEN')
})
