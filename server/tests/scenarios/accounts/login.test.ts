/** Logging in and out, refresh tokens, passwords, the end of an account. Spec: client-server-api#legacy-api. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
before(async () => {
  server = await startInProcess({}, 'sessions: { loginTokens: true, refreshTokenLifetimeMs: 86400000 }\n')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const logIn = (body: object) => server.call('POST', 'login', { body: { type: 'm.login.password', ...body } })
const byName = (user: string, password: string, more = {}) =>
  logIn({ identifier: { type: 'm.id.user', user }, password, ...more })
const passwordOf = ({ userId, password }: TestUser) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user: userId },
  password,
})
const whoami = (token: unknown) => server.call('GET', 'account/whoami', { token: String(token) })

describe('login', () => {
  it('takes a user ID, a localpart, capitals and the old field', async () => {
    const { userId, password } = await server.register('anna')
    for (const name of [userId, 'anna', 'Anna', '@ANNA:test.example']) {
      assert.equal((await byName(name, password)).body.user_id, userId, name)
    }
    assert.equal((await logIn({ user: 'anna', password })).body.user_id, userId)
  })

  it('refuses a wrong password, unknown users and other identifiers alike', async () => {
    await server.register('bea')
    assert.equal(refusalOf(await byName('bea', 'wrong')), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await byName('nobody', 'wrong')), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await byName('@bea:elsewhere.example', 'password of bea')), '403 M_FORBIDDEN')
    const mail = { type: 'm.id.thirdparty', medium: 'email', address: 'bea@example.org' }
    assert.equal(refusalOf(await logIn({ identifier: mail, password: 'x' })), '403 M_FORBIDDEN')
  })

  it('refuses unknown ways to log in and incomplete requests', async () => {
    assert.equal(refusalOf(await server.call('POST', 'login', { body: { type: 'org.example' } })), '400 M_UNKNOWN')
    assert.equal(refusalOf(await logIn({ password: 'x' })), '400 M_MISSING_PARAM')
    assert.equal(refusalOf(await server.call('POST', 'login', { body: {} })), '400 M_MISSING_PARAM')
  })

  it('gives an existing device a new token and ends the old one', async () => {
    const carl = await server.register('carl')
    const again = await server.logIn(carl, { device_id: carl.deviceId, initial_device_display_name: 'Phone' })
    assert.equal(again.deviceId, carl.deviceId)
    assert.equal(refusalOf(await carl.call('GET', 'account/whoami')), '401 M_UNKNOWN_TOKEN')
    const { devices } = await again.ok('GET', 'devices')
    assert.deepEqual(
      (devices as { display_name: string }[]).map((device) => device.display_name),
      ['Phone'],
    )
  })

  it('does not log in who is locked or deactivated', async () => {
    const { users } = server.program.components
    const dora = await server.register('dora')
    const account = await users.findAccount(dora.userId as never)
    await users.setState(account!.user, 'locked')
    assert.equal(refusalOf(await byName('dora', dora.password)), '401 M_USER_LOCKED')
    const refused = await dora.call('GET', 'account/whoami')
    assert.equal(refusalOf(refused), '401 M_USER_LOCKED')
    assert.equal(refused.body.soft_logout, true)
    await users.setState(account!.user, 'active')
    assert.equal((await dora.call('GET', 'account/whoami')).status, 200)
  })

  it('says which flows there are', async () => {
    assert.deepEqual((await server.call('GET', 'login')).body.flows, [
      { type: 'm.login.password' },
      { type: 'm.login.token', get_login_token: true },
    ])
  })

  it('logs in once with a token that another device got', async () => {
    const emil = await server.register('emil')
    const path = '/_matrix/client/v1/login/get_token'
    const { session } = (await emil.call('POST', path)).body
    const { login_token: token } = await emil.ok('POST', path, { auth: { ...passwordOf(emil), session } })
    const use = () => server.call('POST', 'login', { body: { type: 'm.login.token', token } })
    assert.equal((await use()).body.user_id, emil.userId)
    assert.equal(refusalOf(await use()), '403 M_FORBIDDEN')
    const { login_token: late } = await emil.ok('POST', path, { auth: passwordOf(emil) })
    server.clock.turn(2 * 60_000)
    const refused = await server.call('POST', 'login', { body: { type: 'm.login.token', token: late } })
    assert.equal(refusalOf(refused), '403 M_FORBIDDEN')
  })
})

describe('tokens', () => {
  it('refuses missing and unknown ones', async () => {
    assert.equal(refusalOf(await server.call('GET', 'account/whoami')), '401 M_MISSING_TOKEN')
    assert.equal(refusalOf(await whoami('guessed')), '401 M_UNKNOWN_TOKEN')
  })

  it('are known again after a restart', async () => {
    const fritz = await server.register('fritz')
    await server.restart()
    assert.equal((await whoami(fritz.token)).body.user_id, fritz.userId)
  })

  it('expire where the client can refresh them, and the old refresh token works until a new one is used', async () => {
    await server.register('gabi')
    const first = (await byName('gabi', 'password of gabi', { refresh_token: true })).body
    assert.equal(first.expires_in_ms, 300_000)
    assert.equal((await whoami(first.access_token)).status, 200)
    server.clock.turn(300_000)
    const expired = await whoami(first.access_token)
    assert.equal(refusalOf(expired), '401 M_UNKNOWN_TOKEN')
    assert.equal(expired.body.soft_logout, true)
    const refresh = (token: unknown) => server.call('POST', 'refresh', { body: { refresh_token: token } })
    const lost = (await refresh(first.refresh_token)).body
    const second = (await refresh(first.refresh_token)).body
    assert.equal(refusalOf(await whoami(lost.access_token)), '401 M_UNKNOWN_TOKEN')
    assert.equal((await whoami(second.access_token)).status, 200)
    assert.equal(refusalOf(await refresh(first.refresh_token)), '401 M_UNKNOWN_TOKEN')
    const third = (await refresh(second.refresh_token)).body
    const fourth = (await refresh(third.refresh_token)).body
    assert.equal(refusalOf(await refresh(second.refresh_token)), '401 M_UNKNOWN_TOKEN')
    assert.equal((await whoami(fourth.access_token)).status, 200)
    server.clock.turn(86_400_000)
    assert.equal(refusalOf(await refresh(fourth.refresh_token)), '401 M_UNKNOWN_TOKEN')
  })
})

describe('logout', () => {
  it('ends one device, or all', async () => {
    const hans = await server.register('hans')
    const phone = await server.logIn(hans)
    const tablet = await server.logIn(hans)
    await phone.ok('POST', 'logout')
    assert.equal(refusalOf(await phone.call('GET', 'account/whoami')), '401 M_UNKNOWN_TOKEN')
    assert.equal((await hans.call('GET', 'account/whoami')).status, 200)
    await hans.ok('POST', 'logout/all')
    for (const user of [hans, tablet]) {
      assert.equal(refusalOf(await user.call('GET', 'account/whoami')), '401 M_UNKNOWN_TOKEN')
    }
  })
})

describe('the password', () => {
  it('changes after the old one was given, and logs other devices out unless told not to', async () => {
    const ida = await server.register('ida')
    const other = await server.logIn(ida)
    const asked = await ida.call('POST', 'account/password', { new_password: 'new' })
    assert.deepEqual([asked.status, asked.body.flows], [401, [{ stages: ['m.login.password'] }]])
    const wrong = { ...passwordOf(ida), password: 'wrong', session: asked.body.session }
    const refused = await ida.call('POST', 'account/password', { new_password: 'new', auth: wrong })
    assert.equal(refusalOf(refused), '401 M_FORBIDDEN')
    assert.equal(refused.body.session, asked.body.session)
    const auth = { ...passwordOf(ida), session: asked.body.session }
    await ida.ok('POST', 'account/password', { new_password: 'new', logout_devices: false, auth })
    assert.equal((await other.call('GET', 'account/whoami')).status, 200)
    assert.equal(refusalOf(await byName('ida', ida.password)), '403 M_FORBIDDEN')
    assert.equal((await byName('ida', 'new')).status, 200)
    await ida.ok('POST', 'account/password', {
      new_password: 'newer',
      auth: { ...auth, password: 'new', session: undefined },
    })
    assert.equal(refusalOf(await other.call('GET', 'account/whoami')), '401 M_UNKNOWN_TOKEN')
    assert.equal((await ida.call('GET', 'account/whoami')).status, 200)
    const weak = { new_password: '', auth: { ...passwordOf(ida), password: 'newer' } }
    assert.equal(refusalOf(await ida.call('POST', 'account/password', weak)), '400 M_WEAK_PASSWORD')
  })

  it('is not asked of another user', async () => {
    const jan = await server.register('jan')
    const kim = await server.register('kim')
    const body = { new_password: 'new', auth: passwordOf(kim) }
    assert.equal(refusalOf(await jan.call('POST', 'account/password', body)), '403 M_FORBIDDEN')
  })

  it('does not let a session for one thing be used for another', async () => {
    const lea = await server.register('lea')
    const { session } = (await lea.call('POST', 'account/password', { new_password: 'new' })).body
    const auth = { ...passwordOf(lea), session }
    const refused = await lea.call('POST', 'account/deactivate', { auth })
    assert.equal(refused.status, 401)
    assert.notEqual(refused.body.session, session)
  })
})

describe('deactivation', () => {
  it('leaves all rooms, ends all sessions, erases the profile and keeps the name taken', async () => {
    const mia = await server.register('mia')
    const nele = await server.register('nele')
    await mia.ok('PUT', `profile/${mia.userId}/displayname`, { displayname: 'Mia' })
    const { room_id: roomId } = await nele.ok('POST', 'createRoom', { preset: 'public_chat' })
    await mia.ok('POST', `join/${roomId}`)
    assert.equal((await mia.call('POST', 'account/deactivate')).status, 401)
    const body = await mia.ok('POST', 'account/deactivate', { auth: passwordOf(mia), erase: true })
    assert.deepEqual(body, { id_server_unbind_result: 'success' })
    assert.equal(refusalOf(await mia.call('GET', 'account/whoami')), '401 M_UNKNOWN_TOKEN')
    assert.equal(refusalOf(await byName('mia', mia.password)), '403 M_USER_DEACTIVATED')
    assert.equal(refusalOf(await server.call('GET', `profile/${mia.userId}`)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await server.call('GET', 'register/available?username=mia')), '400 M_USER_IN_USE')
    const member = await nele.ok('GET', `rooms/${roomId}/state/m.room.member/${mia.userId}`)
    assert.equal(member.membership, 'leave')
  })
})

describe('failed logins', () => {
  it('are slowed down for an account, and forgotten after a while', async (test) => {
    const slow = await startInProcess({ HOMESERVER_RATE_LIMITS: '1' }, 'rateLimits: { login: { burst: 1000 } }\n')
    test.after(() => slow.close())
    const { userId, password } = await slow.register('otto')
    const attempt = (given: string) =>
      slow.call('POST', 'login', {
        body: { type: 'm.login.password', identifier: { type: 'm.id.user', user: userId }, password: given },
      })
    for (let count = 0; count < 10; count += 1) assert.equal(refusalOf(await attempt('wrong')), '403 M_FORBIDDEN')
    const refused = await attempt(password)
    assert.equal(refusalOf(refused), '429 M_LIMIT_EXCEEDED')
    assert.ok(Number(refused.body.retry_after_ms) > 0)
    slow.clock.turn(10_000)
    assert.equal((await attempt(password)).status, 200)
  })
})
