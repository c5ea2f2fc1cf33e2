/** The extensions of sliding sync: to-device messages, keys, account data, receipts and typing. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

let server: InProcess
let amy: TestUser
let bob: TestUser
let roomId: string
let eventId: string
before(async () => {
  server = await startInProcess()
  amy = await server.register('amy')
  bob = await server.register('bob')
  roomId = String((await amy.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await bob.ok('POST', `join/${roomId}`)
  const message = { msgtype: 'm.text', body: 'hello' }
  eventId = String((await bob.ok('PUT', `rooms/${roomId}/send/m.room.message/1`, message)).event_id)
})
after(async () => {
  await server.close()
  await endTestStores()
})

const lists = { all: { range: [0, 9], timeline_limit: 1, required_state: {} } }
const ask = async (user: TestUser, body: object): Promise<AnyJson> => user.ok('POST', '/_matrix/client/v4/sync', body)
const sendToDevice = (transaction: string) =>
  bob.ok('PUT', `sendToDevice/org.example.note/${transaction}`, {
    messages: { [amy.userId]: { [amy.deviceId]: { transaction } } },
  })

test('to-device messages come until their own token says that they are there', async () => {
  const extension = (since?: string) => ({ extensions: { to_device: { enabled: true, ...(since ? { since } : {}) } } })
  const first = await ask(amy, { conn_id: 'messages', ...extension() })
  const waiting = ask(amy, { conn_id: 'messages', pos: first.pos, timeout: 20_000, ...extension() })
  await sendToDevice('one')
  const second = await waiting
  const contents = (reply: AnyJson) =>
    reply.extensions.to_device.events.map((event: AnyJson) => event.content.transaction)
  assert.deepEqual(contents(second), ['one'])
  const repeated = await ask(amy, { conn_id: 'messages', pos: second.pos, ...extension() })
  assert.deepEqual(contents(repeated), ['one'])
  await sendToDevice('two')
  const { next_batch: since } = repeated.extensions.to_device
  const third = await ask(amy, { conn_id: 'messages', pos: repeated.pos, ...extension(since) })
  assert.deepEqual(contents(third), ['two'])
  const anew = await ask(amy, { conn_id: 'messages', ...extension() })
  assert.deepEqual(contents(anew), ['two'])
})

test('key counts come with every reply, changed devices with the next', async () => {
  const extensions = { e2ee: { enabled: true } }
  const first = await ask(amy, { conn_id: 'keys', lists, extensions })
  assert.equal(first.extensions.e2ee.device_one_time_keys_count.signed_curve25519 ?? 0, 0)
  assert.equal(first.extensions.e2ee.device_lists, undefined)
  const waiting = ask(amy, { conn_id: 'keys', lists, extensions, pos: first.pos, timeout: 20_000 })
  const { device_id: device } = await bob.ok('GET', 'account/whoami')
  const keys = { user_id: bob.userId, device_id: device, algorithms: [], keys: {}, signatures: {} }
  await bob.ok('POST', 'keys/upload', { device_keys: keys })
  assert.deepEqual((await waiting).extensions.e2ee.device_lists, { changed: [bob.userId], left: [] })
})

test('account data is told whole at first, then what changed; of rooms when they are told', async () => {
  await amy.ok('PUT', `user/${amy.userId}/account_data/org.example.a`, { a: 1 })
  await amy.ok('PUT', `user/${amy.userId}/rooms/${roomId}/account_data/org.example.b`, { b: 1 })
  const extensions = { account_data: { enabled: true } }
  const none = await ask(amy, { conn_id: 'account', extensions })
  const types = (events: AnyJson[]) => events.map(({ type }) => type)
  assert.ok(types(none.extensions.account_data.global).includes('org.example.a'))
  assert.ok(types(none.extensions.account_data.global).includes('m.push_rules'))
  assert.deepEqual(none.extensions.account_data.rooms, {})
  const first = await ask(amy, { conn_id: 'account', lists, extensions, pos: none.pos })
  assert.deepEqual(types(first.extensions.account_data.rooms[roomId]), ['org.example.b'])
  assert.deepEqual(first.extensions.account_data.global, [])
  const waiting = ask(amy, { conn_id: 'account', lists, extensions, pos: first.pos, timeout: 20_000 })
  await amy.ok('PUT', `user/${amy.userId}/rooms/${roomId}/account_data/org.example.c`, { c: 1 })
  assert.deepEqual(types((await waiting).extensions.account_data.rooms[roomId]), ['org.example.c'])
})

test('receipts and typing of the rooms that were told', async () => {
  const extensions = { receipts: { enabled: true }, typing: { enabled: true } }
  await bob.ok('POST', `rooms/${roomId}/receipt/m.read/${eventId}`, {})
  const first = await ask(amy, { conn_id: 'receipts', lists, extensions })
  const receipt = first.extensions.receipts.rooms[roomId]
  assert.equal(receipt.type, 'm.receipt')
  assert.ok(receipt.content[eventId]['m.read'][bob.userId].ts > 0)
  assert.deepEqual(first.extensions.typing.rooms, {})
  const waiting = ask(amy, { conn_id: 'receipts', lists, extensions, pos: first.pos, timeout: 20_000 })
  await bob.ok('PUT', `rooms/${roomId}/typing/${bob.userId}`, { typing: true, timeout: 20_000 })
  const second = await waiting
  assert.deepEqual(second.extensions.typing.rooms[roomId].content, { user_ids: [bob.userId] })
  assert.deepEqual(second.extensions.receipts.rooms, {})
  const scoped = {
    receipts: { enabled: true, lists: [], rooms: [] },
    typing: { enabled: true, lists: ['none'], rooms: [] },
  }
  const outside = await ask(amy, { conn_id: 'scoped', lists, extensions: scoped })
  assert.deepEqual([outside.extensions.receipts.rooms, outside.extensions.typing.rooms], [{}, {}])
  const own = await ask(amy, { conn_id: 'receipts', lists, extensions, pos: second.pos })
  await amy.ok('POST', `rooms/${roomId}/receipt/m.read.private/${eventId}`, {})
  const read = await ask(amy, { conn_id: 'receipts', lists, extensions, pos: own.pos })
  assert.equal(read.rooms[roomId].notification_count, 0)
  assert.ok(read.extensions.receipts.rooms[roomId].content[eventId]['m.read.private'][amy.userId])
})

test('in the one content that a room gets, a threaded receipt does not hide the unthreaded one', async () => {
  const { event_id: next } = await bob.ok('PUT', `rooms/${roomId}/send/m.room.message/both`, { body: 'read me' })
  await bob.ok('POST', `rooms/${roomId}/receipt/m.read/${next}`, {})
  await bob.ok('POST', `rooms/${roomId}/receipt/m.read/${next}`, { thread_id: 'main' })
  const { extensions } = await ask(amy, { conn_id: 'both', lists, extensions: { receipts: { enabled: true } } })
  const receipt = extensions.receipts.rooms[roomId].content[String(next)]['m.read'][bob.userId]
  assert.equal('thread_id' in receipt, false)
})
