/** Listing, naming and removing devices. Spec: client-server-api#device-management. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { deviceKeysOf, newKey } from '../../kit/test-keys.ts'

let server: InProcess
let ada: TestUser
before(async () => {
  server = await startInProcess()
  ada = await server.register('ada')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const passwordOf = ({ userId, password }: TestUser) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user: userId },
  password,
})

describe('devices', () => {
  it('are listed with name and when they were last seen', async () => {
    const phone = await server.logIn(ada, { device_id: 'PHONE', initial_device_display_name: 'Phone' })
    await server.program.components.users.flush()
    const { devices } = (await ada.ok('GET', 'devices')) as { devices: { device_id: string }[] }
    assert.deepEqual(devices.map(({ device_id: id }) => id).sort(), [ada.deviceId, 'PHONE'].sort())
    await phone.ok('GET', 'account/whoami')
    await server.program.components.users.flush()
    const device = await ada.ok('GET', 'devices/PHONE')
    assert.equal(device.display_name, 'Phone')
    assert.equal(device.last_seen_ip, '127.0.0.1')
    assert.ok(Math.abs(Number(device.last_seen_ts) - Date.now()) < 60_000)
  })

  it('can be renamed', async () => {
    await ada.ok('PUT', 'devices/PHONE', { display_name: 'Old phone' })
    assert.equal((await ada.ok('GET', 'devices/PHONE')).display_name, 'Old phone')
    const long = await ada.call('PUT', 'devices/PHONE', { display_name: 'x'.repeat(101) })
    assert.equal(refusalOf(long), '413 M_TOO_LARGE')
    assert.equal((await ada.call('PUT', 'devices/PHONE', { display_name: 'x'.repeat(100) })).status, 200)
    assert.equal(refusalOf(await ada.call('PUT', 'devices/NONE', { display_name: 'x' })), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await ada.call('GET', 'devices/NONE')), '404 M_NOT_FOUND')
  })

  it('are removed with their keys and tokens once the password was given', async () => {
    const old = await server.logIn(ada)
    await old.ok('POST', 'keys/upload', { device_keys: deviceKeysOf(old, newKey()) })
    const { next_batch: since } = await ada.ok('GET', 'sync')
    const asked = await ada.call('DELETE', `devices/${old.deviceId}`)
    assert.deepEqual([asked.status, asked.body.flows], [401, [{ stages: ['m.login.password'] }]])
    assert.equal((await old.call('GET', 'account/whoami')).status, 200)
    const wrong = { ...passwordOf(ada), password: 'wrong', session: asked.body.session }
    assert.equal(refusalOf(await ada.call('DELETE', `devices/${old.deviceId}`, { auth: wrong })), '401 M_FORBIDDEN')
    const auth = { ...passwordOf(ada), session: asked.body.session }
    const other = await ada.call('DELETE', 'devices/PHONE', { auth })
    assert.equal(other.status, 401, 'the session is for another device')
    await ada.ok('DELETE', `devices/${old.deviceId}`, { auth })
    assert.equal(refusalOf(await old.call('GET', 'account/whoami')), '401 M_UNKNOWN_TOKEN')
    const { device_keys: keys } = await ada.ok('POST', 'keys/query', { device_keys: { [ada.userId]: [] } })
    assert.deepEqual(keys, { [ada.userId]: {} })
    const { device_lists: lists } = (await ada.ok('GET', `sync?since=${since}`)) as { device_lists?: object }
    assert.deepEqual(lists, { changed: [ada.userId], left: [] })
  })

  it('are removed several at once, unknown ones among them', async () => {
    const [one, two] = [await server.logIn(ada), await server.logIn(ada)]
    const devices = [one.deviceId, two.deviceId, 'UNKNOWN']
    assert.equal((await ada.call('POST', 'delete_devices', { devices })).status, 401)
    await ada.ok('POST', 'delete_devices', { devices, auth: passwordOf(ada) })
    for (const gone of [one, two]) assert.equal((await gone.call('GET', 'account/whoami')).status, 401)
    assert.equal(refusalOf(await ada.call('POST', 'delete_devices', {})), '400 M_MISSING_PARAM')
  })

  it('cannot be removed with another user’s password', async () => {
    const eve = await server.register('eve')
    const refused = await eve.call('DELETE', `devices/${eve.deviceId}`, { auth: passwordOf(ada) })
    assert.equal(refusalOf(refused), '403 M_FORBIDDEN')
  })
})
