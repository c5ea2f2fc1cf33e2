/** What came before /sync: looking into rooms that one is not in, and following one's own. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

let server: InProcess
let amy: TestUser
let peeker: TestUser
let roomId: string
let count = 0
before(async () => {
  server = await startInProcess({ HOMESERVER_GUESTS: '1' })
  amy = await server.register('amy')
  peeker = await server.register('peeker')
  const world = { type: 'm.room.history_visibility', content: { history_visibility: 'world_readable' } }
  const request = { preset: 'public_chat', visibility: 'public', initial_state: [world], name: 'The window' }
  roomId = String((await amy.ok('POST', 'createRoom', request)).room_id)
})
after(async () => {
  await server.close()
  await endTestStores()
})

const say = async (body: string, room = roomId): Promise<string> => {
  const path = `rooms/${encodeURIComponent(room)}/send/m.room.message/t${++count}`
  return String((await amy.ok('PUT', path, { msgtype: 'm.text', body })).event_id)
}
const bodiesOf = (chunk: AnyJson[]) => chunk.flatMap(({ content }) => content.body ?? [])
const at = (room: string) => `rooms/${encodeURIComponent(room)}/initialSync`

test('a room that the world may read is shown as it is, oldest message first, and then followed', async () => {
  for (const body of ['one', 'two', 'three']) await say(body)
  const guest = String((await server.call('POST', 'register?kind=guest', { body: {} })).body.access_token)
  const room = (await server.call('GET', `${at(roomId)}?limit=2`, { token: guest })).body as AnyJson
  assert.deepEqual(bodiesOf(room.messages.chunk), ['two', 'three'])
  assert.deepEqual([room.room_id, room.visibility, room.membership], [roomId, 'public', undefined])
  assert.equal(room.state.find(({ type }: AnyJson) => type === 'm.room.name').content.name, 'The window')
  const earlier = await peeker.ok('GET', `rooms/${roomId}/messages?dir=b&limit=1&from=${room.messages.start}`)
  assert.deepEqual(bodiesOf(earlier.chunk as AnyJson[]), ['one'])
  const follow = (from: string, timeout = 0) =>
    peeker.ok('GET', `events?room_id=${encodeURIComponent(roomId)}&from=${from}&timeout=${timeout}`) as Promise<AnyJson>
  const quiet = await follow(room.messages.end)
  assert.deepEqual(quiet.chunk, [])
  const waiting = follow(quiet.end, 30_000)
  await say('elsewhere', String((await amy.ok('POST', 'createRoom', {})).room_id))
  const eventId = await say('four')
  const told = await waiting
  assert.deepEqual(
    told.chunk.map((event: AnyJson) => [event.event_id, event.room_id]),
    [[eventId, roomId]],
  )
  assert.equal(told.start, quiet.end)
  assert.deepEqual((await follow(told.end)).chunk, [])
  assert.deepEqual((await follow(told.end, 50)).chunk, [])
})

test('a room that is not open is shown to nobody outside, also when it closes meanwhile', async () => {
  const closed = String((await amy.ok('POST', 'createRoom', { preset: 'private_chat' })).room_id)
  const forbidden = '403 M_FORBIDDEN'
  for (const room of [closed, '!unknown:test.example']) {
    assert.equal(refusalOf(await peeker.call('GET', at(room))), forbidden)
    assert.equal(refusalOf(await peeker.call('GET', `events?room_id=${encodeURIComponent(room)}`)), forbidden)
  }
  const { messages } = (await peeker.ok('GET', at(roomId))) as AnyJson
  const waiting = peeker.call('GET', `events?room_id=${roomId}&from=${messages.end}&timeout=30000`)
  const path = `rooms/${roomId}/state/m.room.history_visibility`
  await amy.ok('PUT', path, { history_visibility: 'shared' })
  assert.equal(refusalOf(await waiting), forbidden)
  await amy.ok('PUT', path, { history_visibility: 'world_readable' })
  assert.equal(refusalOf(await peeker.call('GET', 'events?from=nonsense')), '400 M_INVALID_PARAM')
  const bad = await peeker.call('GET', `events?room_id=${roomId}&from=nonsense`)
  assert.equal(refusalOf(bad), '400 M_INVALID_PARAM')
})

test('one’s own rooms are shown and followed together; messages for devices wait for /sync', async () => {
  const ben = await server.register('ben')
  await ben.ok('POST', `join/${roomId}`)
  await ben.ok('PUT', `user/${ben.userId}/rooms/${roomId}/account_data/org.example.a`, { a: 1 })
  const left = String((await amy.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await ben.ok('POST', `join/${left}`)
  await ben.ok('POST', `rooms/${left}/leave`)
  const invited = String((await amy.ok('POST', 'createRoom', { invite: [ben.userId] })).room_id)
  const all = (await ben.ok('GET', 'initialSync?limit=1')) as AnyJson
  const byId = new Map<string, AnyJson>(all.rooms.map((room: AnyJson) => [room.room_id, room]))
  assert.deepEqual([...byId.keys()].sort(), [roomId, invited].sort())
  const joined = byId.get(roomId)
  assert.deepEqual([joined.membership, joined.messages.chunk.length, joined.visibility], ['join', 1, 'public'])
  assert.ok(joined.state.some(({ type, room_id: room }: AnyJson) => type === 'm.room.create' && room === roomId))
  assert.deepEqual(joined.account_data, [{ type: 'org.example.a', content: { a: 1 } }])
  assert.equal(byId.get(invited).invite.content.membership, 'invite')
  assert.ok(all.account_data.some(({ type }: AnyJson) => type === 'm.push_rules'))
  const archived = (await ben.ok('GET', 'initialSync?archived=true')) as AnyJson
  assert.equal(archived.rooms.find(({ room_id: room }: AnyJson) => room === left).membership, 'leave')
  await amy.ok('PUT', 'sendToDevice/org.example.note/1', { messages: { [ben.userId]: { '*': { text: 'hello' } } } })
  const follow = (from: string) => ben.ok('GET', `events?from=${from}&timeout=30000`) as Promise<AnyJson>
  const waiting = follow(all.end)
  const eventId = await say('news')
  let told = await waiting
  while (told.chunk.every((event: AnyJson) => event.event_id !== eventId)) told = await follow(told.end)
  assert.ok(told.chunk.every((event: AnyJson) => event.room_id === roomId && event.event_id !== undefined))
  const next = String((await amy.ok('POST', 'createRoom', { invite: [ben.userId] })).room_id)
  const invite = await follow(told.end)
  assert.ok(invite.chunk.some((event: AnyJson) => event.room_id === next && event.state_key === ben.userId))
  const { to_device: messages } = (await ben.ok('GET', 'sync')) as AnyJson
  assert.equal(messages.events.length, 1)
})

test('an event is found by its ID alone, by those who may see it', async () => {
  const eventId = await say('found')
  assert.equal((await peeker.ok('GET', `events/${encodeURIComponent(eventId)}`)).event_id, eventId)
  const hidden = await say('hidden', String((await amy.ok('POST', 'createRoom', {})).room_id))
  assert.equal(refusalOf(await peeker.call('GET', `events/${encodeURIComponent(hidden)}`)), '404 M_NOT_FOUND')
  assert.equal(refusalOf(await peeker.call('GET', 'events/$unknown')), '404 M_NOT_FOUND')
})
