/** Memberships: who may change which, and what outsiders learn of them. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RoomId, UserId } from '@parallax/protocol'
import {
  errcodeOf,
  type House,
  makeRoom,
  openHouse,
  profiles,
  readPage,
  readState,
  serverName,
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

const membershipOf = async (roomId: RoomId, user: TestUser) => {
  const info = (await house.parts.rooms.findRoom(roomId))!
  return (await house.parts.rooms.findMember(info.room, user.user))?.membership
}
const errcode = (request: Promise<unknown>) => errcodeOf(request)
const setMember = (sender: TestUser, roomId: RoomId, target: TestUser, content: object) =>
  setState(house, sender, roomId, ['m.room.member', target.userId], content)

test('an invited user joins, or rejects the invitation', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice, { preset: 'private_chat' })
  assert.equal(await errcode(flows.join(bob, roomId, {})), 'M_FORBIDDEN')
  await flows.invite(alice, roomId, bob.userId, 'come')
  await flows.invite(alice, roomId, carol.userId)
  assert.equal((await readState(house, alice, roomId, 'm.room.member', bob.userId)).reason, 'come')
  await flows.join(bob, roomId, { reason: 'thanks' })
  assert.equal((await readState(house, alice, roomId, 'm.room.member', bob.userId)).reason, 'thanks')
  await flows.leave(carol, roomId, 'no')
  assert.deepEqual([await membershipOf(roomId, bob), await membershipOf(roomId, carol)], ['join', 'leave'])
  const info = (await house.parts.rooms.findRoom(roomId))!
  assert.deepEqual([info.joinedCount, info.invitedCount], [2, 0])
  assert.equal(await errcode(flows.join(carol, roomId, {})), 'M_FORBIDDEN')
})

test('nobody invites oneself, a member, a banned user or a user of another server', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  await flows.ban(alice, roomId, carol.userId)
  for (const target of [alice.userId, carol.userId, '@dave:elsewhere.example' as UserId]) {
    assert.equal(await errcode(flows.invite(alice, roomId, target)), 'M_FORBIDDEN')
  }
  const remote = { membership: 'invite' }
  const state = setState(house, alice, roomId, ['m.room.member', '@dave:elsewhere.example'], remote)
  assert.equal(await errcode(state), 'M_FORBIDDEN')
})

test('joining and leaving twice changes nothing the second time', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  await flows.join(bob, roomId, {})
  const joined = await house.parts.rooms.findRoom(roomId)
  assert.equal(await flows.join(bob, roomId, {}), roomId)
  assert.deepEqual(await house.parts.rooms.findRoom(roomId), joined)
  await flows.leave(bob, roomId)
  const left = await house.parts.rooms.findRoom(roomId)
  await flows.leave(bob, roomId)
  assert.deepEqual(await house.parts.rooms.findRoom(roomId), left)
  assert.equal(await errcode(flows.leave(carol, roomId)), 'M_FORBIDDEN')
})

test('a member with the power kicks who is there, and nobody else', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  for (const user of [bob, carol]) await flows.join(user, roomId, {})
  assert.equal(await errcode(flows.kick(bob, roomId, carol.userId)), 'M_FORBIDDEN')
  await flows.kick(alice, roomId, carol.userId, 'out')
  const member = await readState(house, alice, roomId, 'm.room.member', carol.userId)
  assert.deepEqual(member, { membership: 'leave', reason: 'out' })
  assert.equal(await errcode(flows.kick(alice, roomId, carol.userId)), 'M_FORBIDDEN')
  assert.equal(await errcode(flows.kick(alice, roomId, '@never:test.example' as UserId)), 'M_FORBIDDEN')
  await flows.ban(alice, roomId, bob.userId)
  assert.equal(await errcode(flows.kick(alice, roomId, bob.userId)), 'M_FORBIDDEN')
  assert.equal(await membershipOf(roomId, bob), 'ban')
})

test('a ban keeps out until it is lifted; lifting one that is not there is refused', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  await flows.join(bob, roomId, {})
  await flows.ban(alice, roomId, bob.userId, 'spam')
  const tries = [flows.join(bob, roomId, {}), flows.leave(bob, roomId), flows.knock(bob, roomId)]
  assert.deepEqual(await Promise.all(tries.map(errcode)), Array(3).fill('M_FORBIDDEN'))
  await flows.unban(alice, roomId, bob.userId)
  assert.equal(await membershipOf(roomId, bob), 'leave')
  assert.equal(await errcode(flows.unban(alice, roomId, bob.userId)), 'M_BAD_STATE')
  await flows.join(bob, roomId, {})
  assert.equal(await errcode(flows.ban(bob, roomId, alice.userId)), 'M_FORBIDDEN')
  await flows.ban(alice, roomId, '@unheard:test.example' as UserId)
  await flows.leave(alice, roomId)
  assert.equal(await errcode(flows.ban(alice, roomId, bob.userId)), 'M_FORBIDDEN')
})

test('outsiders are told nothing of who is in a room', async () => {
  const roomId = await makeRoom(house, alice, { preset: 'private_chat', invite: [bob.userId] })
  await house.parts.flows.ban(alice, roomId, '@banned:test.example' as UserId)
  const targets = [alice.userId, bob.userId, '@banned:test.example', '@never:test.example'] as UserId[]
  for (const change of ['invite', 'kick', 'ban', 'unban'] as const) {
    const told = new Set<string>()
    for (const target of targets) {
      const answer = await house.parts.flows[change](carol, roomId, target).then(
        () => 'ok',
        (error: Error) => error.message.replaceAll(target, '…'),
      )
      told.add(answer)
    }
    assert.equal(told.size, 1, `${change}: ${[...told].join(' / ')}`)
  }
  const reads = [
    house.parts.views.members(carol, roomId, { at: undefined, membership: undefined, notMembership: undefined }),
    house.parts.views.joinedMembers(carol, roomId),
    house.parts.views.state(carol, roomId),
    house.parts.views.joinedMembers(bob, roomId),
    house.parts.views.state(bob, roomId),
  ]
  assert.deepEqual(await Promise.all(reads.map(errcode)), Array(5).fill('M_FORBIDDEN'))
})

test('a user knocks, again with other words, takes it back, is rejected, is let in', async () => {
  const { flows } = house.parts
  for (const version of ['7', '9', '10', '12']) {
    const roomId = await makeRoom(house, alice, { room_version: version, preset: 'private_chat' })
    assert.equal(await errcode(flows.knock(bob, roomId)), 'M_FORBIDDEN')
    await setState(house, alice, roomId, ['m.room.join_rules', ''], { join_rule: 'knock' })
    await flows.knock(bob, roomId, { reason: 'one' })
    await flows.knock(bob, roomId, { reason: 'two' })
    assert.equal((await readState(house, alice, roomId, 'm.room.member', bob.userId)).reason, 'two')
    assert.equal(await errcode(flows.join(bob, roomId, {})), 'M_FORBIDDEN')
    await flows.leave(bob, roomId)
    await flows.knock(bob, roomId)
    await flows.kick(alice, roomId, bob.userId)
    await flows.knock(bob, roomId)
    await flows.invite(alice, roomId, bob.userId)
    assert.equal(await errcode(flows.knock(bob, roomId)), 'M_FORBIDDEN')
    await flows.join(bob, roomId, {})
    assert.equal(await errcode(flows.knock(bob, roomId)), 'M_FORBIDDEN')
  }
  const old = await makeRoom(house, alice, { room_version: '6', preset: 'private_chat' })
  await setState(house, alice, old, ['m.room.join_rules', ''], { join_rule: 'knock' })
  assert.notEqual(await errcode(flows.knock(bob, old)), 'ok')
  assert.equal(await errcode(flows.knock(bob, '!unknown:test.example' as RoomId)), 'M_NOT_FOUND')
})

test('a restricted room lets in the members of the rooms that it names', async () => {
  const { flows } = house.parts
  for (const [version, rule] of [
    ['8', 'restricted'],
    ['10', 'knock_restricted'],
    ['12', 'restricted'],
  ] as const) {
    const club = await makeRoom(house, alice)
    const allow = [
      { type: 'm.room_membership', room_id: '!unknown\u0000:x' },
      { type: 'other', room_id: club },
      7,
      { type: 'm.room_membership', room_id: club },
    ]
    const joinRules = { type: 'm.room.join_rules', content: { join_rule: rule, allow } }
    const request = { room_version: version, preset: 'private_chat', initial_state: [joinRules] }
    const roomId = await makeRoom(house, alice, request)
    assert.equal(await errcode(flows.join(bob, roomId, {})), 'M_FORBIDDEN')
    const claim = { membership: 'join', join_authorised_via_users_server: alice.userId }
    assert.equal(await errcode(setMember(bob, roomId, bob, claim)), 'M_FORBIDDEN')
    await flows.join(bob, club, {})
    await flows.join(bob, roomId, {})
    const member = await readState(house, alice, roomId, 'm.room.member', bob.userId)
    assert.equal(member.join_authorised_via_users_server, alice.userId)
    await flows.join(carol, club, {})
    await setMember(carol, roomId, carol, { ...claim, join_authorised_via_users_server: '@eve:evil.example' })
    const vouched = await readState(house, alice, roomId, 'm.room.member', carol.userId)
    assert.equal(vouched.join_authorised_via_users_server, alice.userId)
    await flows.leave(bob, roomId)
    await flows.leave(bob, club)
    assert.equal(await errcode(flows.join(bob, roomId, {})), 'M_FORBIDDEN')
    await flows.leave(alice, roomId)
    await flows.leave(carol, roomId)
    assert.equal(await errcode(flows.join(carol, roomId, {})), 'M_FORBIDDEN')
  }
})

test('a member event that a client writes itself is judged as one of ours and gets the profile', async () => {
  profiles.set(bob.userId, { displayname: 'Bob', avatar_url: 'mxc://test.example/bob' })
  const roomId = await makeRoom(house, alice)
  await setMember(bob, roomId, bob, { membership: 'join' })
  const joined = await readState(house, alice, roomId, 'm.room.member', bob.userId)
  assert.deepEqual(joined, { membership: 'join', displayname: 'Bob', avatar_url: 'mxc://test.example/bob' })
  const renamed = { membership: 'join', displayname: 'B', join_authorised_via_users_server: '@eve:evil.example' }
  await setMember(bob, roomId, bob, renamed)
  const now = await readState(house, alice, roomId, 'm.room.member', bob.userId)
  assert.deepEqual(now, { membership: 'join', displayname: 'B' })
  assert.equal(await errcode(setMember(bob, roomId, carol, { membership: 'join' })), 'M_FORBIDDEN')
  assert.equal(await errcode(setMember(bob, roomId, bob, { membership: 'dance' })), 'M_BAD_JSON')
  assert.equal(await errcode(setMember(bob, roomId, bob, {})), 'M_BAD_JSON')
  assert.equal(
    await errcode(setState(house, bob, roomId, ['m.room.member', 'bob'], { membership: 'leave' })),
    'M_BAD_JSON',
  )
  await setMember(alice, roomId, carol, { membership: 'invite' })
  await setMember(bob, roomId, bob, { membership: 'leave' })
  assert.deepEqual([await membershipOf(roomId, bob), await membershipOf(roomId, carol)], ['leave', 'invite'])
  profiles.clear()
})

test('only who is out forgets a room, and a new invitation ends that', async () => {
  const { flows } = house.parts
  const roomId = await makeRoom(house, alice)
  await flows.join(bob, roomId, {})
  assert.equal(await errcode(flows.forget(bob, roomId)), 'M_UNKNOWN')
  assert.equal(await errcode(flows.forget(carol, roomId)), 'M_UNKNOWN')
  assert.equal(await errcode(flows.forget(bob, '!unknown:test.example' as RoomId)), 'M_UNKNOWN')
  await flows.leave(bob, roomId)
  await flows.forget(bob, roomId)
  await flows.forget(bob, roomId)
  assert.equal(await errcode(readPage(house, bob, roomId)), 'M_FORBIDDEN')
  const info = (await house.parts.rooms.findRoom(roomId))!
  assert.equal((await house.parts.rooms.listMemberships(bob.user)).get(info.room)?.forgotten, true)
  await flows.invite(alice, roomId, bob.userId)
  assert.equal((await house.parts.rooms.listMemberships(bob.user)).get(info.room)?.forgotten, false)
  await Promise.all([house.parts.rooms.forget(info.room, bob.user), flows.join(bob, roomId, {})])
  const member = await house.parts.rooms.findMember(info.room, bob.user)
  assert.deepEqual([member?.membership, member?.forgotten], ['join', false])
  assert.equal((await house.parts.rooms.listMemberships(bob.user)).get(info.room)?.forgotten, false)
})

test('creators of version 12 stand above every level, whom nobody lists', async () => {
  const { flows } = house.parts
  const content = { additional_creators: [bob.userId] }
  const roomId = await makeRoom(house, alice, { room_version: '12', creation_content: content })
  for (const user of [bob, carol]) await flows.join(user, roomId, {})
  const levels = (users: object) => setState(house, alice, roomId, ['m.room.power_levels', ''], { users })
  assert.equal(await errcode(levels({ [alice.userId]: 100 })), 'M_BAD_JSON')
  assert.equal(await errcode(levels({ [bob.userId]: 100 })), 'M_BAD_JSON')
  assert.equal(await errcode(levels({ [carol.userId]: Number.MAX_SAFE_INTEGER + 1 })), 'M_BAD_JSON')
  await levels({ [carol.userId]: Number.MAX_SAFE_INTEGER })
  assert.equal(await errcode(flows.kick(carol, roomId, bob.userId)), 'M_FORBIDDEN')
  await flows.kick(bob, roomId, carol.userId)
  await setState(house, bob, roomId, ['m.room.name', ''], { name: `of ${serverName}` })
})

test('a demoted user may not give power, and is told so', async () => {
  const roomId = await makeRoom(house, alice, { room_version: '11' })
  const levels = (users: object) => setState(house, alice, roomId, ['m.room.power_levels', ''], { users })
  await levels({ [alice.userId]: 100 })
  await setState(house, alice, roomId, ['m.room.power_levels', ''], {})
  assert.equal(await errcode(levels({})), 'M_FORBIDDEN')
  assert.deepEqual(await readState(house, alice, roomId, 'm.room.power_levels'), {})
})
