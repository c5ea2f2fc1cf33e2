/** Dehydrated devices. Proposal: msc3814. */

import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { deviceKeysOf, newKey, oneTimeKeys } from '../../kit/test-keys.ts'

const path = '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device'

after(endTestStores)

async function leave(user: TestUser, deviceId: string) {
  const device_keys = deviceKeysOf({ ...user, deviceId }, newKey())
  const body = { device_id: deviceId, device_data: { algorithm: 'm.dehydration.v2', sealed: deviceId }, device_keys }
  return user.call('PUT', path, { ...body, one_time_keys: oneTimeKeys(['a']) })
}

const send = (from: TestUser, to: TestUser, deviceId: string, number: number) =>
  from.ok('PUT', `sendToDevice/org.example/${deviceId}${number}`, {
    messages: { [to.userId]: { [deviceId]: { number } } },
  })

describe('dehydrated devices', () => {
  it('take messages until somebody comes back for them', async (test) => {
    const server: InProcess = await startInProcess({}, 'sessions: { dehydratedDevices: true }\n')
    test.after(() => server.close())
    const zoe = await server.register('zoe')
    const friend = await server.register('friend')
    assert.equal(refusalOf(await zoe.call('GET', path)), '404 M_NOT_FOUND')
    assert.deepEqual((await leave(zoe, 'SLEEPER')).body, { device_id: 'SLEEPER' })
    assert.deepEqual(await zoe.ok('GET', path), {
      device_id: 'SLEEPER',
      device_data: { algorithm: 'm.dehydration.v2', sealed: 'SLEEPER' },
    })
    const { device_keys: shown } = await friend.ok('POST', 'keys/query', { device_keys: { [zoe.userId]: [] } })
    assert.deepEqual(Object.keys((shown as Record<string, object>)[zoe.userId]!), ['SLEEPER'])
    for (let number = 0; number < 120; number += 1) await send(friend, zoe, 'SLEEPER', number)
    const first = await zoe.ok('POST', `${path}/SLEEPER/events`, {})
    const second = await zoe.ok('POST', `${path}/SLEEPER/events`, { next_batch: first.next_batch })
    const counts = [first, second].map(({ events }) => (events as unknown[]).length)
    assert.deepEqual(counts, [100, 20])
    assert.equal(refusalOf(await zoe.call('POST', `${path}/OTHER/events`, {})), '403 M_FORBIDDEN')
    const bad = await zoe.call('POST', `${path}/SLEEPER/events`, { next_batch: 'x' })
    assert.equal(refusalOf(bad), '400 M_INVALID_PARAM')
    assert.deepEqual((await leave(zoe, 'SECOND')).body, { device_id: 'SECOND' })
    assert.equal((await zoe.ok('GET', path)).device_id, 'SECOND')
    assert.equal(refusalOf(await leave(zoe, zoe.deviceId)), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await zoe.call('PUT', path, {})), '400 M_MISSING_PARAM')
    assert.deepEqual(await zoe.ok('DELETE', path), { device_id: 'SECOND' })
    assert.equal(refusalOf(await zoe.call('DELETE', path)), '404 M_NOT_FOUND')
  })

  it('do not exist unless the config allows them', async (test) => {
    const server = await startInProcess()
    test.after(() => server.close())
    const user = await server.register('user')
    assert.equal(refusalOf(await leave(user, 'SLEEPER')), '404 M_UNRECOGNIZED')
    assert.equal(refusalOf(await user.call('GET', path)), '404 M_UNRECOGNIZED')
  })
})
