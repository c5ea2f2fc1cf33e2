/** Admins lock accounts and look at sessions. Spec: client-server-api#account-locking. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'

describe('locked accounts', () => {
  let server: InProcess
  let admin: TestUser

  before(async () => {
    server = await startInProcess()
    const root = await server.register('root')
    await server.program.components.administration.setAdmin('root', true)
    admin = await server.logIn(root)
  })
  after(() => server.close())

  const lockPath = (userId: string) => `/_matrix/client/v1/admin/lock/${encodeURIComponent(userId)}`
  const whoIsPath = (userId: string) => `admin/whois/${encodeURIComponent(userId)}`
  const lock = (user: TestUser, locked: boolean) => admin.ok('PUT', lockPath(user.userId), { locked })

  it('keep their sessions, which can do nothing until they are unlocked', async () => {
    const ada = await server.register('ada')
    assert.deepEqual(await lock(ada, true), { locked: true })
    assert.deepEqual(await admin.ok('GET', lockPath(ada.userId)), { locked: true })
    const refused = await ada.call('GET', 'sync')
    assert.equal(refusalOf(refused), '401 M_USER_LOCKED')
    assert.equal(refused.body.soft_logout, true)
    assert.deepEqual(await lock(ada, false), { locked: false })
    await ada.ok('GET', 'account/whoami')
  })

  it('are told so by polls that wait and by refresh tokens, so that clients keep their keys', async () => {
    const amy = await server.logIn(await server.register('amy'), { refresh_token: true })
    const { refresh_token: refreshToken } = (
      await server.call('POST', 'login', {
        body: {
          ...{ type: 'm.login.password', password: amy.password, refresh_token: true },
          identifier: { type: 'm.id.user', user: amy.userId },
        },
      })
    ).body
    const filter = encodeURIComponent('{"presence":{"limit":0}}')
    const { next_batch: since } = await amy.ok('GET', `sync?filter=${filter}`)
    const first = await amy.ok('POST', '/_matrix/client/v4/sync', { conn_id: 'kept' })
    const polls = [
      amy.call('GET', `sync?filter=${filter}&since=${since}&timeout=30000`),
      amy.call('POST', '/_matrix/client/v4/sync', { conn_id: 'kept', pos: first.pos, timeout: 30_000 }),
    ]
    // The polls wait by then.
    for (let turns = 0; turns < 5; turns++) await admin.ok('GET', 'account/whoami')
    await lock(amy, true)
    for (const answer of await Promise.all(polls)) {
      assert.equal(refusalOf(answer), '401 M_USER_LOCKED')
      assert.equal(answer.body.soft_logout, true)
    }
    const refresh = () => server.call('POST', 'refresh', { body: { refresh_token: refreshToken } })
    assert.equal(refusalOf(await refresh()), '401 M_USER_LOCKED')
    await lock(amy, false)
    assert.equal((await refresh()).status, 200)
    await amy.ok('POST', '/_matrix/client/v4/sync', { conn_id: 'kept', pos: first.pos })
  })

  it('can log out all the same', async () => {
    const ben = await server.register('ben')
    const phone = await server.logIn(ben)
    await lock(ben, true)
    await phone.ok('POST', 'logout')
    assert.equal(refusalOf(await phone.call('GET', 'sync')), '401 M_UNKNOWN_TOKEN')
    await ben.ok('POST', 'logout/all')
    assert.equal(refusalOf(await ben.call('GET', 'sync')), '401 M_UNKNOWN_TOKEN')
  })

  it('are locked by admins only, and never those of admins, strangers or the dead', async () => {
    const cleo = await server.register('cleo')
    assert.equal(refusalOf(await cleo.call('PUT', lockPath(admin.userId), { locked: true })), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await cleo.call('GET', lockPath(cleo.userId))), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await admin.call('PUT', lockPath(admin.userId), { locked: true })), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await admin.call('GET', lockPath('@x:elsewhere.example'))), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await admin.call('GET', lockPath('@nobody:test.example'))), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await admin.call('PUT', lockPath(cleo.userId), { locked: 'yes' })), '400 M_BAD_JSON')
    const account = await server.program.components.users.findAccount(cleo.userId as never)
    await server.program.components.users.removeAccount(account!.user)
    assert.equal(refusalOf(await admin.call('PUT', lockPath(cleo.userId), { locked: true })), '404 M_NOT_FOUND')
  })

  it('are told of in the capabilities of who can lock them', async () => {
    const dan = await server.register('dan')
    const capabilitiesOf = async (user: TestUser) => (await user.ok('GET', 'capabilities')).capabilities as object
    assert.equal('m.account_moderation' in (await capabilitiesOf(dan)), false)
    assert.deepEqual(Object.entries(await capabilitiesOf(admin)).at(-1), [
      'm.account_moderation',
      { lock: true, suspend: true },
    ])
  })

  it('show their sessions to themselves and to admins', async () => {
    const eva = await server.register('eva')
    await server.program.components.users.flush()
    for (const viewer of [eva, admin]) {
      const { user_id: userId, devices } = await viewer.ok('GET', whoIsPath(eva.userId))
      assert.equal(userId, eva.userId)
      assert.deepEqual(Object.keys(devices as object), [eva.deviceId])
    }
    await server.program.components.users.flush()
    const { devices } = await eva.ok('GET', whoIsPath(eva.userId))
    const { sessions } = (devices as Record<string, { sessions: { connections: JsonObject[] }[] }>)[eva.deviceId]!
    const [connection] = sessions[0]!.connections
    assert.equal(connection!.ip, '127.0.0.1')
    assert.equal(typeof connection!.last_seen, 'number')
    assert.equal(refusalOf(await eva.call('GET', whoIsPath(admin.userId))), '403 M_FORBIDDEN')
    assert.equal(refusalOf(await admin.call('GET', whoIsPath('@nobody:test.example'))), '404 M_NOT_FOUND')
  })
})
