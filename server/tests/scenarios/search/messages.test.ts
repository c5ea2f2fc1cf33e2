/** The search in messages: what is found, in which order, in pages and groups, with what around it. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
let transaction = 0

before(async () => {
  server = await startInProcess()
})

after(async () => {
  await server.close()
  await endTestStores()
})

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

async function makeRoom(user: TestUser, more: object = {}): Promise<string> {
  return String((await user.ok('POST', 'createRoom', more)).room_id)
}

async function send(user: TestUser, roomId: string, content: object, type = 'm.room.message'): Promise<string> {
  const path = `rooms/${encodeURIComponent(roomId)}/send/${type}/t${++transaction}`
  return String((await user.ok('PUT', path, content)).event_id)
}

const say = (user: TestUser, roomId: string, body: string) => send(user, roomId, { msgtype: 'm.text', body })

function edit(user: TestUser, roomId: string, eventId: string, body: string): Promise<string> {
  const relation = { rel_type: 'm.replace', event_id: eventId }
  const content = { msgtype: 'm.text', body: `* ${body}`, 'm.new_content': { msgtype: 'm.text', body } }
  return send(user, roomId, { ...content, 'm.relates_to': relation })
}

function redact(user: TestUser, roomId: string, eventId: string): Promise<JsonObject> {
  return user.ok('PUT', `rooms/${roomId}/redact/${encodeURIComponent(eventId)}/t${++transaction}`, {})
}

async function search(user: TestUser, term: string, more: object = {}, next?: string): Promise<AnyJson> {
  const body = { search_categories: { room_events: { search_term: term, ...more } } }
  const path = next === undefined ? 'search' : `search?next_batch=${encodeURIComponent(next)}`
  return ((await user.ok('POST', path, body)) as AnyJson).search_categories.room_events
}

const idsOf = (found: AnyJson): string[] => found.results.map(({ result }: AnyJson) => result.event_id)
const bodiesOf = (events: AnyJson[]): string[] => events.map((event) => event.content.body)

async function findIds(user: TestUser, term: string, more: object = {}): Promise<string[]> {
  const found = await search(user, term, more)
  assert.equal(found.count, found.results.length)
  return idsOf(found)
}

test('finds messages by words of their text, names and topics by theirs', async () => {
  const amy = await server.register('text-amy')
  const roomId = await makeRoom(amy, { name: 'Badger club', topic: 'All about badgers' })
  const hello = await say(amy, roomId, 'hello, badger world')
  await send(amy, roomId, { body: 'badger' }, 'org.example.other')
  const found = await search(amy, 'hello')
  assert.deepEqual([found.count, found.highlights, idsOf(found)], [1, ['hello'], [hello]])
  const [{ result, rank }] = found.results
  assert.deepEqual(
    [result.room_id, result.type, result.content.body],
    [roomId, 'm.room.message', 'hello, badger world'],
  )
  assert.ok(rank > 0)
  const typesFor = async (keys?: string[]) => {
    const { results } = await search(amy, 'badger', keys === undefined ? {} : { keys })
    return results.map(({ result }: AnyJson) => result.type).sort()
  }
  assert.deepEqual(await typesFor(), ['m.room.message', 'm.room.name', 'm.room.topic'])
  assert.deepEqual(await typesFor(['content.body']), ['m.room.message'])
  assert.deepEqual(await typesFor(['content.name', 'content.topic']), ['m.room.name', 'm.room.topic'])
  assert.deepEqual(await findIds(amy, 'WORLD héllo'), [hello])
  assert.deepEqual(await findIds(amy, 'worl'), [hello], 'a beginning of a word')
  for (const term of ['orld', 'hello nothing', 'he', '!?', '', '%'])
    assert.deepEqual(await findIds(amy, term), [], term)
  assert.deepEqual(await amy.ok('POST', 'search', { search_categories: {} }), { search_categories: {} })
})

test('finds texts of scripts without spaces by any part, and words without accents', async () => {
  const amy = await server.register('cjk-amy')
  const roomId = await makeRoom(amy)
  const texts = [
    '東京都に行きました',
    '京都の寺',
    '한국어를 공부합니다',
    'สวัสดีครับ',
    'Größe und Ärger',
    '🦊🦊 hi',
    '東京の都',
  ]
  const ids: string[] = []
  for (const text of texts) ids.push(await say(amy, roomId, text))
  const expected: [string, number[]][] = [
    ['京都', [1, 0]],
    ['東京都', [0]],
    ['寺', [1]],
    ['都', [6, 1, 0]],
    ['た', [0]],
    ['국어', [2]],
    ['สวัสดี', [3]],
    ['grosse', [4]],
    ['ARGER', [4]],
    ['🦊', [5]],
  ]
  for (const [term, indexes] of expected) {
    assert.deepEqual(
      await findIds(amy, term, { order_by: 'recent' }),
      indexes.map((index) => ids[index]),
      term,
    )
  }
})

test('shows what was said around a result, and who said it', async () => {
  const amy = await server.register('around-amy')
  await amy.ok('PUT', `profile/${amy.userId}/displayname`, { displayname: 'Amy then' })
  const roomId = await makeRoom(amy)
  for (let index = 1; index <= 7; index++) await say(amy, roomId, `Message number ${index}`)
  await amy.ok('PUT', `profile/${amy.userId}/displayname`, { displayname: 'Amy now' })
  const request = {
    order_by: 'recent',
    filter: { limit: 1, rooms: [roomId] },
    event_context: { before_limit: 2, after_limit: 2, include_profile: true },
  }
  const found = await search(amy, 'Message 4', request)
  assert.equal(found.count, 1)
  assert.ok(found.next_batch)
  const [{ result, context }] = found.results
  assert.equal(result.content.body, 'Message number 4')
  assert.deepEqual(bodiesOf(context.events_before), ['Message number 3', 'Message number 2'])
  assert.deepEqual(bodiesOf(context.events_after), ['Message number 5', 'Message number 6'])
  assert.deepEqual(context.profile_info, { [amy.userId]: { displayname: 'Amy then' } })
  const page = (from: string, dir: string) => amy.ok('GET', `rooms/${roomId}/messages?dir=${dir}&limit=1&from=${from}`)
  assert.deepEqual(bodiesOf((await page(context.start, 'b')).chunk as AnyJson[]), ['Message number 1'])
  assert.deepEqual(bodiesOf((await page(context.end, 'f')).chunk as AnyJson[]), ['Message number 7'])
  const usual = await search(amy, 'Message 4', { event_context: {} })
  assert.deepEqual(usual.results[0].context.events_before.length, 5)
})

test('goes through pages, and messages that come meanwhile do not move them', async () => {
  const amy = await server.register('pages-amy')
  const roomId = await makeRoom(amy)
  const sent: string[] = []
  for (let index = 0; index < 20; index++) sent.unshift(await say(amy, roomId, `Message number ${index}`))
  const request = { order_by: 'recent', filter: { limit: 10, rooms: [roomId] } }
  const first = await search(amy, 'message', request)
  await say(amy, roomId, 'one more message')
  const second = await search(amy, 'message', request, first.next_batch)
  const third = await search(amy, 'message', request, second.next_batch)
  assert.deepEqual([idsOf(first), idsOf(second)], [sent.slice(0, 10), sent.slice(10)])
  assert.deepEqual([first.count, second.count, third.count], [20, 20, 20])
  assert.deepEqual([third.results, third.next_batch], [[], undefined])
})

test('puts the best match first, or the newest', async () => {
  const amy = await server.register('rank-amy')
  const roomId = await makeRoom(amy)
  const best = await say(amy, roomId, 'otter otter otter')
  const whole = await say(amy, roomId, 'an otter')
  const part = await say(amy, roomId, 'otters')
  assert.deepEqual(await findIds(amy, 'otter'), [best, whole, part])
  assert.deepEqual(await findIds(amy, 'otter', { order_by: 'recent' }), [part, whole, best])
})

test('leaves out what was redacted and finds edited messages by their newest text', async () => {
  const amy = await server.register('change-amy')
  const roomId = await makeRoom(amy)
  const gone = await say(amy, roomId, 'a giraffe to be redacted')
  const kept = await say(amy, roomId, 'a giraffe to be kept')
  await redact(amy, roomId, gone)
  for (const order_by of ['rank', 'recent']) assert.deepEqual(await findIds(amy, 'giraffe', { order_by }), [kept])
  const first = await edit(amy, roomId, kept, 'a zebra')
  assert.deepEqual(await findIds(amy, 'giraffe'), [])
  assert.deepEqual(await findIds(amy, 'zebra'), [kept])
  const second = await edit(amy, roomId, kept, 'an okapi')
  assert.deepEqual([await findIds(amy, 'zebra'), await findIds(amy, 'okapi')], [[], [kept]])
  await redact(amy, roomId, second)
  assert.deepEqual([await findIds(amy, 'zebra'), await findIds(amy, 'okapi')], [[kept], []])
  await redact(amy, roomId, first)
  assert.deepEqual([await findIds(amy, 'zebra'), await findIds(amy, 'giraffe')], [[], [kept]])
  const { results } = await search(amy, 'giraffe')
  assert.equal(results[0].result.content.body, 'a giraffe to be kept')
})

test('finds and counts only what the searcher may see', async () => {
  const [amy, ben] = [await server.register('sight-amy'), await server.register('sight-ben')]
  const roomId = await makeRoom(amy, {
    preset: 'public_chat',
    initial_state: [{ type: 'm.room.history_visibility', content: { history_visibility: 'joined' } }],
  })
  await say(amy, roomId, 'walrus before')
  assert.deepEqual(await findIds(ben, 'walrus'), [])
  await ben.ok('POST', `join/${roomId}`)
  assert.deepEqual(await findIds(ben, 'walrus'), [])
  const during = await say(amy, roomId, 'walrus during')
  await ben.ok('POST', `rooms/${roomId}/leave`)
  await say(amy, roomId, 'walrus afterwards')
  await edit(amy, roomId, during, 'walrus hidden edit')
  assert.deepEqual(await findIds(ben, 'walrus'), [during])
  assert.deepEqual(await findIds(ben, 'hidden'), [])
  assert.equal((await search(amy, 'walrus')).count, 3)
  const state = (await search(ben, 'walrus', { include_state: true })).state[roomId]
  const members = state.filter(({ type }: AnyJson) => type === 'm.room.member')
  assert.deepEqual(members.map(({ content }: AnyJson) => content.membership).sort(), ['join', 'leave'])
  await ben.ok('POST', `rooms/${roomId}/forget`)
  assert.deepEqual(await findIds(ben, 'walrus'), [])
})

test('hides what ignored users wrote, and obeys filters', async () => {
  const [amy, ben] = [await server.register('filter-amy'), await server.register('filter-ben')]
  const [one, two] = [await makeRoom(amy, { preset: 'public_chat' }), await makeRoom(amy)]
  await ben.ok('POST', `join/${one}`)
  const own = await say(amy, one, 'lemur')
  const other = await say(ben, one, 'lemur')
  const away = await say(amy, two, 'lemur')
  const find = (filter: object) => findIds(amy, 'lemur', { order_by: 'recent', filter })
  assert.deepEqual(await find({}), [away, other, own])
  assert.deepEqual(await find({ rooms: [one] }), [other, own])
  assert.deepEqual(await find({ not_rooms: [one] }), [away])
  assert.deepEqual(await find({ rooms: [one, two], not_rooms: [two] }), [other, own])
  assert.deepEqual(await find({ rooms: ['!unknown'] }), [])
  assert.deepEqual(await find({ senders: [ben.userId] }), [other])
  assert.deepEqual(await find({ not_senders: [amy.userId] }), [other])
  assert.deepEqual(await find({ types: ['m.room.name'] }), [])
  assert.deepEqual((await search(amy, 'lemur', { filter: { limit: 1 } })).results.length, 1)
  const path = `user/${amy.userId}/account_data/m.ignored_user_list`
  await amy.ok('PUT', path, { ignored_users: { [ben.userId]: {} } })
  assert.deepEqual(await find({}), [away, own])
})

test('groups results by room and sender, each with its own pages', async () => {
  const [amy, ben] = [await server.register('group-amy'), await server.register('group-ben')]
  const [one, two] = [await makeRoom(amy, { preset: 'public_chat' }), await makeRoom(amy)]
  await ben.ok('POST', `join/${one}`)
  const ids: string[] = []
  for (const [user, roomId] of [
    [amy, one],
    [ben, one],
    [amy, two],
    [ben, one],
    [amy, two],
  ] as const) {
    ids.unshift(await say(user, roomId, 'heron'))
  }
  const request = {
    order_by: 'recent',
    filter: { limit: 3 },
    groupings: { group_by: [{ key: 'room_id' }, { key: 'sender' }] },
  }
  const { groups, next_batch: next } = await search(amy, 'heron', request)
  assert.deepEqual([groups.room_id[two].results, groups.room_id[two].order], [[ids[0], ids[2]], 1])
  assert.deepEqual([groups.room_id[one].results, groups.room_id[one].order], [[ids[1]], 2])
  assert.deepEqual(groups.sender[ben.userId].results, [ids[1]])
  assert.deepEqual(idsOf(await search(amy, 'heron', request, next)), [ids[3], ids[4]])
  assert.deepEqual(idsOf(await search(amy, 'heron', request, groups.room_id[one].next_batch)), [ids[3], ids[4]])
  assert.deepEqual(idsOf(await search(amy, 'heron', request, groups.room_id[two].next_batch)), [])
  assert.deepEqual(idsOf(await search(amy, 'heron', request, groups.sender[ben.userId].next_batch)), [ids[3]])
})

test('finds messages on both sides of an upgrade', async () => {
  const amy = await server.register('upgrade-amy')
  const old = await makeRoom(amy, { room_version: '10' })
  const earlier = await say(amy, old, 'pangolin before')
  const upgraded = await amy.ok('POST', `rooms/${old}/upgrade`, { new_version: '11' })
  const later = await say(amy, String(upgraded.replacement_room), 'pangolin after')
  const rooms = [old, String(upgraded.replacement_room)]
  assert.deepEqual(await findIds(amy, 'pangolin', { order_by: 'recent', filter: { rooms } }), [later, earlier])
})

test('bounds hostile terms and refuses what is no search', async () => {
  const amy = await server.register('bounds-amy')
  const roomId = await makeRoom(amy)
  await say(amy, roomId, `${'word '.repeat(10_000)}tapir`)
  await say(amy, roomId, '字'.repeat(15_000))
  for (const term of [
    'x'.repeat(60_000),
    'a b '.repeat(10_000),
    '鬱'.repeat(20_000),
    '\u0000',
    '""*\'--',
    'ﷺ'.repeat(500),
  ]) {
    assert.deepEqual(await findIds(amy, term), [], term.slice(0, 10))
  }
  assert.equal((await findIds(amy, 'word '.repeat(5_000))).length, 1)
  const refuse = async (request: unknown, next = '') => {
    const path = next === '' ? 'search' : `search?next_batch=${next}`
    return refusalOf(await amy.call('POST', path, { search_categories: { room_events: request } }))
  }
  assert.equal(await refuse({}), '400 M_BAD_JSON')
  assert.equal(refusalOf(await amy.call('POST', 'search', {})), '400 M_MISSING_PARAM')
  assert.equal(await refuse({ search_term: 'x', keys: ['content.other'] }), '400 M_BAD_JSON')
  assert.equal(await refuse({ search_term: 'x', order_by: 'size' }), '400 M_BAD_JSON')
  assert.equal(await refuse({ search_term: 'x', filter: { rooms: 'all' } }), '400 M_BAD_JSON')
  for (const next of ['x', 'm1', 'm-1.0.0', 'm1.1.1.q3']) {
    assert.equal(await refuse({ search_term: 'x' }, next), '400 M_INVALID_PARAM')
  }
})
