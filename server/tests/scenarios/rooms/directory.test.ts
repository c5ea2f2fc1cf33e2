/** Aliases and the public directory. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import { errcodeOf, type House, makeRoom, openHouse, readState, setState, type TestUser } from '../../kit/rooms.ts'

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

const setCanonical = (sender: TestUser, roomId: RoomId, content: object) =>
  setState(house, sender, roomId, ['m.room.canonical_alias', ''], content)

test('a member adds an alias, everybody finds the room by it, and it can be taken once only', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  const other = await makeRoom(house, alice)
  await flows.join(bob, roomId, {})
  await flows.addAlias(bob, '#one:test.example', roomId)
  assert.deepEqual(await flows.resolveAlias('#one:test.example'), { room_id: roomId, servers: ['test.example'] })
  assert.equal(await flows.join(carol, '#one:test.example' as never, {}), roomId)
  for (const again of [roomId, other]) {
    const taken = await flows.addAlias(alice, '#one:test.example', again).catch((error) => error)
    assert.deepEqual([taken.errcode, taken.status], ['M_UNKNOWN', 409])
  }
  const stranger = await house.user('stranger')
  assert.equal(await errcodeOf(flows.addAlias(stranger, '#two:test.example', roomId)), 'M_FORBIDDEN')
  assert.equal(await errcodeOf(flows.addAlias(alice, '#two:test.example', '!none:x' as RoomId)), 'M_FORBIDDEN')
  for (const bad of ['one', '#one', '#:test.example', '#one:elsewhere.example', `#${'x'.repeat(250)}:test.example`]) {
    assert.equal(await errcodeOf(flows.addAlias(alice, bad, roomId)), 'M_INVALID_PARAM', bad)
  }
  assert.equal(await errcodeOf(flows.resolveAlias('#unknown:test.example')), 'M_NOT_FOUND')
  assert.equal(await errcodeOf(flows.resolveAlias('nonsense')), 'M_INVALID_PARAM')
})

test('aliases are listed to members, and to all where the room is world-readable', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  await flows.addAlias(alice, '#zeta:test.example', roomId)
  await flows.addAlias(alice, '#eta:test.example', roomId)
  const listed = { aliases: ['#eta:test.example', '#zeta:test.example'] }
  assert.deepEqual(await flows.localAliases(alice, roomId), listed)
  assert.equal(await errcodeOf(flows.localAliases(bob, roomId)), 'M_FORBIDDEN')
  await setState(house, alice, roomId, ['m.room.history_visibility', ''], { history_visibility: 'world_readable' })
  assert.deepEqual(await flows.localAliases(bob, roomId), listed)
})

test('an alias goes by the hand of who made it, of who may name the room, or of an admin', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice, { room_alias_name: 'main' })
  for (const user of [bob, carol]) await flows.join(user, roomId, {})
  for (const name of ['b1', 'b2', 'b3']) await flows.addAlias(bob, `#${name}:test.example`, roomId)
  await setCanonical(alice, roomId, {
    alias: '#main:test.example',
    alt_aliases: ['#b1:test.example', '#b2:test.example'],
  })
  assert.equal(await errcodeOf(flows.deleteAlias(carol, '#b1:test.example')), 'M_FORBIDDEN')
  assert.equal(await errcodeOf(flows.deleteAlias(alice, '#never:test.example')), 'M_NOT_FOUND')
  await flows.deleteAlias(bob, '#b1:test.example')
  const named = () => readState(house, alice, roomId, 'm.room.canonical_alias')
  assert.equal((await named()).alt_aliases.length, 2, 'bob may not change the event')
  await flows.deleteAlias(alice, '#b2:test.example')
  assert.deepEqual(await named(), { alias: '#main:test.example', alt_aliases: ['#b1:test.example'] })
  await flows.deleteAlias({ ...carol, isAdmin: true }, '#b3:test.example')
  await flows.deleteAlias(alice, '#main:test.example')
  assert.deepEqual(await named(), { alt_aliases: ['#b1:test.example'] })
  assert.deepEqual(await flows.localAliases(alice, roomId), { aliases: [] })
  assert.equal(await errcodeOf(flows.resolveAlias('#main:test.example')), 'M_NOT_FOUND')
})

test('a canonical alias event names only aliases that lead to the room, or that it named before', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  const other = await makeRoom(house, alice)
  await flows.addAlias(alice, '#here:test.example', roomId)
  await flows.addAlias(alice, '#there:test.example', other)
  const tries: [object, string][] = [
    [{ alias: '#nowhere:test.example' }, 'M_BAD_ALIAS'],
    [{ alias: '#there:test.example' }, 'M_BAD_ALIAS'],
    [{ alt_aliases: ['#here:test.example', '#there:test.example'] }, 'M_BAD_ALIAS'],
    [{ alias: '%nonsense:test.example' }, 'M_INVALID_PARAM'],
    [{ alias: '#a\u0000:test.example' }, 'M_INVALID_PARAM'],
    [{ alias: 7 }, 'M_INVALID_PARAM'],
    [{ alt_aliases: '#here:test.example' }, 'M_INVALID_PARAM'],
    [{ alt_aliases: [null, 5] }, 'M_INVALID_PARAM'],
    [{ alt_aliases: [...Array(100).fill('#here:test.example'), '#there:test.example'] }, 'M_INVALID_PARAM'],
    [{ alias: '#here:test.example', alt_aliases: ['#here:test.example'] }, 'ok'],
    [{ alias: null }, 'ok'],
    [{ alias: '' }, 'ok'],
    [{}, 'ok'],
    [{ alias: '#here:test.example' }, 'ok'],
  ]
  for (const [content, errcode] of tries) {
    assert.equal(await errcodeOf(setCanonical(alice, roomId, content)), errcode, JSON.stringify(content))
  }
  const stranger = await house.user('stranger')
  await house.parts.rooms.removeAlias('#here:test.example' as never)
  await setCanonical(alice, roomId, { alias: '#here:test.example', note: 'kept' })
  assert.equal(await errcodeOf(setCanonical(stranger, roomId, {})), 'M_FORBIDDEN')
  await setCanonical(alice, roomId, {})
  assert.equal(await errcodeOf(setCanonical(alice, roomId, { alias: '#here:test.example' })), 'M_BAD_ALIAS')
})

test('the directory shows public rooms, largest first, page by page, and searches them', async () => {
  const { flows } = house.parts
  const { total_room_count_estimate: before } = (await flows.publicRooms({})) as { total_room_count_estimate: number }
  const small = await makeRoom(house, alice, { visibility: 'public', name: 'Small Wombat room' })
  const large = await makeRoom(house, alice, {
    visibility: 'public',
    topic: 'all about wombats',
    room_alias_name: 'large',
    creation_content: { type: 'm.space' },
  })
  const hidden = await makeRoom(house, alice, { name: 'hidden wombats' })
  await flows.join(bob, large, {})
  await setState(house, alice, large, ['m.room.avatar', ''], { url: 'mxc://test.example/a' })
  type Reply = {
    chunk: { room_id: string }[]
    next_batch?: string
    prev_batch?: string
    total_room_count_estimate: number
  }
  const ask = async (request: object) => (await flows.publicRooms(request)) as Reply
  const rooms = async (request: object) => (await ask(request)).chunk.map((entry) => entry.room_id)
  assert.deepEqual((await rooms({})).slice(0, 1), [large])
  assert.deepEqual((await ask({})).chunk[0], {
    room_id: large,
    num_joined_members: 2,
    world_readable: false,
    guest_can_join: false,
    join_rule: 'public',
    topic: 'all about wombats',
    avatar_url: 'mxc://test.example/a',
    canonical_alias: '#large:test.example',
    room_type: 'm.space',
  })
  assert.deepEqual(await rooms({ filter: { generic_search_term: 'WOMBAT' } }), [large, small])
  assert.deepEqual(await rooms({ filter: { generic_search_term: 'wombat', room_types: [null] } }), [small])
  assert.deepEqual(await rooms({ filter: { room_types: ['m.space'] } }), [large])
  assert.deepEqual(await rooms({ filter: { room_types: [] } }), [])
  const first = await ask({ limit: 1 })
  assert.deepEqual([first.chunk.length, first.prev_batch], [1, undefined])
  assert.equal(first.total_room_count_estimate, before + 2)
  const second = await ask({ limit: 1, since: first.next_batch })
  assert.notEqual(second.chunk[0]!.room_id, first.chunk[0]!.room_id)
  assert.deepEqual(await rooms({ limit: 1, since: second.prev_batch }), [large])
  assert.equal(await errcodeOf(flows.publicRooms({ since: 'x' })), 'M_INVALID_PARAM')
  assert.equal(await errcodeOf(flows.publicRooms({ server: 'elsewhere.example' })), 'M_NOT_FOUND')
  assert.equal((await rooms({ server: 'test.example' })).includes(hidden), false)
})

test('who may name a room may list and unlist it', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  await flows.join(bob, roomId, {})
  assert.deepEqual(await flows.directoryVisibility(roomId), { visibility: 'private' })
  assert.equal(await errcodeOf(flows.setDirectoryVisibility(bob, roomId, 'public')), 'M_FORBIDDEN')
  await flows.setDirectoryVisibility(alice, roomId, 'public')
  assert.deepEqual(await flows.directoryVisibility(roomId), { visibility: 'public' })
  await flows.setDirectoryVisibility({ ...carol, isAdmin: true }, roomId, 'private')
  assert.deepEqual(await flows.directoryVisibility(roomId), { visibility: 'private' })
  const unknown = '!unknown:test.example' as RoomId
  assert.equal(await errcodeOf(flows.directoryVisibility(unknown)), 'M_NOT_FOUND')
  assert.equal(await errcodeOf(flows.setDirectoryVisibility(alice, unknown, 'public')), 'M_NOT_FOUND')
})
