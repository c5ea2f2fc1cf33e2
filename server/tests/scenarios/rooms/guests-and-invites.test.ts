/** Who may come in beside the rules of the room: guests, and users who take no invitations. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
let alice: TestUser
let bob: TestUser
before(async () => {
  server = await startInProcess({ HOMESERVER_GUESTS: '1' })
  alice = await server.register('alice')
  bob = await server.register('bob')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const makeRoom = async (request: object = {}) => {
  const { room_id: roomId } = await alice.ok('POST', 'createRoom', { preset: 'public_chat', ...request })
  return { roomId: String(roomId), room: `rooms/${encodeURIComponent(String(roomId))}` }
}
const registerGuest = async () => {
  const { status, body } = await server.call('POST', 'register?kind=guest', { body: {} })
  assert.equal(status, 200)
  const token = String(body.access_token)
  return {
    userId: String(body.user_id),
    call: (method: string, path: string, given?: object) => server.call(method, path, { token, body: given }),
  }
}

test('guests join, speak in and leave rooms that take them, and are put out when that ends', async () => {
  const guest = await registerGuest()
  const { room, roomId } = await makeRoom()
  assert.equal(refusalOf(await guest.call('POST', `${room}/join`)), '403 M_GUEST_ACCESS_FORBIDDEN')
  const member = `${room}/state/m.room.member/${encodeURIComponent(guest.userId)}`
  assert.equal(refusalOf(await guest.call('PUT', member, { membership: 'join' })), '403 M_GUEST_ACCESS_FORBIDDEN')
  await alice.ok('PUT', `${room}/state/m.room.guest_access`, { guest_access: 'can_join' })
  assert.equal((await guest.call('POST', `join/${encodeURIComponent(roomId)}`)).status, 200)
  assert.equal((await guest.call('PUT', `${room}/send/m.test/1`, {})).status, 200)
  assert.equal((await guest.call('POST', `${room}/leave`)).status, 200)
  assert.equal((await guest.call('POST', `${room}/join`)).status, 200)
  await bob.ok('POST', `${room}/join`)
  await alice.ok('PUT', `${room}/state/m.room.guest_access`, { guest_access: 'forbidden' })
  assert.equal((await alice.ok('GET', member)).membership, 'leave')
  assert.equal(refusalOf(await guest.call('PUT', `${room}/send/m.test/2`, {})), '403 M_FORBIDDEN')
  assert.equal(
    (await bob.ok('GET', `${room}/state/m.room.member/${encodeURIComponent(bob.userId)}`)).membership,
    'join',
  )
  assert.equal(refusalOf(await guest.call('POST', 'createRoom', {})), '403 M_GUEST_ACCESS_FORBIDDEN')
  assert.equal(
    refusalOf(await guest.call('POST', `${room}/invite`, { user_id: bob.userId })),
    '403 M_GUEST_ACCESS_FORBIDDEN',
  )
})

test('guests have a name and keys, write to devices and look into rooms, and no more', async () => {
  const guest = await registerGuest()
  const forbidden = '403 M_GUEST_ACCESS_FORBIDDEN'
  const profile = `profile/${encodeURIComponent(guest.userId)}`
  const ok = async (method: string, path: string, body?: object) => {
    const { status, body: reply } = await guest.call(method, path, body)
    assert.equal(status, 200, `${path}: ${JSON.stringify(reply)}`)
    return reply
  }
  await ok('PUT', `${profile}/displayname`, { displayname: 'Passer-by' })
  assert.equal((await ok('GET', profile)).displayname, 'Passer-by')
  await ok('DELETE', `${profile}/displayname`)
  for (const field of ['avatar_url', 'm.tz', 'org.example.a']) {
    assert.equal(refusalOf(await guest.call('PUT', `${profile}/${field}`, { [field]: 'mxc://a/b' })), forbidden)
    assert.equal(refusalOf(await guest.call('DELETE', `${profile}/${field}`)), forbidden)
  }
  const { device_id: device, is_guest: isGuest } = await ok('GET', 'account/whoami')
  assert.equal(isGuest, true)
  const keys = { user_id: guest.userId, device_id: device, algorithms: [], keys: {}, signatures: {} }
  await ok('POST', 'keys/upload', { device_keys: keys })
  const queried = await ok('POST', 'keys/query', { device_keys: { [guest.userId]: [] } })
  assert.ok((queried.device_keys as Record<string, object>)[guest.userId])
  await ok('POST', 'keys/claim', { one_time_keys: {} })
  const messages = { [bob.userId]: { '*': { text: 'hello' } } }
  await ok('PUT', 'sendToDevice/org.example.note/1', { messages })
  assert.equal(((await bob.ok('GET', 'sync')).to_device as { events: object[] }).events.length, 1)
  for (const path of ['events', 'initialSync', 'capabilities', 'joined_rooms', 'pushrules/']) {
    assert.equal(refusalOf(await guest.call('GET', path)), forbidden, path)
  }
})

test('a redaction of what let guests in puts them out as well', async () => {
  const guest = await registerGuest()
  const { room } = await makeRoom()
  const { event_id: eventId } = await alice.ok('PUT', `${room}/state/m.room.guest_access`, { guest_access: 'can_join' })
  assert.equal((await guest.call('POST', `${room}/join`)).status, 200)
  await alice.ok('PUT', `${room}/redact/${encodeURIComponent(String(eventId))}/1`, {})
  const member = await alice.ok('GET', `${room}/state/m.room.member/${encodeURIComponent(guest.userId)}`)
  assert.equal(member.membership, 'leave')
})

test('who takes no invitations is not invited in any way', async () => {
  const config = `user/${encodeURIComponent(bob.userId)}/account_data/m.invite_permission_config`
  await bob.ok('PUT', config, { default_action: 'block' })
  const { room } = await makeRoom()
  const blocked = '403 M_INVITE_BLOCKED'
  assert.equal(refusalOf(await alice.call('POST', `${room}/invite`, { user_id: bob.userId })), blocked)
  const member = `${room}/state/m.room.member/${encodeURIComponent(bob.userId)}`
  assert.equal(refusalOf(await alice.call('PUT', member, { membership: 'invite' })), blocked)
  assert.equal(refusalOf(await alice.call('POST', 'createRoom', { invite: [bob.userId] })), blocked)
  const initial = { type: 'm.room.member', state_key: bob.userId, content: { membership: 'invite' } }
  assert.equal(refusalOf(await alice.call('POST', 'createRoom', { initial_state: [initial] })), blocked)
  await bob.ok('PUT', config, {})
  await alice.ok('POST', `${room}/invite`, { user_id: bob.userId })
})

test('a join keeps what else its body holds, but not what only the server can say', async () => {
  const { room } = await makeRoom()
  const unknown = { sender: alice.userId, mxid: bob.userId, token: 'token', signatures: {} }
  assert.equal(refusalOf(await bob.call('POST', `${room}/join`, { third_party_signed: unknown })), '403 M_FORBIDDEN')
  await bob.ok('POST', `${room}/join`, {
    foo: 'bar',
    reason: 'why not',
    membership: 'ban',
    join_authorised_via_users_server: alice.userId,
  })
  const member = await alice.ok('GET', `${room}/state/m.room.member/${encodeURIComponent(bob.userId)}`)
  assert.deepEqual([member.foo, member.reason, member.membership], ['bar', 'why not', 'join'])
  assert.equal(member.join_authorised_via_users_server, undefined)
})

test('settings go over to the room that the old one names as its successor, and to no other', async () => {
  const { room, roomId } = await makeRoom()
  await bob.ok('POST', `${room}/join`)
  const tags = (id: string) => `user/${encodeURIComponent(bob.userId)}/rooms/${encodeURIComponent(id)}/tags`
  await bob.ok('PUT', `${tags(roomId)}/u.mine`, { order: 0.5 })
  const claim = await makeRoom({ creation_content: { predecessor: { room_id: roomId } } })
  await bob.ok('POST', `${claim.room}/join`)
  assert.deepEqual((await bob.ok('GET', tags(claim.roomId))).tags, {})
  const { replacement_room: next } = await alice.ok('POST', `${room}/upgrade`, { new_version: '12' })
  await bob.ok('POST', `rooms/${encodeURIComponent(String(next))}/join`)
  assert.deepEqual((await bob.ok('GET', tags(String(next)))).tags, { 'u.mine': { order: 0.5 } })
})
