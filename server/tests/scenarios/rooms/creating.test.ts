/** Making rooms: every version and preset, overrides, invites, aliases, and what is refused. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eventIdOf, type JsonObject, requireRoomRules } from '@parallax/protocol'
import { pduText } from '../../../src/rooms/index.ts'
import {
  errcodeOf,
  type House,
  makeRoom,
  openHouse,
  readPage,
  readState,
  serverName,
  type TestUser,
} from '../../kit/rooms.ts'

const versions = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']
const presets = ['private_chat', 'trusted_private_chat', 'public_chat'] as const

let house: House
let alice: TestUser
let bob: TestUser
before(async () => {
  house = await openHouse()
  alice = await house.user('alice')
  bob = await house.user('bob')
})
after(() => house.close())

const create = (request: object) => house.parts.flows.createRoom(alice, request as never)

test('every version makes a room of every preset, whose events have the IDs that their bytes give', async () => {
  for (const version of versions) {
    for (const preset of presets) {
      const roomId = await create({ room_version: version, preset, invite: [bob.userId], name: 'N', topic: 'T' })
      const isPublic = preset === 'public_chat'
      const isTrusted = preset === 'trusted_private_chat'
      const rules = requireRoomRules(version)
      const created = await readState(house, alice, roomId, 'm.room.create')
      assert.equal(created.room_version, version)
      assert.equal(created.creator, rules.creatorIsSender ? undefined : alice.userId)
      const isCreatorToo = rules.privilegedCreators && isTrusted
      assert.deepEqual(created.additional_creators, isCreatorToo ? [bob.userId] : undefined)
      assert.equal(
        (await readState(house, alice, roomId, 'm.room.join_rules')).join_rule,
        isPublic ? 'public' : 'invite',
      )
      const guests = await errcodeOf(readState(house, alice, roomId, 'm.room.guest_access'))
      assert.equal(guests, isPublic ? 'M_NOT_FOUND' : 'ok')
      const levels = await readState(house, alice, roomId, 'm.room.power_levels')
      const listed = isTrusted ? { [alice.userId]: 100, [bob.userId]: 100 } : { [alice.userId]: 100 }
      assert.deepEqual(levels.users, rules.privilegedCreators ? {} : listed)
      assert.equal(levels.events['m.room.tombstone'] > levels.state_default, true)
      assert.equal((await readState(house, alice, roomId, 'm.room.member', bob.userId)).membership, 'invite')
      await house.parts.flows.join(bob, roomId, {})
      const info = (await house.parts.rooms.findRoom(roomId))!
      assert.deepEqual([info.joinedCount, info.invitedCount], [2, 0])
      for (const stored of await house.parts.rooms.listTimeline(info.room, { direction: 'forwards', limit: 100 })) {
        const pdu = JSON.parse(pduText(stored)) as JsonObject
        assert.equal(eventIdOf(rules, pdu), stored.eventId)
      }
      if (rules.privilegedCreators) assert.equal(roomId.includes(':'), false)
      else assert.equal(roomId.endsWith(`:${serverName}`), true)
    }
  }
})

test('events come in the specified order; initial state overrides the preset, name and topic that', async () => {
  const roomId = await create({
    preset: 'private_chat',
    room_alias_name: 'ordered',
    name: 'asked',
    topic: 'asked',
    invite: [bob.userId],
    is_direct: true,
    initial_state: [
      { type: 'm.room.join_rules', content: { join_rule: 'knock' } },
      { type: 'm.room.name', state_key: '', content: { name: 'initial' } },
      { type: 'm.custom', state_key: 'k', content: { a: 1 } },
    ],
  })
  const { chunk } = await readPage(house, alice, roomId, { direction: 'f' })
  const types = chunk.map((event: { type: string }) => event.type)
  assert.deepEqual(types.slice(0, 4), [
    'm.room.create',
    'm.room.member',
    'm.room.power_levels',
    'm.room.canonical_alias',
  ])
  assert.equal(types.at(-1), 'm.room.member')
  assert.equal(chunk.at(-1).content.is_direct, true)
  assert.equal(types.indexOf('m.custom') < types.indexOf('m.room.topic'), true)
  assert.equal((await readState(house, alice, roomId, 'm.room.join_rules')).join_rule, 'knock')
  assert.equal((await readState(house, alice, roomId, 'm.room.name')).name, 'asked')
  assert.equal((await readState(house, alice, roomId, 'm.custom', 'k')).a, 1)
  assert.equal((await readState(house, alice, roomId, 'm.room.canonical_alias')).alias, `#ordered:${serverName}`)
  const topic = await readState(house, alice, roomId, 'm.room.topic')
  assert.deepEqual(topic['m.topic'], { 'm.text': [{ body: 'asked' }] })
})

test('creation content is kept, but its creator and version are ours', async () => {
  const roomId = await create({
    room_version: '10',
    creation_content: { 'm.federate': false, type: 'm.space', creator: '@eve:evil', room_version: 'x', more: 1 },
  })
  assert.deepEqual(await readState(house, alice, roomId, 'm.room.create'), {
    'm.federate': false,
    creator: alice.userId,
    more: 1,
    room_version: '10',
    type: 'm.space',
  })
})

test('members of creation content that look like the event itself do no harm', async () => {
  for (const version of ['10', '11', '12']) {
    const trap = { room_id: '!abc', sender: '@eve:evil', origin_server_ts: 5, type: 'm.room.create', state_key: 'x' }
    const roomId = await create({ room_version: version, creation_content: trap })
    await house.restart()
    await house.parts.flows.send(alice, { roomId, type: 'm.test', content: trap, transactionId: `trap${version}` })
    const { chunk } = await readPage(house, alice, roomId, { direction: 'f' })
    for (const event of [chunk[0], chunk.at(-1)]) {
      assert.equal(event.room_id, roomId)
      assert.equal(event.sender, alice.userId)
      assert.equal(event.content.room_id, '!abc')
    }
    const info = (await house.parts.rooms.findRoom(roomId))!
    const [stored] = await house.parts.rooms.listTimeline(info.room, { direction: 'forwards', limit: 1 })
    assert.equal(eventIdOf(info.rules, JSON.parse(pduText(stored!))), stored!.eventId)
  }
})

test('power levels are overridden member by member', async () => {
  const roomId = await create({
    room_version: '11',
    power_level_content_override: { users_default: 7, users: { [alice.userId]: 100, [bob.userId]: 60 } },
  })
  const levels = await readState(house, alice, roomId, 'm.room.power_levels')
  assert.equal(levels.users_default, 7)
  assert.equal(levels.users[bob.userId], 60)
  assert.equal(levels.ban, 50)
  const high = await create({ room_version: '12', power_level_content_override: { state_default: 200 } })
  const raised = await readState(house, alice, high, 'm.room.power_levels')
  assert.equal(raised.events['m.room.tombstone'], 201)
})

test('a request that makes no valid room is refused, and nothing of it stays', async () => {
  const before = await house.parts.flows.joinedRooms(alice)
  const cases: [object, string][] = [
    [{ room_version: 'nope' }, 'M_UNSUPPORTED_ROOM_VERSION'],
    [{ room_alias_name: 'a:b' }, 'M_INVALID_PARAM'],
    [{ room_alias_name: '' }, 'M_INVALID_PARAM'],
    [{ room_alias_name: 'a b' }, 'M_INVALID_PARAM'],
    [{ room_alias_name: '#a' }, 'M_INVALID_PARAM'],
    [{ room_alias_name: 'x'.repeat(255) }, 'M_INVALID_PARAM'],
    [{ invite: ['nobody'] }, 'M_INVALID_PARAM'],
    [{ invite: ['@bob:elsewhere.example'] }, 'M_FORBIDDEN'],
    [{ invite: [alice.userId] }, 'M_INVALID_ROOM_STATE'],
    [{ invite: Array.from({ length: 101 }, (_, index) => `@u${index}:${serverName}`) }, 'M_INVALID_PARAM'],
    [{ initial_state: [{ type: 'm.room.create', content: {} }] }, 'M_BAD_JSON'],
    [
      { initial_state: [{ type: 'm.room.member', state_key: bob.userId, content: { membership: 'join' } }] },
      'M_INVALID_ROOM_STATE',
    ],
    [{ initial_state: [{ type: 'm.room.canonical_alias', content: { alias: '#other:test.example' } }] }, 'M_BAD_ALIAS'],
    [{ name: 'x'.repeat(70_000) }, 'M_TOO_LARGE'],
    [{ room_version: '11', name: 'n', power_level_content_override: { users: {} } }, 'M_INVALID_ROOM_STATE'],
    [{ room_version: '11', power_level_content_override: { ban: '50' } }, 'M_BAD_JSON'],
    [{ room_version: '12', power_level_content_override: { users: { [alice.userId]: 100 } } }, 'M_BAD_JSON'],
    [{ room_version: '12', creation_content: { additional_creators: 'x' } }, 'M_BAD_JSON'],
    [{ room_version: '12', creation_content: { additional_creators: ['@a:b', 42] } }, 'M_BAD_JSON'],
    [{ room_version: '12', creation_content: { additional_creators: ['@a:d$m.com'] } }, 'M_BAD_JSON'],
  ]
  for (const [request, errcode] of cases) {
    assert.equal(await errcodeOf(create(request)), errcode, JSON.stringify(request).slice(0, 100))
  }
  assert.deepEqual(await house.parts.flows.joinedRooms(alice), before)
})

test('of two rooms that want one alias at once, one is made and the other leaves nothing', async () => {
  const before = (await house.parts.flows.joinedRooms(alice)).joined_rooms.length
  const tries = await Promise.all(
    Array.from({ length: 8 }, () => errcodeOf(create({ room_alias_name: 'wanted', visibility: 'public' }))),
  )
  assert.deepEqual(tries.toSorted(), [...Array(7).fill('M_ROOM_IN_USE'), 'ok'])
  const { joined_rooms: joined } = await house.parts.flows.joinedRooms(alice)
  assert.equal(joined.length, before + 1)
  const found = await house.parts.flows.resolveAlias(`#wanted:${serverName}`)
  assert.equal(joined.includes(found.room_id as never), true)
})

test('rooms made at one instant by one user are different rooms', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, () => makeRoom(house, alice)))
  assert.equal(new Set(ids).size, 30)
})
