/** Cross-signing keys and signatures. Spec: client-server-api#cross-signing. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { crossSigningOf, deviceKeysOf, newKey, signAs } from '../../kit/test-keys.ts'

let server: InProcess
let rosa: TestUser
let sven: TestUser
before(async () => {
  server = await startInProcess()
  rosa = await server.register('rosa')
  sven = await server.register('sven')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const upload = (user: TestUser, body: object) => user.call('POST', 'keys/device_signing/upload', body)
const sign = (user: TestUser, body: object) => user.ok('POST', 'keys/signatures/upload', body)
const query = async (viewer: TestUser, user: TestUser) =>
  (await viewer.ok('POST', 'keys/query', { device_keys: { [user.userId]: [] } })) as Record<
    string,
    Record<string, JsonObject>
  >
const passwordOf = ({ userId, password }: TestUser) => ({
  type: 'm.login.password',
  identifier: { type: 'm.id.user', user: userId },
  password,
})
/** Errcode of the failure for one target. */
const failureOf = (reply: JsonObject, user: TestUser, target: string) =>
  (reply.failures as Record<string, Record<string, JsonObject>>)[user.userId]?.[target]?.errcode

const rosasDeviceKey = newKey()
const keys = crossSigningOf('@rosa:test.example')

describe('cross-signing keys', () => {
  it('are uploaded without a password the first time, and again as they are', async () => {
    assert.equal((await upload(rosa, keys.body)).status, 200)
    assert.equal((await upload(rosa, keys.body)).status, 200)
    assert.equal((await upload(rosa, { master_key: keys.body.master_key })).status, 200)
  })

  it('are shown to all, the user-signing key to the user only', async () => {
    const own = await query(rosa, rosa)
    assert.deepEqual(own.master_keys, { [rosa.userId]: keys.body.master_key })
    assert.deepEqual(own.self_signing_keys, { [rosa.userId]: keys.body.self_signing_key })
    assert.deepEqual(own.user_signing_keys, { [rosa.userId]: keys.body.user_signing_key })
    const others = await query(sven, rosa)
    assert.deepEqual(others.master_keys, own.master_keys)
    assert.deepEqual(others.user_signing_keys, {})
  })

  it('are replaced only with the password', async () => {
    const tom = await server.register('tom')
    await upload(tom, crossSigningOf(tom.userId).body)
    const next = crossSigningOf(tom.userId).body
    const asked = await upload(tom, next)
    assert.deepEqual([asked.status, asked.body.flows], [401, [{ stages: ['m.login.password'] }]])
    const auth = { ...passwordOf(tom), session: asked.body.session }
    const wrong = await upload(tom, { ...next, auth: { ...auth, password: 'wrong' } })
    assert.equal(refusalOf(wrong), '401 M_FORBIDDEN')
    assert.equal((await upload(tom, { ...next, auth })).status, 200)
    assert.deepEqual((await query(tom, tom)).master_keys, { [tom.userId]: next.master_key })
  })

  it('are refused without a master key, with a wrong signature, of another user, or misnamed', async () => {
    const ute = await server.register('ute')
    const { body } = crossSigningOf(ute.userId)
    const { master_key: _, ...rest } = body
    assert.equal(refusalOf(await upload(ute, rest)), '400 M_MISSING_PARAM')
    const foreign = crossSigningOf(ute.userId).body.self_signing_key
    const badly = await upload(ute, { ...body, self_signing_key: foreign })
    assert.equal(refusalOf(badly), '400 M_INVALID_SIGNATURE')
    const bad: JsonObject[] = [
      { user_id: rosa.userId },
      { usage: ['self_signing'] },
      { keys: {} },
      { keys: { 'ed25519:name': 'other' } },
    ]
    for (const more of bad) {
      const refused = await upload(ute, { master_key: { ...body.master_key, ...more } })
      assert.equal(refusalOf(refused), '400 M_INVALID_PARAM', JSON.stringify(more))
    }
    assert.equal(refusalOf(await upload(ute, { master_key: 'x' })), '400 M_BAD_JSON')
    assert.deepEqual((await query(ute, ute)).master_keys, {})
  })
})

