/** Making accounts, by every way there is. Spec: client-server-api#account-registration-and-management. */

import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

const dummy = { type: 'm.login.dummy' }

describe('open registration', () => {
  let server: InProcess
  before(async () => {
    server = await startInProcess({ HOMESERVER_GUESTS: '1', HOMESERVER_REGISTRATION_SECRET: 'secret' })
  })
  after(() => server.close())
  const register = (body: object, kind = '') => server.call('POST', `register${kind}`, { body })

  it('asks for authentication first, then makes the account and logs it in', async () => {
    const first = await register({ username: 'walter', password: 'pw' })
    assert.equal(first.status, 401)
    assert.deepEqual(first.body.flows, [{ stages: ['m.login.dummy'] }])
    assert.equal(first.body.errcode, undefined)
    const auth = { ...dummy, session: first.body.session }
    const { status, body } = await register({ username: 'walter', password: 'pw', device_id: 'PHONE', auth })
    assert.equal(status, 200)
    assert.equal(body.user_id, '@walter:test.example')
    assert.equal(body.device_id, 'PHONE')
    const whoami = await server.call('GET', 'account/whoami', { token: String(body.access_token) })
    assert.deepEqual(whoami.body, { user_id: '@walter:test.example', device_id: 'PHONE', is_guest: false })
  })

  it('takes capitals as small letters and makes a name up if none is given', async () => {
    const { body } = await register({ username: 'UpperCase', password: 'pw', auth: dummy })
    assert.equal(body.user_id, '@uppercase:test.example')
    const nameless = await register({ password: 'pw', auth: dummy })
    assert.match(String(nameless.body.user_id), /^@[a-z]{10}:test\.example$/)
  })

  it('refuses names that are taken, before it asks for authentication', async () => {
    await server.register('taken')
    assert.equal(refusalOf(await register({ username: 'taken', password: 'pw' })), '400 M_USER_IN_USE')
    const available = await server.call('GET', 'register/available?username=taken')
    assert.equal(refusalOf(available), '400 M_USER_IN_USE')
  })

  it('says which names are free', async () => {
    const { status, body } = await server.call('GET', 'register/available?username=free')
    assert.deepEqual({ status, body }, { status: 200, body: { available: true } })
  })

  it('refuses names with other characters, and too long ones', async () => {
    for (const username of ['', 'a b', 'a:b', '@a', 'ä', 'a!', 'x'.repeat(243)]) {
      const refused = await register({ username, password: 'pw', auth: dummy })
      assert.equal(refusalOf(refused), '400 M_INVALID_USERNAME', username)
      const asked = await server.call('GET', `register/available?username=${encodeURIComponent(username)}`)
      assert.equal(refusalOf(asked), '400 M_INVALID_USERNAME', username)
    }
    assert.equal((await register({ username: 'x'.repeat(241), password: 'pw', auth: dummy })).status, 200)
  })

  it('refuses a missing, an empty and an overlong password and a bad device ID', async () => {
    assert.equal(refusalOf(await register({ username: 'pw', auth: dummy })), '400 M_MISSING_PARAM')
    assert.equal(refusalOf(await register({ username: 'pw', password: '', auth: dummy })), '400 M_WEAK_PASSWORD')
    const long = await register({ username: 'pw', password: 'x'.repeat(4097), auth: dummy })
    assert.equal(refusalOf(long), '400 M_INVALID_PARAM')
    const device = await register({ username: 'pw', password: 'pw', device_id: 'x'.repeat(513), auth: dummy })
    assert.equal(refusalOf(device), '400 M_INVALID_PARAM')
    assert.equal((await server.call('GET', 'register/available?username=pw')).status, 200)
  })

  it('logs nobody in if asked not to', async () => {
    const { body } = await register({ username: 'quiet', password: 'pw', inhibit_login: true, auth: dummy })
    assert.deepEqual(body, { user_id: '@quiet:test.example' })
  })

  it('lets one of many win who want the same name at once', async () => {
    const attempts = Array.from({ length: 8 }, () => register({ username: 'race', password: 'pw', auth: dummy }))
    const statuses = (await Promise.all(attempts)).map(({ status }) => status)
    assert.deepEqual(statuses.sort(), [200, 400, 400, 400, 400, 400, 400, 400])
  })

  it('makes guests, who may not do what users may', async () => {
    const { body } = await register({}, '?kind=guest')
    const token = String(body.access_token)
    assert.equal((await server.call('GET', 'account/whoami', { token })).body.is_guest, true)
    const refused = await server.call('PUT', `profile/${body.user_id}/avatar_url`, {
      token,
      body: { avatar_url: 'mxc://test.example/x' },
    })
    assert.equal(refusalOf(refused), '403 M_GUEST_ACCESS_FORBIDDEN')
  })

  it('makes accounts for who knows the shared secret', async () => {
    const path = '/_synapse/admin/v1/register'
    const ask = async (given: JsonObject, secret = 'secret') => {
      const { nonce } = (await server.call('GET', path)).body
      const admin = given.admin === true ? 'admin' : 'notadmin'
      const parts = [nonce, given.username, given.password, admin].join('\0')
      const mac = createHmac('sha1', secret).update(parts).digest('hex')
      return { nonce, answer: await server.call('POST', path, { body: { ...given, nonce, mac } }) }
    }
    const { answer, nonce } = await ask({ username: 'root', password: 'pw', admin: true })
    assert.equal(answer.body.user_id, '@root:test.example')
    const account = await server.program.components.users.findAccount('@root:test.example' as never)
    assert.equal(account?.isAdmin, true)
    const again = await server.call('POST', path, { body: { username: 'x', password: 'y', nonce, mac: '00' } })
    assert.equal(refusalOf(again), '400 M_UNKNOWN')
    const wrong = await ask({ username: 'other', password: 'pw' }, 'guessed')
    assert.equal(refusalOf(wrong.answer), '403 M_FORBIDDEN')
    const taken = await ask({ username: 'root', password: 'pw' })
    assert.equal(refusalOf(taken.answer), '400 M_USER_IN_USE')
  })

  it('forgets authentication sessions that are too old or for something else', async () => {
    const { session } = (await register({ username: 'late', password: 'pw' })).body
    server.clock.turn(61 * 60_000)
    const late = await register({ username: 'late', password: 'pw', auth: { ...dummy, session } })
    assert.equal(late.status, 401)
    assert.notEqual(late.body.session, session)
    const unknown = await register({ username: 'late', password: 'pw', auth: { type: 'org.example', session: 'x' } })
    assert.equal(unknown.status, 401)
  })
})

