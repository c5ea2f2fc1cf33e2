/** Device keys, one-time keys, fallback keys. Spec: client-server-api#key-management-api. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { deviceKeysOf, newKey, oneTimeKeys } from '../../kit/test-keys.ts'

let server: InProcess
let nina: TestUser
let olaf: TestUser
before(async () => {
  server = await startInProcess()
  nina = await server.register('nina')
  olaf = await server.register('olaf')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const query = async (user: TestUser, asked: object) =>
  (await user.ok('POST', 'keys/query', { device_keys: asked })) as Record<string, Record<string, JsonObject>>

/** Names of the keys that a claim got of nina's device. */
async function claim(of = nina): Promise<string[]> {
  const body = { one_time_keys: { [of.userId]: { [of.deviceId]: 'signed_curve25519' } } }
  const { one_time_keys: keys } = (await olaf.ok('POST', 'keys/claim', body)) as Record<string, JsonObject>
  const ofUser = (keys?.[of.userId] ?? {}) as Record<string, JsonObject>
  return Object.keys(ofUser[of.deviceId] ?? {}).map((name) => name.split(':')[1]!)
}

describe('device keys', () => {
  it('are published and shown as they were signed, with the name of the device', async () => {
    const keys = deviceKeysOf(nina, newKey())
    const { one_time_key_counts: counts } = await nina.ok('POST', 'keys/upload', { device_keys: keys })
    assert.deepEqual(counts, { signed_curve25519: 0 })
    const shown = await query(olaf, { [nina.userId]: [] })
    assert.deepEqual(shown.device_keys, { [nina.userId]: { [nina.deviceId]: keys } })
    await nina.ok('PUT', `devices/${nina.deviceId}`, { display_name: 'Laptop' })
    const named = await query(olaf, { [nina.userId]: [nina.deviceId, 'UNKNOWN'] })
    const unsigned = { device_display_name: 'Laptop' }
    assert.deepEqual(named.device_keys, { [nina.userId]: { [nina.deviceId]: { ...keys, unsigned } } })
    assert.deepEqual((await query(olaf, { [nina.userId]: ['UNKNOWN'] })).device_keys, { [nina.userId]: {} })
  })

  it('of unknown users are empty, and those of other servers fail', async () => {
    const shown = await query(olaf, { '@none:test.example': [], '@x:elsewhere.example': [] })
    assert.deepEqual(shown.device_keys, { '@none:test.example': {} })
    assert.deepEqual(Object.keys(shown.failures!), ['elsewhere.example'])
  })

  it('tell those who share a room that they changed', async () => {
    const { room_id: roomId } = await nina.ok('POST', 'createRoom', { preset: 'public_chat' })
    await olaf.ok('POST', `join/${roomId}`)
    const { next_batch: from } = await olaf.ok('GET', 'sync')
    const keys = deviceKeysOf(nina, newKey())
    await nina.ok('POST', 'keys/upload', { device_keys: keys })
    await nina.ok('POST', 'keys/upload', { device_keys: keys })
    const { device_lists: lists, next_batch: to } = await olaf.ok('GET', `sync?since=${from}`)
    assert.deepEqual(lists, { changed: [nina.userId], left: [] })
    assert.deepEqual(await olaf.ok('GET', `keys/changes?from=${from}&to=${to}`), lists)
    await nina.ok('POST', 'keys/upload', { device_keys: keys })
    assert.equal((await olaf.ok('GET', `sync?since=${to}`)).device_lists, undefined, 'the same keys again')
    assert.equal(refusalOf(await olaf.call('GET', 'keys/changes?from=x&to=y')), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await olaf.call('GET', 'keys/changes')), '400 M_MISSING_PARAM')
  })

  it('of another user or device are refused', async () => {
    const keys = deviceKeysOf(nina, newKey())
    const upload = (more: JsonObject) => nina.call('POST', 'keys/upload', { device_keys: { ...keys, ...more } })
    assert.equal(refusalOf(await upload({ user_id: olaf.userId })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await upload({ device_id: 'OTHER' })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await upload({ algorithms: 'x' })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await upload({ keys: { a: 1 } })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await upload({ extra: 'x'.repeat(16_384) })), '413 M_TOO_LARGE')
    assert.equal(refusalOf(await nina.call('POST', 'keys/query', {})), '400 M_MISSING_PARAM')
    assert.equal(refusalOf(await nina.call('POST', 'keys/query', { device_keys: { x: [] } })), '400 M_INVALID_PARAM')
    const noList = { device_keys: { [nina.userId]: 'x' } }
    assert.equal(refusalOf(await nina.call('POST', 'keys/query', noList)), '400 M_BAD_JSON')
  })
})