describe('signatures', () => {
  it('of own devices and of the own master key are shown to all', async () => {
    const deviceKeys = deviceKeysOf(rosa, rosasDeviceKey)
    await rosa.ok('POST', 'keys/upload', { device_keys: deviceKeys })
    const { room_id: roomId } = await rosa.ok('POST', 'createRoom', { preset: 'public_chat' })
    await sven.ok('POST', `join/${roomId}`)
    const { next_batch: since } = await sven.ok('GET', 'sync')
    const signedDevice = signAs(rosa.userId, deviceKeys, keys.selfSigning)
    const signedMaster = signAs(rosa.userId, keys.body.master_key, rosasDeviceKey, rosa.deviceId)
    const reply = await sign(rosa, {
      [rosa.userId]: { [rosa.deviceId]: signedDevice, [keys.master.publicKey]: signedMaster },
    })
    assert.deepEqual(reply, { failures: {} })
    const shown = await query(sven, rosa)
    assert.deepEqual(shown.device_keys![rosa.userId]![rosa.deviceId], signedDevice)
    assert.deepEqual(shown.master_keys![rosa.userId], signedMaster)
    const { device_lists: lists } = await sven.ok('GET', `sync?since=${since}`)
    assert.deepEqual(lists, { changed: [rosa.userId], left: [] })
  })

  it('of others’ master keys are shown to the signer only', async () => {
    const svens = crossSigningOf(sven.userId)
    await upload(sven, svens.body)
    const signed = signAs(sven.userId, { ...keys.body.master_key, signatures: {} }, svens.userSigning)
    const tablet = await server.logIn(sven)
    const [{ next_batch: tablets }, { next_batch: rosas }] = [
      await tablet.ok('GET', 'sync'),
      await rosa.ok('GET', 'sync'),
    ]
    const waiting = tablet.ok('GET', `sync?since=${tablets}&timeout=10000`)
    const reply = await sign(sven, { [rosa.userId]: { [keys.master.publicKey]: signed } })
    assert.deepEqual((await waiting).device_lists, { changed: [rosa.userId], left: [] })
    assert.equal((await rosa.ok('GET', `sync?since=${rosas}`)).device_lists, undefined)
    await server.restart()
    const { device_lists: lists } = await tablet.ok('GET', `sync?since=${tablets}`)
    assert.deepEqual(lists, { changed: [rosa.userId], left: [] })
    assert.deepEqual(reply, { failures: {} })
    const signaturesFor = async (viewer: TestUser) =>
      Object.keys((await query(viewer, rosa)).master_keys![rosa.userId]!.signatures ?? {}).sort()
    assert.deepEqual(await signaturesFor(sven), [rosa.userId, sven.userId])
    assert.deepEqual(await signaturesFor(rosa), [rosa.userId])
  })

  it('that are wrong, of unknown or of other keys fail one by one', async () => {
    const deviceKeys = (await query(rosa, rosa)).device_keys![rosa.userId]![rosa.deviceId] as JsonObject
    const failure = async (object: object, target = rosa.deviceId) =>
      failureOf(await sign(rosa, { [rosa.userId]: { [target]: object } }), rosa, target)
    assert.equal(await failure(signAs(rosa.userId, deviceKeys, newKey())), 'M_INVALID_SIGNATURE')
    const forged = signAs(rosa.userId, deviceKeys, newKey(), keys.selfSigning.publicKey)
    assert.equal(await failure(forged), 'M_INVALID_SIGNATURE')
    const changed = signAs(rosa.userId, { ...deviceKeys, algorithms: [] }, keys.selfSigning)
    assert.equal(await failure(changed), 'M_INVALID_PARAM')
    assert.equal(await failure({ ...deviceKeys, signatures: {} }), 'M_INVALID_SIGNATURE')
    assert.equal(await failure(deviceKeys, 'UNKNOWN'), 'M_NOT_FOUND')
    assert.equal(refusalOf(await rosa.call('POST', 'keys/signatures/upload', { x: 1 })), '400 M_BAD_JSON')
  })
})
