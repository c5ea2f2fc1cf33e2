/** Admins suspend accounts: they read and leave, but do not speak. Spec: client-server-api#account-suspension. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'

const suspended = '403 M_USER_SUSPENDED'

describe('suspended accounts', () => {
  let server: InProcess
  let admin: TestUser
  let ada: TestUser
  let roomId: string
  let ownEvent: string
  let othersEvent: string

  const path = (userId: string) => `/_matrix/client/v1/admin/suspend/${encodeURIComponent(userId)}`
  const say = async (user: TestUser, transaction: string) => {
    const body = { msgtype: 'm.text', body: 'hello' }
    return user.call('PUT', `rooms/${roomId}/send/m.room.message/${transaction}`, body)
  }

  before(async () => {
    server = await startInProcess()
    const root = await server.register('root')
    await server.program.components.administration.setAdmin('root', true)
    admin = await server.logIn(root)
    ada = await server.register('ada')
    roomId = String((await ada.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
    await admin.ok('POST', `join/${roomId}`)
    ownEvent = String((await say(ada, 'before')).body.event_id)
    othersEvent = String((await say(admin, 'before')).body.event_id)
    assert.deepEqual(await admin.ok('PUT', path(ada.userId), { suspended: true }), { suspended: true })
  })
  after(() => server.close())

  it('cannot speak, join, invite, change their profile or upload', async () => {
    const refused: [string, string, object][] = [
      ['POST', 'createRoom', {}],
      ['POST', `join/${roomId}`, {}],
      ['POST', `rooms/${roomId}/join`, {}],
      ['POST', `knock/${roomId}`, {}],
      ['POST', `rooms/${roomId}/invite`, { user_id: '@x:test.example' }],
      ['POST', `rooms/${roomId}/kick`, { user_id: admin.userId }],
      ['PUT', `rooms/${roomId}/state/m.room.topic`, { topic: 'mine' }],
      ['PUT', `rooms/${roomId}/send/m.room.redaction/r1`, { redacts: othersEvent }],
      ['PUT', `profile/${ada.userId}/displayname`, { displayname: 'Countess' }],
      ['DELETE', `profile/${ada.userId}/displayname`, {}],
      ['POST', '/_matrix/media/v3/upload', {}],
    ]
    assert.equal(refusalOf(await say(ada, 'after')), suspended)
    for (const [method, at, body] of refused) assert.equal(refusalOf(await ada.call(method, at, body)), suspended, at)
  })

  it('redact their own events only', async () => {
    assert.equal(refusalOf(await ada.call('PUT', `rooms/${roomId}/redact/${othersEvent}/r2`, {})), suspended)
    await ada.ok('PUT', `rooms/${roomId}/redact/${ownEvent}/r3`, {})
  })

  it('read, log in, keep their keys and leave', async () => {
    const phone = await server.logIn(ada)
    assert.ok(((await phone.ok('GET', 'sync')) as { rooms: { join: object } }).rooms.join)
    await phone.ok('GET', `rooms/${roomId}/messages?dir=b`)
    await phone.ok('POST', 'keys/upload', {})
    assert.equal(refusalOf(await say(phone, 'phone')), suspended)
    await phone.ok('POST', 'logout')
    await ada.ok('POST', `rooms/${roomId}/leave`)
  })

  it('are so after a restart, and free again when the admin says so', async () => {
    await server.restart()
    assert.deepEqual(await admin.ok('GET', path(ada.userId)), { suspended: true })
    assert.equal(refusalOf(await ada.call('POST', `join/${roomId}`)), suspended)
    await admin.ok('PUT', path(ada.userId), { suspended: false })
    await ada.ok('POST', `join/${roomId}`)
  })

  it('are suspended by admins only, and never those of admins, strangers or the dead', async () => {
    assert.equal(refusalOf(await ada.call('PUT', path(admin.userId), { suspended: true })), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await ada.call('GET', path(ada.userId))), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await admin.call('PUT', path(admin.userId), { suspended: true })), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await admin.call('GET', path('@x:elsewhere.example'))), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await admin.call('GET', path('@nobody:test.example'))), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await admin.call('PUT', path(ada.userId), { suspended: 1 })), '400 M_BAD_JSON')
  })
})
