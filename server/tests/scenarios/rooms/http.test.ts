/** The room endpoints over HTTP: statuses and error codes, paths, bodies. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
let alice: TestUser
let bob: TestUser
let roomId: string
let room: string
before(async () => {
  server = await startInProcess()
  alice = await server.register('alice')
  bob = await server.register('bob')
  roomId = String((await alice.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  room = `rooms/${encodeURIComponent(roomId)}`
})
after(async () => {
  await server.close()
  await endTestStores()
})

const unknown = `rooms/${encodeURIComponent('!unknown:test.example')}`
const told = async (user: TestUser, method: string, path: string, body?: object | string): Promise<string> => {
  const answer = await user.call(method, path, body)
  return answer.status === 200 ? 'ok' : refusalOf(answer)
}

test('state is set and read with and without a slash at the end, and with any state key', async () => {
  const { event_id: first } = await alice.ok('PUT', `${room}/state/m.test`, { a: 1 })
  assert.equal((await alice.ok('PUT', `${room}/state/m.test/`, { a: 1 })).event_id, first)
  for (const path of ['m.test', 'm.test/']) assert.deepEqual(await alice.ok('GET', `${room}/state/${path}`), { a: 1 })
  for (const key of ['k', 'a/b', 'ä 🦊', '%', '...', '?x=1#y']) {
    const path = `${room}/state/m.test/${encodeURIComponent(key)}`
    await alice.ok('PUT', path, { key })
    assert.deepEqual(await alice.ok('GET', path), { key })
    const whole = await alice.ok('GET', `${path}?format=event`)
    assert.deepEqual([whole.state_key, whole.room_id, whole.sender], [key, roomId, alice.userId])
  }
  assert.equal(await told(alice, 'GET', `${room}/state/m.never`), '404 M_NOT_FOUND')
  assert.equal(await told(alice, 'GET', `${room}/state/m.test?format=other`), '400 M_INVALID_PARAM')
  assert.equal(await told(bob, 'GET', `${room}/state/m.test`), '403 M_FORBIDDEN')
  assert.equal(await told(alice, 'PUT', `${room}/state/m.room.create`, { more: 1 }), '400 M_BAD_JSON')
})

test('what cannot be an event is refused with its own status', async () => {
  const send = (body: object | string, path = 'm.test/t1') => told(alice, 'PUT', `${room}/send/${path}`, body)
  assert.equal(await send('{'), '400 M_NOT_JSON')
  assert.equal(await send('[]'), '400 M_BAD_JSON')
  assert.equal(await send('{"a":1.5}'), '400 M_BAD_JSON')
  assert.equal(await send('{"a":9007199254740992}'), '400 M_BAD_JSON')
  assert.equal(await send({ a: 'x'.repeat(65_000) }), '413 M_TOO_LARGE')
  assert.equal(await send({}, `${'t'.repeat(256)}/t1`), '413 M_TOO_LARGE')
  assert.equal(await told(alice, 'PUT', `${room}/state/m.test/${'k'.repeat(256)}`, {}), '413 M_TOO_LARGE')
  assert.equal(await told(alice, 'PUT', `${unknown}/send/m.test/t1`, {}), '403 M_FORBIDDEN')
  assert.equal(await told(bob, 'PUT', `${room}/send/m.test/t1`, {}), '403 M_FORBIDDEN')
  assert.equal(await told(alice, 'PUT', 'rooms/nonsense/send/m.test/t1', {}), '400 M_INVALID_PARAM')
})

test('a transaction ID counts for one path, on the older prefix too', async () => {
  const send = async (path: string) => (await alice.ok('PUT', path, { body: 'x' })).event_id
  const first = await send(`${room}/send/m.test/same`)
  assert.equal(await send(`${room}/send/m.test/same`), first)
  assert.equal(await send(`/_matrix/client/r0/${room}/send/m.test/same`), first)
  assert.notEqual(await send(`${room}/send/m.test2/same`), first)
  const phone = await server.logIn(alice)
  assert.notEqual((await phone.ok('PUT', `${room}/send/m.test/same`, { body: 'x' })).event_id, first)
})

test('memberships that cannot be are refused with 403, unknown rooms to join with 404', async () => {
  const whom = { user_id: bob.userId }
  const cases: [TestUser, string, object, string][] = [
    [bob, `${room}/invite`, { user_id: alice.userId }, '403 M_FORBIDDEN'],
    [alice, `${room}/invite`, { user_id: alice.userId }, '403 M_FORBIDDEN'],
    [alice, `${room}/invite`, { user_id: 'bob' }, '400 M_BAD_JSON'],
    [alice, `${room}/invite`, {}, '400 M_MISSING_PARAM'],
    [alice, `${room}/kick`, whom, '403 M_FORBIDDEN'],
    [alice, `${room}/unban`, whom, '403 M_BAD_STATE'],
    [bob, `${room}/ban`, { user_id: alice.userId }, '403 M_FORBIDDEN'],
    [bob, `${room}/leave`, {}, '403 M_FORBIDDEN'],
    [alice, `${room}/forget`, {}, '400 M_UNKNOWN'],
    [bob, `knock/${encodeURIComponent(roomId)}`, {}, '403 M_FORBIDDEN'],
    [bob, `knock/${encodeURIComponent('#unknown:test.example')}`, {}, '404 M_NOT_FOUND'],
    [bob, `join/${encodeURIComponent('!unknown:test.example')}`, {}, '404 M_NOT_FOUND'],
    [bob, `join/${encodeURIComponent('#unknown:test.example')}`, {}, '404 M_NOT_FOUND'],
    [bob, `${unknown}/join`, {}, '404 M_NOT_FOUND'],
    [alice, `${room}/upgrade`, { new_version: '99' }, '400 M_UNSUPPORTED_ROOM_VERSION'],
    [bob, `${room}/upgrade`, { new_version: '12' }, '403 M_FORBIDDEN'],
  ]
  for (const [user, path, body, refusal] of cases) assert.equal(await told(user, 'POST', path, body), refusal, path)
  await bob.ok('POST', `join/${encodeURIComponent(roomId)}`, '')
  assert.equal(await told(alice, 'POST', `${room}/invite`, whom), '403 M_FORBIDDEN')
  await alice.ok('POST', `${room}/ban`, whom)
  assert.equal(await told(bob, 'POST', `${room}/join`, {}), '403 M_FORBIDDEN')
  assert.equal(await told(alice, 'POST', `${room}/kick`, whom), '403 M_FORBIDDEN')
  await alice.ok('POST', `${room}/unban`, whom)
})

test('rooms that cannot be made are refused with 400', async () => {
  await alice.ok('POST', 'createRoom', { room_alias_name: 'taken' })
  const cases: [object, string][] = [
    [{ room_alias_name: 'taken' }, '400 M_ROOM_IN_USE'],
    [{ room_alias_name: 'a:b' }, '400 M_INVALID_PARAM'],
    [{ room_version: 1 }, '400 M_BAD_JSON'],
    [{ room_version: 'unknown' }, '400 M_UNSUPPORTED_ROOM_VERSION'],
    [{ preset: 'none' }, '400 M_BAD_JSON'],
    [{ initial_state: [{ content: {} }] }, '400 M_BAD_JSON'],
    [{ power_level_content_override: { users: { [alice.userId]: 100 } } }, '400 M_BAD_JSON'],
    [{ room_version: '11', name: 'n', power_level_content_override: { users: {} } }, '400 M_INVALID_ROOM_STATE'],
  ]
  for (const [body, refusal] of cases) assert.equal(await told(alice, 'POST', 'createRoom', body), refusal)
})

test('reading what is closed or not there is refused alike', async () => {
  const closed = String((await alice.ok('POST', 'createRoom', {})).room_id)
  const { event_id: eventId } = await alice.ok('PUT', `rooms/${closed}/send/m.test/1`, {})
  for (const path of [`rooms/${encodeURIComponent(closed)}`, unknown]) {
    for (const rest of ['state', 'members', 'joined_members', 'aliases', 'messages', 'messages?dir=b']) {
      assert.equal(await told(bob, 'GET', `${path}/${rest}`), '403 M_FORBIDDEN', rest)
    }
    for (const rest of ['event', 'context']) {
      assert.equal(await told(bob, 'GET', `${path}/${rest}/${encodeURIComponent(String(eventId))}`), '404 M_NOT_FOUND')
    }
    assert.equal(
      await told(bob, 'PUT', `${path}/redact/${encodeURIComponent(String(eventId))}/1`, {}),
      '403 M_FORBIDDEN',
    )
  }
  assert.equal(await told(alice, 'GET', `${room}/event/nonsense`), '400 M_INVALID_PARAM')
})

test('parameters of pages are checked', async () => {
  const cases: [string, string][] = [
    ['messages', '400 M_MISSING_PARAM'],
    ['messages?dir=x', '400 M_INVALID_PARAM'],
    ['messages?dir=b&limit=-1', '400 M_INVALID_PARAM'],
    ['messages?dir=b&limit=x', '400 M_INVALID_PARAM'],
    ['messages?dir=b&from=nonsense', '400 M_INVALID_PARAM'],
    ['messages?dir=b&filter=nonsense', '400 M_NOT_JSON'],
    ['messages?dir=b&filter=7', '400 M_BAD_JSON'],
    ['messages?dir=b&limit=100000', 'ok'],
    ['members?membership=dance', '400 M_INVALID_PARAM'],
    ['members?at=nonsense', '400 M_INVALID_PARAM'],
  ]
  for (const [path, answer] of cases) assert.equal(await told(alice, 'GET', `${room}/${path}`), answer, path)
  const { chunk } = await alice.ok('GET', `${room}/messages?dir=f&limit=1`)
  assert.equal((chunk as { type: string }[])[0]!.type, 'm.room.create')
})

test('aliases and the directory answer with their statuses', async () => {
  const path = (alias: string) => `directory/room/${encodeURIComponent(alias)}`
  await alice.ok('PUT', path('#door:test.example'), { room_id: roomId })
  assert.equal(await told(alice, 'PUT', path('#door:test.example'), { room_id: roomId }), '409 M_UNKNOWN')
  assert.equal(await told(alice, 'PUT', path('#door'), { room_id: roomId }), '400 M_INVALID_PARAM')
  assert.equal(await told(alice, 'PUT', path('#x:test.example'), {}), '400 M_MISSING_PARAM')
  assert.deepEqual((await server.call('GET', path('#door:test.example'))).body.room_id, roomId)
  assert.equal(refusalOf(await server.call('GET', path('#none:test.example'))), '404 M_NOT_FOUND')
  assert.equal(await told(bob, 'DELETE', path('#door:test.example')), '403 M_FORBIDDEN')
  assert.equal(await told(alice, 'DELETE', path('#none:test.example')), '404 M_NOT_FOUND')
  await alice.ok('DELETE', path('#door:test.example'))
  const listing = `directory/list/room/${encodeURIComponent(roomId)}`
  assert.equal(await told(bob, 'PUT', listing, { visibility: 'public' }), '403 M_FORBIDDEN')
  assert.equal(await told(alice, 'PUT', listing, { visibility: 'open' }), '400 M_BAD_JSON')
  await alice.ok('PUT', listing, {})
  const { body } = await server.call('GET', 'publicRooms?limit=1')
  assert.equal((body.chunk as { room_id: string }[])[0]!.room_id, roomId)
  assert.equal(refusalOf(await server.call('GET', 'publicRooms?since=nonsense')), '400 M_INVALID_PARAM')
  assert.equal(await told(alice, 'POST', 'publicRooms', { limit: 'x' }), '400 M_BAD_JSON')
})
