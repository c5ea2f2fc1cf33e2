/** /sync, receipts, read markers and typing as clients call them. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

let server: InProcess
let alice: TestUser
let bob: TestUser
let roomId: string
before(async () => {
  server = await startInProcess()
  alice = await server.register('alice')
  bob = await server.register('bob')
  const made = await alice.ok('POST', 'createRoom', { preset: 'public_chat' })
  roomId = String(made.room_id)
  await bob.ok('POST', `join/${encodeURIComponent(roomId)}`, {})
})
after(async () => {
  await server.close()
  await endTestStores()
})

async function say(user: TestUser, body: string): Promise<string> {
  const path = `rooms/${encodeURIComponent(roomId)}/send/m.room.message/${body}`
  return String((await user.ok('PUT', path, { msgtype: 'm.text', body })).event_id)
}

test('a poll over HTTP gets the message that ends it', async () => {
  let reply: AnyJson = await bob.ok('GET', 'sync')
  const poll = async () => await bob.ok('GET', `sync?since=${reply.next_batch}&timeout=30000`)
  const message = (async () => {
    // Presence may end a poll first.
    do reply = await poll()
    while (reply.rooms?.join?.[roomId] === undefined)
    return reply
  })()
  await say(alice, 'wake-up')
  const { rooms }: AnyJson = await message
  assert.equal(rooms.join[roomId].timeline.events[0].content.body, 'wake-up')
})

test('parameters of the wrong form are refused', async () => {
  const errcode = async (query: string) => (await bob.call('GET', `sync?${query}`)).body.errcode
  assert.equal(await errcode('since=nonsense'), 'M_INVALID_PARAM')
  assert.equal(await errcode('timeout=soon'), 'M_INVALID_PARAM')
  assert.equal(await errcode('full_state=perhaps'), 'M_INVALID_PARAM')
  assert.equal(await errcode('set_presence=dancing'), 'M_INVALID_PARAM')
  assert.equal(await errcode('filter=999'), 'M_INVALID_PARAM')
  assert.equal((await server.call('GET', 'sync')).body.errcode, 'M_MISSING_TOKEN')
})

test('receipts, read markers and typing are set and seen', async () => {
  const eventId = await say(alice, 'to-be-read')
  const { next_batch: since } = await alice.ok('GET', 'sync')
  const room = `rooms/${encodeURIComponent(roomId)}`
  await bob.ok('POST', `${room}/receipt/m.read/${encodeURIComponent(eventId)}`, {})
  await bob.ok('POST', `${room}/read_markers`, { 'm.fully_read': eventId })
  await bob.ok('PUT', `${room}/typing/${bob.userId}`, { typing: true, timeout: 30_000 })
  const { rooms }: AnyJson = await alice.ok('GET', `sync?since=${since}`)
  const types = rooms.join[roomId].ephemeral.events.map((event: AnyJson) => event.type)
  assert.deepEqual(types.sort(), ['m.receipt', 'm.typing'])
  const seen: AnyJson = (await bob.ok('GET', 'sync')).rooms
  assert.deepEqual(seen.join[roomId].account_data.events, [{ type: 'm.fully_read', content: { event_id: eventId } }])
  assert.equal(seen.join[roomId].unread_notifications.notification_count, 0)
})

test('what may not be set is refused', async () => {
  const eventId = await say(alice, 'refused')
  const room = `rooms/${encodeURIComponent(roomId)}`
  const answered = async (method: string, path: string, body: object) => {
    const { status, body: reply } = await bob.call(method, path, body)
    return [status, reply.errcode]
  }
  const receipt = (type: string, event: string) => `${room}/receipt/${type}/${encodeURIComponent(event)}`
  assert.deepEqual(await answered('POST', receipt('m.other', eventId), {}), [400, 'M_INVALID_PARAM'])
  assert.deepEqual(await answered('POST', receipt('m.read', '$none'), {}), [404, 'M_NOT_FOUND'])
  assert.deepEqual(await answered('POST', receipt('m.read', eventId), { thread_id: '' }), [400, 'M_INVALID_PARAM'])
  assert.deepEqual(await answered('POST', receipt('m.read', eventId), { thread_id: 5 }), [400, 'M_INVALID_PARAM'])
  assert.deepEqual(await answered('PUT', `${room}/typing/${alice.userId}`, { typing: true }), [403, 'M_FORBIDDEN'])
  const elsewhere = 'rooms/!nowhere:test.example'
  assert.deepEqual(await answered('POST', `${elsewhere}/read_markers`, {}), [403, 'M_FORBIDDEN'])
})
