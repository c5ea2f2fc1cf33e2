/** Presence over HTTP: who may set and see it, and a server that has none. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { refusalOf, startInProcess } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

after(endTestStores)

test('presence is set by oneself and seen by those who share a room', async () => {
  const server = await startInProcess()
  try {
    const [amy, ben, cleo] = [await server.register('amy'), await server.register('ben'), await server.register('cleo')]
    const { room_id: roomId } = await amy.ok('POST', 'createRoom', { preset: 'public_chat' })
    await ben.ok('POST', `join/${roomId}`)
    const path = `presence/${amy.userId}/status`
    assert.deepEqual(await amy.ok('GET', path), { presence: 'offline' })
    await amy.ok('PUT', path, { presence: 'online', status_msg: 'hello' })
    const shown = await ben.ok('GET', path)
    assert.deepEqual([shown.presence, shown.status_msg, shown.currently_active], ['online', 'hello', true])
    assert.equal(refusalOf(await cleo.call('GET', path)), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await ben.call('GET', 'presence/@nobody:test.example/status')), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await ben.call('PUT', path, { presence: 'online' })), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await amy.call('PUT', path, { presence: 'asleep' })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await amy.call('PUT', path, {})), '400 M_MISSING_PARAM')
    const long = { presence: 'online', status_msg: 'x'.repeat(10_000) }
    assert.equal(refusalOf(await amy.call('PUT', path, long)), '400 M_INVALID_PARAM')
    await server.restart()
    assert.deepEqual((await ben.ok('GET', path)).presence, 'offline')
    const auth = {
      type: 'm.login.password',
      identifier: { type: 'm.id.user', user: amy.userId },
      password: amy.password,
    }
    const { body } = await amy.call('POST', 'account/deactivate', {})
    await amy.ok('POST', 'account/deactivate', { auth: { ...auth, session: body.session } })
    assert.equal(refusalOf(await ben.call('GET', path)), '403 M_FORBIDDEN')
  } finally {
    await server.close()
  }
})

test('a server without presence keeps none and tells none', async () => {
  const server = await startInProcess({ HOMESERVER_PRESENCE: 'off' })
  try {
    const amy = await server.register('amy')
    await amy.ok('POST', 'createRoom', {})
    const path = `presence/${amy.userId}/status`
    await amy.ok('PUT', path, { presence: 'online', status_msg: 'hello' })
    assert.deepEqual(await amy.ok('GET', path), { presence: 'offline' })
    assert.equal((await amy.ok('GET', 'sync')).presence, undefined)
  } finally {
    await server.close()
  }
})