describe('one-time keys', () => {
  it('are handed out in the order in which they were issued', async () => {
    await nina.ok('POST', 'keys/upload', { one_time_keys: oneTimeKeys(['z', 'a']) })
    const { one_time_key_counts: counts } = await nina.ok('POST', 'keys/upload', {
      one_time_keys: oneTimeKeys(['m', 'b']),
    })
    assert.deepEqual(counts, { signed_curve25519: 4 })
    assert.deepEqual((await nina.ok('GET', 'sync')).device_one_time_keys_count, { signed_curve25519: 4 })
    assert.deepEqual([await claim(), await claim(), await claim(), await claim()], [['z'], ['a'], ['m'], ['b']])
    assert.deepEqual(await claim(), [])
    assert.deepEqual((await nina.ok('GET', 'sync')).device_one_time_keys_count, { signed_curve25519: 0 })
  })

  it('are handed out once each to many who claim at once', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `k${index}`)
    await nina.ok('POST', 'keys/upload', { one_time_keys: oneTimeKeys(names) })
    const taken = (await Promise.all(Array.from({ length: 50 }, () => claim()))).flat()
    assert.equal(taken.length, 40)
    assert.deepEqual(new Set(taken), new Set(names))
  })

  it('can be uploaded again as they are, but not changed', async () => {
    const keys = oneTimeKeys(['again'])
    await nina.ok('POST', 'keys/upload', { one_time_keys: keys })
    await nina.ok('POST', 'keys/upload', { one_time_keys: keys })
    const changed = await nina.call('POST', 'keys/upload', { one_time_keys: oneTimeKeys(['again']) })
    assert.equal(refusalOf(changed), '400 M_INVALID_PARAM')
    assert.deepEqual([await claim(), await claim()], [['again'], []])
  })

  it('with bad names or contents are refused, and too many', async () => {
    const upload = (keys: object) => nina.call('POST', 'keys/upload', { one_time_keys: keys })
    assert.equal(refusalOf(await upload({ nameless: 'x' })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await upload({ 'curve25519:a': 1 })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await upload({ 'signed_curve25519:a': { key: 'x' } })), '400 M_BAD_JSON')
    const unsigned = { 'signed_curve25519:a': { key: 'x', signatures: { '@nina:test.example': 'x' } } }
    assert.equal(refusalOf(await upload(unsigned)), '400 M_BAD_JSON')
    assert.equal(refusalOf(await upload({ 'curve25519:a': 'x'.repeat(16_384) })), '413 M_TOO_LARGE')
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`curve25519:${index}`, 'x']))
    assert.equal(refusalOf(await upload(many)), '400 M_INVALID_PARAM')
    const claims = (keys: object) => nina.call('POST', 'keys/claim', { one_time_keys: keys })
    assert.equal(refusalOf(await claims({ x: {} })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await claims({ [nina.userId]: { D: 1 } })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await nina.call('POST', 'keys/claim', {})), '400 M_MISSING_PARAM')
  })
})

describe('fallback keys', () => {
  const unusedOf = async () => (await nina.ok('GET', 'sync')).device_unused_fallback_key_types

  it('are handed out when there is nothing else, again and again, and the device is told', async () => {
    await nina.ok('POST', 'keys/upload', { fallback_keys: oneTimeKeys(['f1'], { fallback: true }) })
    assert.deepEqual(await unusedOf(), ['signed_curve25519'])
    await nina.ok('POST', 'keys/upload', { one_time_keys: oneTimeKeys(['once']) })
    const { next_batch: since } = await nina.ok('GET', 'sync')
    const waiting = nina.ok('GET', `sync?since=${since}&timeout=10000`)
    assert.deepEqual([await claim(), await claim(), await claim()], [['once'], ['f1'], ['f1']])
    assert.deepEqual((await waiting).device_one_time_keys_count, { signed_curve25519: 0 })
    assert.deepEqual(await unusedOf(), [])
    await nina.ok('POST', 'keys/upload', { fallback_keys: oneTimeKeys(['f2'], { fallback: true }) })
    assert.deepEqual(await unusedOf(), ['signed_curve25519'])
    assert.deepEqual(await claim(), ['f2'])
  })
})
