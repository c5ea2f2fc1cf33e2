/** Reactions, edits, references and threads, as clients get them told and ask for them. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'

let server: InProcess
let alice: TestUser
let bob: TestUser
let roomId: string
let count = 0

before(async () => {
  server = await startInProcess()
  alice = await server.register('alice')
  bob = await server.register('bob')
})

after(() => server.close())

async function openRoom(): Promise<void> {
  const created = await alice.ok('POST', 'createRoom', { preset: 'public_chat' })
  roomId = encodeURIComponent(String(created.room_id))
  await bob.ok('POST', `rooms/${roomId}/join`, {})
}

async function send(user: TestUser, type: string, content: object): Promise<string> {
  return String((await user.ok('PUT', `rooms/${roomId}/send/${type}/t${++count}`, content)).event_id)
}

const say = (user: TestUser, body: string, relation?: object, more: object = {}): Promise<string> =>
  send(user, 'm.room.message', { msgtype: 'm.text', body, ...more, ...(relation && { 'm.relates_to': relation }) })

const edit = (user: TestUser, target: string, body: string): Promise<string> =>
  say(user, `* ${body}`, { rel_type: 'm.replace', event_id: target }, { 'm.new_content': { msgtype: 'm.text', body } })

const react = (user: TestUser, target: string, key: string): Promise<string> =>
  send(user, 'm.reaction', { 'm.relates_to': { rel_type: 'm.annotation', event_id: target, key } })

type Told = { 'm.replace'?: JsonObject; 'm.thread'?: JsonObject; 'm.reference'?: JsonObject }

async function toldOf(user: TestUser, eventId: string): Promise<Told | undefined> {
  const event = await user.ok('GET', `rooms/${roomId}/event/${encodeURIComponent(eventId)}`)
  return (event.unsigned as JsonObject)['m.relations'] as Told | undefined
}

async function related(user: TestUser, eventId: string, tail = ''): Promise<{ ids: string[]; body: JsonObject }> {
  const path = `/_matrix/client/v1/rooms/${roomId}/relations/${encodeURIComponent(eventId)}${tail}`
  const body = await user.ok('GET', path)
  return { ids: (body.chunk as JsonObject[]).map((event) => String(event.event_id)), body }
}

test('the newest valid edit is told with the event', async () => {
  await openRoom()
  const message = await say(alice, 'one')
  assert.equal(await toldOf(bob, message), undefined)
  await edit(bob, message, 'not yours')
  await say(alice, 'no new content', { rel_type: 'm.replace', event_id: message })
  assert.equal((await toldOf(bob, message))?.['m.replace'], undefined)
  await edit(alice, message, 'two')
  const last = await edit(alice, message, 'three')
  const told = (await toldOf(bob, message))?.['m.replace']
  assert.equal(told?.event_id, last)
  assert.deepEqual((told!.content as JsonObject)['m.new_content'], { msgtype: 'm.text', body: 'three' })
})

test('a redacted edit counts no more, and of a redacted event nothing is told', async () => {
  await openRoom()
  const message = await say(alice, 'one')
  const first = await edit(alice, message, 'two')
  const second = await edit(alice, message, 'three')
  const redact = (target: string) =>
    alice.ok('PUT', `rooms/${roomId}/redact/${encodeURIComponent(target)}/r${++count}`, {})
  await redact(second)
  assert.equal((await toldOf(bob, message))?.['m.replace']?.event_id, first)
  await redact(message)
  assert.equal(await toldOf(bob, message), undefined)
})

test('sync, messages and context tell the same', async () => {
  await openRoom()
  const message = await say(alice, 'one')
  const last = await edit(alice, message, 'two')
  const find = (events: unknown) => (events as JsonObject[]).find((event) => event.event_id === message)
  const editOf = (event: JsonObject | undefined) =>
    ((event!.unsigned as JsonObject)['m.relations'] as Told)['m.replace']?.event_id
  const messages = await bob.ok('GET', `rooms/${roomId}/messages?dir=b`)
  assert.equal(editOf(find(messages.chunk)), last)
  const context = await bob.ok('GET', `rooms/${roomId}/context/${encodeURIComponent(message)}`)
  assert.equal(editOf(context.event as JsonObject), last)
  const sync = (await bob.ok('GET', 'sync?timeout=0')) as unknown as {
    rooms: { join: Record<string, { timeline: { events: JsonObject[] } }> }
  }
  assert.equal(editOf(find(sync.rooms.join[decodeURIComponent(roomId)]!.timeline.events)), last)
})

test('a thread is told with its root: how many, the last, and whether I am in it', async () => {
  await openRoom()
  const root = await say(alice, 'root')
  await say(bob, 'first', { rel_type: 'm.thread', event_id: root })
  const last = await say(bob, 'second', { rel_type: 'm.thread', event_id: root })
  const carol = await server.register(`carol${count}`)
  await carol.ok('POST', `rooms/${roomId}/join`, {})
  for (const [user, isIn] of [
    [alice, true],
    [bob, true],
    [carol, false],
  ] as const) {
    const thread = (await toldOf(user, root))?.['m.thread']
    assert.equal(thread?.count, 2)
    assert.equal((thread!.latest_event as JsonObject).event_id, last)
    assert.equal(thread?.current_user_participated, isIn)
  }
})

test('references are told by their IDs; reactions are not told, but can be asked for', async () => {
  await openRoom()
  const message = await say(alice, 'a poll')
  const reference = await say(bob, 'an answer', { rel_type: 'm.reference', event_id: message })
  const reaction = await react(bob, message, '👍')
  assert.deepEqual(await toldOf(alice, message), { 'm.reference': { chunk: [{ event_id: reference }] } })
  assert.deepEqual((await related(alice, message)).ids, [reaction, reference])
  assert.deepEqual((await related(alice, message, '/m.annotation')).ids, [reaction])
  assert.deepEqual((await related(alice, message, '/m.annotation/m.reaction')).ids, [reaction])
  assert.deepEqual((await related(alice, message, '/m.annotation/m.room.message')).ids, [])
  assert.deepEqual((await related(alice, message, '?dir=f')).ids, [reference, reaction])
})

test('nobody reacts twice with the same; sending it again is no second reaction', async () => {
  await openRoom()
  const message = await say(alice, 'one')
  const content = { 'm.relates_to': { rel_type: 'm.annotation', event_id: message, key: '👍' } }
  const put = (user: TestUser, id: string) => user.call('PUT', `rooms/${roomId}/send/m.reaction/${id}`, content)
  const first = await put(bob, 'same')
  assert.equal((await put(bob, 'same')).body.event_id, first.body.event_id)
  const second = await put(bob, 'other')
  assert.deepEqual([second.status, second.body.errcode], [400, 'M_DUPLICATE_ANNOTATION'])
  assert.equal((await put(alice, 'same')).status, 200)
  await react(bob, message, '👎')
})

test('many relations come in pages', async () => {
  await openRoom()
  const message = await say(alice, 'one')
  const all: string[] = []
  for (let n = 0; n < 7; n++) all.push(await react(alice, message, `k${n}`))
  const seen: string[] = []
  let from = ''
  do {
    const { ids, body } = await related(bob, message, `/m.annotation?limit=3&dir=f${from}`)
    seen.push(...ids)
    from = body.next_batch === undefined ? '' : `&from=${body.next_batch}`
  } while (from !== '')
  assert.deepEqual(seen, all)
})

test('what relates to what relates', async () => {
  await openRoom()
  const root = await say(alice, 'root')
  const reply = await say(bob, 'reply', { rel_type: 'm.thread', event_id: root })
  const reaction = await react(alice, reply, '👍')
  assert.deepEqual((await related(alice, root)).ids, [reply])
  const { ids, body } = await related(alice, root, '?recurse=true')
  assert.deepEqual(ids, [reaction, reply])
  assert.equal(typeof body.recursion_depth, 'number')
  assert.deepEqual((await related(alice, root, '/m.annotation?recurse=true')).ids, [reaction])
})

test('threads are listed by their last reply, all or those that I am in', async () => {
  await openRoom()
  const roots: string[] = []
  for (let n = 0; n < 4; n++) roots.push(await say(alice, `root ${n}`))
  for (const n of [0, 1, 2, 3]) await say(alice, 'reply', { rel_type: 'm.thread', event_id: roots[n]! })
  await say(bob, 'late', { rel_type: 'm.thread', event_id: roots[0]! })
  const list = async (user: TestUser, query: string) => {
    const body = await user.ok('GET', `/_matrix/client/v1/rooms/${roomId}/threads?${query}`)
    return { ids: (body.chunk as JsonObject[]).map((event) => roots.indexOf(String(event.event_id))), body }
  }
  assert.deepEqual((await list(bob, '')).ids, [0, 3, 2, 1])
  assert.deepEqual((await list(bob, 'include=participated')).ids, [0])
  const first = await list(bob, 'limit=3')
  assert.deepEqual(first.ids, [0, 3, 2])
  const second = await list(bob, `limit=3&from=${first.body.next_batch}`)
  assert.deepEqual([second.ids, second.body.next_batch], [[1], undefined])
})

test('who has left gets what related to an event until then, and nothing later', async () => {
  await openRoom()
  const [edited, root, cited] = [await say(alice, 'first'), await say(alice, 'root'), await say(alice, 'cited')]
  const before = await edit(alice, edited, 'before')
  await bob.ok('POST', `rooms/${roomId}/leave`, {})
  await edit(alice, edited, 'after')
  await say(alice, 'reply', { rel_type: 'm.thread', event_id: root })
  await say(alice, 'reference', { rel_type: 'm.reference', event_id: cited })
  assert.equal((await toldOf(bob, edited))?.['m.replace']?.event_id, before)
  assert.deepEqual([await toldOf(bob, root), await toldOf(bob, cited)], [undefined, undefined])
  assert.equal((await toldOf(alice, root))?.['m.thread']?.count, 1)
})

test('strangers learn nothing, and nonsense is refused', async () => {
  await openRoom()
  const message = await say(alice, 'one')
  await alice.ok('PUT', `rooms/${roomId}/state/m.room.history_visibility`, { history_visibility: 'joined' })
  const stranger = await server.register(`stranger${count}`)
  const path = `/_matrix/client/v1/rooms/${roomId}/relations/${encodeURIComponent(message)}`
  assert.equal((await stranger.call('GET', path)).status, 404)
  assert.equal((await stranger.call('GET', `/_matrix/client/v1/rooms/${roomId}/threads`)).status, 403)
  assert.equal((await alice.call('GET', `${path}?from=nonsense`)).status, 400)
  assert.equal((await alice.call('GET', `${path}?dir=x`)).status, 400)
  for (const relation of [5, [], { rel_type: 5 }, { event_id: {} }, { rel_type: 'm.thread', event_id: '$nothing' }]) {
    await send(alice, 'm.room.message', { msgtype: 'm.text', body: 'x', 'm.relates_to': relation })
  }
})
