/** Room upgrades: what the new room takes over, what the old one loses, between all versions. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import {
  errcodeOf,
  type House,
  makeRoom,
  openHouse,
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

const upgrade = (by: TestUser, roomId: RoomId, version: string, more: object = {}) =>
  house.parts.flows.upgrade(by, roomId, { new_version: version, ...more })

/** A public space with an alias, a name and state of several kinds. */
const makeFurnished = (version: string, alias: string) =>
  makeRoom(house, alice, {
    room_version: version,
    visibility: 'public',
    room_alias_name: alias,
    name: 'N',
    creation_content: { type: 'm.space', 'm.federate': false, other: 1 },
    initial_state: [
      { type: 'm.room.encryption', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
      { type: 'm.room.server_acl', content: { allow: ['*'] } },
      { type: 'm.space.child', state_key: '!child:x', content: { via: ['x'] } },
      { type: 'custom.type', content: { a: 1 } },
    ],
  })

test('between any two versions the new room takes over what a room is made of', async () => {
  const { flows } = house.parts
  for (const [from, to] of [
    ['1', '3'],
    ['6', '10'],
    ['9', '12'],
    ['11', '11'],
    ['11', '12'],
    ['12', '12'],
    ['12', '11'],
  ]) {
    const roomId = await makeFurnished(from!, `v${from}to${to}`)
    await flows.join(bob, roomId, {})
    await flows.ban(alice, roomId, carol.userId, 'bad')
    const users = { ...(from === '12' ? {} : { [alice.userId]: 100 }), [bob.userId]: 50, [carol.userId]: 100 }
    const events = { 'm.room.name': 70, 'm.room.tombstone': 100 }
    await setState(house, alice, roomId, ['m.room.power_levels', ''], { users, events })
    const [{ event_id: last }] = (await readPage(house, alice, roomId, { limit: 1 })).chunk
    const created = await upgrade(alice, roomId, to!)
    const isHashed = to === '12'
    const create = await readState(house, alice, created, 'm.room.create')
    assert.deepEqual(create.predecessor, isHashed ? { room_id: roomId } : { room_id: roomId, event_id: last })
    assert.deepEqual(
      [create.type, create['m.federate'], create.other, create.room_version],
      ['m.space', false, undefined, to],
    )
    const tombstone = await readState(house, alice, roomId, 'm.room.tombstone')
    assert.equal(tombstone.replacement_room, created)
    for (const type of [
      'm.room.name',
      'm.room.encryption',
      'm.room.server_acl',
      'm.room.join_rules',
      'm.room.history_visibility',
    ]) {
      assert.deepEqual(
        await readState(house, alice, created, type),
        await readState(house, alice, roomId, type),
        `${type} from ${from} to ${to}`,
      )
    }
    assert.deepEqual(await readState(house, alice, created, 'm.space.child', '!child:x'), { via: ['x'] })
    assert.equal(await errcodeOf(readState(house, alice, created, 'custom.type')), 'M_NOT_FOUND')
    assert.equal((await readState(house, alice, created, 'm.room.member', carol.userId)).membership, 'ban')
    const levels = await readState(house, alice, created, 'm.room.power_levels')
    assert.deepEqual(levels.users, {
      ...(isHashed ? {} : { [alice.userId]: 100 }),
      [bob.userId]: 50,
      [carol.userId]: 100,
    })
    assert.deepEqual(levels.events, { 'm.room.name': 70, 'm.room.tombstone': isHashed ? 150 : 100 })
    const alias = `#v${from}to${to}:test.example`
    assert.equal((await flows.resolveAlias(alias)).room_id, created)
    assert.equal((await readState(house, alice, created, 'm.room.canonical_alias')).alias, alias)
    assert.deepEqual(await readState(house, alice, roomId, 'm.room.canonical_alias'), {})
    assert.deepEqual(await flows.directoryVisibility(created), { visibility: 'public' })
    assert.deepEqual(await flows.directoryVisibility(roomId), { visibility: 'private' })
    const old = await readState(house, alice, roomId, 'm.room.power_levels')
    assert.deepEqual([old.events_default, old.invite], [50, 50])
    await say(house, bob, roomId, 'moderators may still speak')
    await flows.join(bob, created, {})
  }
})

test('a moderator of low power who may replace the room keeps no more power in the new one', async () => {
  for (const version of ['10', '11']) {
    const roomId = await makeRoom(house, alice, { room_version: version })
    await house.parts.flows.join(bob, roomId, {})
    const levels = {
      users: { [alice.userId]: 100, [bob.userId]: 60 },
      state_default: 60,
      events: { 'm.room.tombstone': 60, 'm.room.name': 100 },
    }
    await setState(house, alice, roomId, ['m.room.power_levels', ''], levels)
    await setState(house, alice, roomId, ['m.room.name', ''], { name: 'kept' })
    const created = await upgrade(bob, roomId, version)
    assert.deepEqual(await readState(house, bob, created, 'm.room.power_levels'), levels)
    assert.equal((await readState(house, bob, created, 'm.room.name')).name, 'kept')
    assert.equal(await errcodeOf(setState(house, bob, created, ['m.room.name', ''], { name: 'x' })), 'M_FORBIDDEN')
  }
})

test('levels written as texts in an old version become numbers in a new one', async () => {
  const roomId = await makeRoom(house, alice, { room_version: '9' })
  const content = {
    users: { [alice.userId]: '100', [bob.userId]: ' 50 ' },
    ban: '70',
    events: { 'm.room.name': '60' },
    note: 'x',
  }
  await setState(house, alice, roomId, ['m.room.power_levels', ''], content)
  const created = await upgrade(alice, roomId, '10')
  assert.deepEqual(await readState(house, alice, created, 'm.room.power_levels'), {
    users: { [alice.userId]: 100, [bob.userId]: 50 },
    ban: 70,
    events: { 'm.room.name': 60 },
  })
})

test('an upgrade names the creators of the new room anew', async () => {
  const roomId = await makeRoom(house, alice, {
    room_version: '12',
    creation_content: { additional_creators: [bob.userId] },
  })
  await house.parts.flows.join(bob, roomId, {})
  await setState(house, alice, roomId, ['m.room.power_levels', ''], { users: { [carol.userId]: 50 } })
  const plain = await upgrade(bob, roomId, '12')
  assert.equal((await readState(house, bob, plain, 'm.room.create')).additional_creators, undefined)
  const named = await upgrade(bob, roomId, '12', { additional_creators: [carol.userId] })
  assert.deepEqual((await readState(house, bob, named, 'm.room.create')).additional_creators, [carol.userId])
  assert.deepEqual((await readState(house, bob, named, 'm.room.power_levels')).users, {})
  const back = await upgrade(bob, roomId, '11', { additional_creators: ['ignored'] })
  const { users } = await readState(house, bob, back, 'm.room.power_levels')
  assert.deepEqual(users, { [alice.userId]: 100, [bob.userId]: 100, [carol.userId]: 50 })
})

test('an upgrade that is refused leaves the old room as it was', async () => {
  const { flows, rooms } = house.parts
  const roomId = await makeRoom(house, alice)
  await flows.join(bob, roomId, {})
  const before = await rooms.findRoom(roomId)
  const joined = await flows.joinedRooms(alice)
  const unknown = '!unknown:test.example' as RoomId
  assert.equal(await errcodeOf(upgrade(alice, roomId, 'nope')), 'M_UNSUPPORTED_ROOM_VERSION')
  assert.equal(await errcodeOf(upgrade(bob, roomId, '12')), 'M_FORBIDDEN')
  assert.equal(await errcodeOf(upgrade(carol, roomId, '12')), 'M_FORBIDDEN')
  assert.equal(await errcodeOf(upgrade(alice, unknown, '12')), 'M_FORBIDDEN')
  assert.equal(await errcodeOf(upgrade(alice, roomId, '12', { additional_creators: ['nobody'] })), 'M_BAD_JSON')
  assert.deepEqual(await rooms.findRoom(roomId), before)
  assert.deepEqual(await flows.joinedRooms(alice), joined)
})
