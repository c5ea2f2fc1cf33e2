/** Key backups on the server. Spec: client-server-api#server-side-key-backups. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
let xena: TestUser
before(async () => {
  server = await startInProcess()
  xena = await server.register('xena')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const algorithm = 'm.megolm_backup.v1.curve25519-aes-sha2'
const room = '!room:test.example'
const key = (first: number, forwards = 0, isVerified = false): JsonObject => ({
  first_message_index: first,
  forwarded_count: forwards,
  is_verified: isVerified,
  session_data: { first },
})
const create = async (user = xena) =>
  String((await user.ok('POST', 'room_keys/version', { algorithm, auth_data: { public_key: 'abc' } })).version)

describe('key backups', () => {
  it('have versions that count up, the newest first', async () => {
    assert.equal(refusalOf(await xena.call('GET', 'room_keys/version')), '404 M_NOT_FOUND')
    const [one, two] = [await create(), await create()]
    assert.ok(Number(two) > Number(one))
    const wanted = { algorithm, auth_data: { public_key: 'abc' }, version: two, count: 0, etag: '0' }
    assert.deepEqual(await xena.ok('GET', 'room_keys/version'), wanted)
    assert.equal((await xena.ok('GET', `room_keys/version/${one}`)).version, one)
    await xena.ok('DELETE', `room_keys/version/${two}`)
    assert.equal((await xena.ok('GET', 'room_keys/version')).version, one)
    assert.equal(refusalOf(await xena.call('GET', `room_keys/version/${two}`)), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await xena.call('DELETE', `room_keys/version/${two}`)), '404 M_NOT_FOUND')
    assert.ok(Number(await create()) > Number(two), 'a version is not used again')
  })

  it('change what proves them, but not how they are made', async () => {
    const version = await create()
    const put = (body: object, of = version) => xena.call('PUT', `room_keys/version/${of}`, body)
    assert.equal((await put({ algorithm, auth_data: { signed: true }, version })).status, 200)
    assert.deepEqual((await xena.ok('GET', 'room_keys/version')).auth_data, { signed: true })
    assert.equal(refusalOf(await put({ algorithm: 'other', auth_data: {} })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await put({ algorithm, auth_data: {}, version: '1' })), '400 M_INVALID_PARAM')
    assert.equal(refusalOf(await put({ algorithm, auth_data: {} }, '999')), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await put({ algorithm })), '400 M_MISSING_PARAM')
    assert.equal(refusalOf(await put({ algorithm, auth_data: 'x' })), '400 M_BAD_JSON')
    const large = { algorithm, auth_data: { text: 'x'.repeat(65_536) } }
    assert.equal(refusalOf(await xena.call('POST', 'room_keys/version', large)), '413 M_TOO_LARGE')
  })

  it('keep and give back keys of one session, of one room, of all', async () => {
    const version = await create()
    const path = (place = '') => `room_keys/keys${place}?version=${version}`
    assert.deepEqual(await xena.ok('PUT', path(`/${room}/s1`), key(1)), { etag: '1', count: 1 })
    const inRoom = await xena.ok('PUT', path(`/${room}`), { sessions: { s2: key(2), s3: key(3) } })
    assert.deepEqual(inRoom, { etag: '2', count: 3 })
    const all = await xena.ok('PUT', path(), { rooms: { '!other:test.example': { sessions: { s4: key(4) } } } })
    assert.deepEqual(all, { etag: '3', count: 4 })
    assert.deepEqual(await xena.ok('GET', path(`/${room}/s1`)), key(1))
    assert.deepEqual(await xena.ok('GET', path(`/${room}`)), { sessions: { s1: key(1), s2: key(2), s3: key(3) } })
    const { rooms } = (await xena.ok('GET', path())) as { rooms: object }
    assert.deepEqual(Object.keys(rooms).sort(), [room, '!other:test.example'].sort())
    assert.equal(refusalOf(await xena.call('GET', path(`/${room}/none`))), '404 M_NOT_FOUND')
    assert.deepEqual(await xena.ok('GET', path('/!empty:test.example')), { sessions: {} })
    assert.deepEqual(await xena.ok('DELETE', path(`/${room}/s1`)), { etag: '4', count: 3 })
    assert.deepEqual(await xena.ok('DELETE', path(`/${room}`)), { etag: '5', count: 1 })
    assert.deepEqual(await xena.ok('DELETE', path()), { etag: '6', count: 0 })
    assert.equal((await xena.ok('GET', 'room_keys/version')).count, 0)
  })

  it('keep the better of two keys: verified, then from earlier, then less forwarded', async () => {
    const version = await create()
    const path = `room_keys/keys/${room}/s?version=${version}`
    const keep = async (given: JsonObject) => {
      await xena.ok('PUT', path, given)
      return xena.ok('GET', path)
    }
    assert.deepEqual(await keep(key(5, 5)), key(5, 5))
    assert.deepEqual(await keep(key(6, 0)), key(5, 5))
    assert.deepEqual(await keep(key(5, 4)), key(5, 4))
    assert.deepEqual(await keep(key(4, 9)), key(4, 9))
    assert.deepEqual(await keep(key(9, 9, true)), key(9, 9, true))
    const { etag } = await xena.ok('PUT', path, key(0, 0))
    assert.equal(etag, '4', 'nothing changed')
  })

  it('take keys for the newest version only', async () => {
    const old = await create()
    const current = await create()
    const refused = await xena.call('PUT', `room_keys/keys?version=${old}`, { rooms: {} })
    assert.equal(refusalOf(refused), '403 M_WRONG_ROOM_KEYS_VERSION')
    assert.equal(refused.body.current_version, current)
    const yann = await server.register('yann')
    assert.equal(refusalOf(await yann.call('PUT', 'room_keys/keys?version=1', { rooms: {} })), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await yann.call('GET', 'room_keys/keys?version=1')), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await yann.call('DELETE', 'room_keys/keys?version=x')), '404 M_NOT_FOUND')
    assert.equal(refusalOf(await yann.call('GET', 'room_keys/keys')), '400 M_MISSING_PARAM')
  })

  it('refuse keys that are not whole', async () => {
    const version = await create()
    const put = (given: JsonObject) => xena.call('PUT', `room_keys/keys?version=${version}`, { rooms: given })
    const inRoom = (session: JsonObject | string) => put({ [room]: { sessions: { s: session } } })
    assert.equal(refusalOf(await put({ [room]: {} })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await inRoom('x')), '400 M_BAD_JSON')
    assert.equal(refusalOf(await inRoom({ ...key(1), first_message_index: -1 })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await inRoom({ ...key(1), is_verified: 'x' })), '400 M_BAD_JSON')
    assert.equal(refusalOf(await inRoom({ ...key(1), session_data: 'x' })), '400 M_BAD_JSON')
    const large = { ...key(1), session_data: { text: 'x'.repeat(65_536) } }
    assert.equal(refusalOf(await inRoom(large)), '413 M_TOO_LARGE')
    assert.equal((await xena.ok('GET', 'room_keys/version')).count, 0)
  })
})