describe('closed registration', () => {
  it('refuses strangers and guests, and has no shared secret unless one is set', async () => {
    const server = await startInProcess({ HOMESERVER_OPEN_REGISTRATION: '0' })
    const body = { username: 'a', password: 'pw', auth: dummy }
    assert.equal(refusalOf(await server.call('POST', 'register', { body })), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await server.call('POST', 'register?kind=guest', { body: {} })), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await server.call('GET', '/_synapse/admin/v1/register')), '404 M_UNRECOGNIZED')
    const { users } = server.program.components
    const token = await users.createSetupToken()
    await users.useSetupToken(token, { localpart: 'first', password: 'pw' })
    assert.equal((await users.findAccount('@first:test.example' as never))?.isAdmin, true)
    await assert.rejects(users.useSetupToken(token, { localpart: 'second', password: 'pw' }), {
      errcode: 'M_FORBIDDEN',
    })
    await server.close()
  })
})

describe('registration with tokens and policies', () => {
  const yaml = `
registration:
  tokens: true
  policies:
    - { id: privacy, version: "1", language: en, name: Privacy, url: "https://example.org/p" }
`
  let server: InProcess
  before(async () => {
    server = await startInProcess({ HOMESERVER_OPEN_REGISTRATION: '0' }, yaml)
  })
  after(async () => {
    await server.close()
    await endTestStores()
  })
  const register = (body: object) => server.call('POST', 'register', { body })

  it('goes through the stages in order, across a restart', async () => {
    const { users } = server.program.components
    await users.createRegistrationToken({ token: 'once', usesMax: 1 })
    const asked = await register({ username: 'tim', password: 'pw' })
    assert.deepEqual(asked.body.flows, [{ stages: ['m.login.registration_token', 'm.login.terms'] }])
    const policies = { privacy: { version: '1', en: { name: 'Privacy', url: 'https://example.org/p' } } }
    assert.deepEqual(asked.body.params, { 'm.login.terms': { policies } })
    const { session } = asked.body
    const send = (auth: object) => register({ username: 'tim', password: 'pw', auth: { ...auth, session } })
    const early = await send({ type: 'm.login.terms' })
    assert.equal(early.status, 401)
    assert.equal(early.body.completed, undefined)
    const wrong = await send({ type: 'm.login.registration_token', token: 'guessed' })
    assert.equal(refusalOf(wrong), '401 M_FORBIDDEN')
    const first = await send({ type: 'm.login.registration_token', token: 'once' })
    assert.deepEqual([first.status, first.body.completed], [401, ['m.login.registration_token']])
    await server.restart()
    assert.equal((await send({ type: 'm.login.terms' })).body.user_id, '@tim:test.example')
    const used = await register({
      username: 'tom',
      password: 'pw',
      auth: { type: 'm.login.registration_token', token: 'once' },
    })
    assert.equal(refusalOf(used), '401 M_FORBIDDEN')
  })

  it('says whether a token is valid', async () => {
    const { users } = server.program.components
    const expiresMs = server.clock.nowMs() + 1000
    const token = await users.createRegistrationToken({ expiresMs })
    const ask = async () =>
      (await server.call('GET', `/_matrix/client/v1/register/m.login.registration_token/validity?token=${token}`)).body
    assert.deepEqual(await ask(), { valid: true })
    server.clock.turn(1001)
    assert.deepEqual(await ask(), { valid: false })
    await assert.rejects(users.createRegistrationToken({ token: 'not allowed!' }), { errcode: 'M_INVALID_PARAM' })
    const invite = await server.program.components.administration.createInvite(1, 1000)
    assert.equal(await users.isRegistrationTokenValid(invite), true)
  })
})
