/** Users who are ignored: what they write is told nowhere, what they change of a room everywhere; invitations. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
let ann: TestUser
let pest: TestUser
let other: TestUser
let room: string
let count = 0

before(async () => {
  server = await startInProcess()
  ann = await server.register('ann')
  pest = await server.register('pest')
  other = await server.register('other')
})

after(async () => {
  await server.close()
  await endTestStores()
})

const accountData = (user: TestUser, type: string, content: object) =>
  user.ok('PUT', `user/${encodeURIComponent(user.userId)}/account_data/${type}`, content)

const ignore = (user: TestUser, ...ignored: string[]) =>
  accountData(user, 'm.ignored_user_list', { ignored_users: Object.fromEntries(ignored.map((one) => [one, {}])) })

async function openRoom(): Promise<void> {
  const created = await ann.ok('POST', 'createRoom', { preset: 'public_chat' })
  room = `rooms/${encodeURIComponent(String(created.room_id))}`
  for (const user of [pest, other]) await user.ok('POST', `${room}/join`, {})
}

async function say(user: TestUser, body: string, relation?: object): Promise<string> {
  const content = { msgtype: 'm.text', body, ...(relation && { 'm.relates_to': relation }) }
  return String((await user.ok('PUT', `${room}/send/m.room.message/t${++count}`, content)).event_id)
}

const inThread = (root: string) => ({ rel_type: 'm.thread', event_id: root })
const at = (eventId: string) => encodeURIComponent(eventId)
const idsOf = (events: unknown): string[] => (events as JsonObject[]).map((event) => String(event.event_id))

test('messages of an ignored user are in no page, no context and no event; changes of state are', async () => {
  await openRoom()
  const first = await say(ann, 'first')
  const hidden = await say(pest, 'buy this')
  const joined = idsOf((await ann.ok('GET', `${room}/members`)).chunk).length
  const last = await say(ann, 'last')
  await ignore(ann, pest.userId, '@never-seen:elsewhere.example', 'nonsense', ann.userId)
  for (const direction of ['b', 'f']) {
    const { chunk } = await ann.ok('GET', `${room}/messages?dir=${direction}&limit=100`)
    const ids = idsOf(chunk)
    assert.ok(ids.includes(first) && ids.includes(last) && !ids.includes(hidden), direction)
    const states = (chunk as JsonObject[]).filter(({ sender, type }) => sender === pest.userId && type !== undefined)
    assert.deepEqual(
      states.map(({ type }) => type),
      ['m.room.member'],
    )
  }
  const context = await ann.ok('GET', `${room}/context/${at(last)}?limit=10`)
  assert.equal(idsOf(context.events_before)[0], first)
  assert.equal((await ann.call('GET', `${room}/context/${at(hidden)}`)).status, 404)
  assert.equal((await ann.call('GET', `${room}/event/${at(hidden)}`)).status, 404)
  assert.equal(idsOf((await ann.ok('GET', `${room}/members`)).chunk).length, joined)
  assert.equal((await other.call('GET', `${room}/event/${at(hidden)}`)).status, 200)
  await ignore(ann)
  assert.equal((await ann.call('GET', `${room}/event/${at(hidden)}`)).status, 200)
})

test('a page is full though most of it is hidden, and its token goes on behind what was hidden', async () => {
  await openRoom()
  const early = await say(other, 'early')
  for (let time = 0; time < 60; time++) await say(pest, `spam ${time}`)
  const late = await say(other, 'late')
  await ignore(ann, pest.userId)
  const page = await ann.ok('GET', `${room}/messages?dir=b&limit=2`)
  assert.deepEqual(idsOf(page.chunk), [late, early])
  const next = await ann.ok('GET', `${room}/messages?dir=b&limit=1&from=${page.end}`)
  assert.equal((next.chunk as JsonObject[])[0]!.type, 'm.room.member')
  await ignore(ann)
})

test('threads, relations and bundles leave out what ignored users sent', async () => {
  await openRoom()
  const root = await say(ann, 'root')
  const reply = await say(other, 'reply', inThread(root))
  const hidden = await say(pest, 'hidden reply', inThread(root))
  const theirs = await say(pest, 'their root')
  await say(other, 'in theirs', inThread(theirs))
  const reference = await say(other, 'see', { rel_type: 'm.reference', event_id: root })
  await say(pest, 'see too', { rel_type: 'm.reference', event_id: root })
  await ignore(ann, pest.userId)
  const event = await ann.ok('GET', `${room}/event/${at(root)}`)
  const told = (event.unsigned as JsonObject)['m.relations'] as Record<string, JsonObject>
  assert.deepEqual([told['m.thread']!.count, (told['m.thread']!.latest_event as JsonObject).event_id], [1, reply])
  assert.deepEqual(told['m.reference'], { chunk: [{ event_id: reference }] })
  const v1 = `/_matrix/client/v1/${room}`
  assert.deepEqual(idsOf((await ann.ok('GET', `${v1}/relations/${at(root)}/m.thread`)).chunk), [reply])
  assert.deepEqual(idsOf((await ann.ok('GET', `${v1}/threads`)).chunk), [root])
  assert.equal((await ann.call('GET', `${v1}/relations/${at(hidden)}`)).status, 404)
  const whole = await other.ok('GET', `${room}/event/${at(root)}`)
  const all = (whole.unsigned as JsonObject)['m.relations'] as Record<string, JsonObject>
  assert.equal(all['m.thread']!.count, 2)
  assert.equal(idsOf((await other.ok('GET', `${v1}/threads`)).chunk).length, 2)
  await ignore(ann)
})

test('in sync neither timeline nor bundles nor counts have them; state has', async () => {
  await openRoom()
  await ignore(ann, pest.userId)
  const { next_batch: since } = await ann.ok('GET', 'sync')
  const root = await say(ann, 'root')
  await say(pest, 'hidden reply', inThread(root))
  const name = `/_matrix/client/v3/${room}/state/org.example.note/${encodeURIComponent(pest.userId)}`
  assert.equal((await pest.call('PUT', name, {})).status, 403, 'the room lets only moderators set state')
  await pest.ok('POST', `${room}/leave`, {})
  const reply = await ann.ok('GET', `sync?since=${since}`)
  const joined = (reply.rooms as Record<string, Record<string, Record<string, JsonObject>>>).join!
  const [section] = Object.values(joined)
  const events = (section!.timeline as unknown as { events: JsonObject[] }).events
  assert.deepEqual(
    events.map(({ type, sender }) => [type, sender]),
    [
      ['m.room.message', ann.userId],
      ['m.room.member', pest.userId],
    ],
  )
  assert.equal((events[0]!.unsigned as JsonObject)['m.relations'], undefined)
  assert.equal(section!.unread_notifications!.notification_count, 0)
  await ignore(ann)
})

async function invitedIn(user: TestUser): Promise<string[]> {
  const { rooms } = await user.ok('GET', 'sync')
  const v2 = Object.keys((rooms as JsonObject | undefined)?.invite ?? {})
  const lists = { all: { ranges: [[0, 99]], required_state: [], timeline_limit: 0 } }
  const sliding = await user.ok('POST', '/_matrix/client/v4/sync', { lists })
  const shown = Object.entries(sliding.rooms as Record<string, JsonObject>)
  const v4 = shown.filter(([, one]) => one.membership === 'invite' || one.invite_state || one.stripped_state)
  assert.deepEqual(v4.map(([roomId]) => roomId).sort(), v2.sort())
  return v2
}

test('invitations of ignored users are hidden, and all while invitations are blocked; both come back', async () => {
  const guest = await server.register('guest')
  const invite = async (user: TestUser) =>
    String((await user.ok('POST', 'createRoom', { invite: [guest.userId] })).room_id)
  const unwanted = await invite(pest)
  const wanted = await invite(other)
  assert.deepEqual((await invitedIn(guest)).sort(), [unwanted, wanted].sort())
  await ignore(guest, pest.userId)
  assert.deepEqual(await invitedIn(guest), [wanted])
  await accountData(guest, 'm.invite_permission_config', { default_action: 'block' })
  assert.deepEqual(await invitedIn(guest), [])
  assert.equal((await other.call('POST', 'createRoom', { invite: [guest.userId] })).status, 403)
  await accountData(guest, 'm.invite_permission_config', { default_action: 'something else' })
  await ignore(guest)
  assert.deepEqual((await invitedIn(guest)).sort(), [unwanted, wanted].sort())
  await guest.ok('POST', `join/${encodeURIComponent(unwanted)}`, {})
})

test('who may invite is said by lists of users and servers: blocked ones are told, ignored ones are not', async () => {
  const picky = await server.register('picky')
  const friend = await server.register('friend')
  const type = 'org.matrix.msc4155.invite_permission_config'
  const set = (content: object) => accountData(picky, type, content)
  const invite = (user: TestUser) => user.call('POST', 'createRoom', { invite: [picky.userId] })
  await picky.ok('GET', 'notifications')
  await set({ allowed_users: [friend.userId], ignored_users: ['@pe?t:*'], blocked_servers: ['test.*'] })
  assert.equal(refusalOf(await invite(other)), '403 M_INVITE_BLOCKED')
  const ignored = String((await invite(pest)).body.room_id)
  const welcome = String((await invite(friend)).body.room_id)
  assert.deepEqual(await invitedIn(picky), [welcome])
  const told = (await picky.ok('GET', 'notifications')).notifications as JsonObject[]
  assert.deepEqual(
    told.map(({ room_id: roomId }) => roomId),
    [welcome],
  )
  await set({ enabled: false, blocked_servers: ['*'] })
  assert.deepEqual((await invitedIn(picky)).sort(), [ignored, welcome].sort())
  await accountData(picky, 'm.invite_permission_config', { default_action: 'block' })
  await set({ allowed_users: [friend.userId] })
  assert.equal(refusalOf(await invite(friend)), '403 M_INVITE_BLOCKED')
  await accountData(picky, 'm.invite_permission_config', { blocked_servers: ['test.example'] })
  await set({ blocked_users: [7, '', null, '*'.repeat(300)], allowed_servers: 'test.example' })
  assert.equal((await invite(friend)).status, 200)
  const many = { blocked_users: Array.from({ length: 501 }, (_, index) => `@*${index}:a`) }
  const path = `user/${encodeURIComponent(picky.userId)}/account_data/${type}`
  assert.equal(refusalOf(await picky.call('PUT', path, many)), '413 M_TOO_LARGE')
})

test('what an ignored user sent is in no list of notifications, also if it notified before', async () => {
  await openRoom()
  await ann.ok('GET', 'notifications')
  await say(pest, 'before')
  const listed = async () =>
    ((await ann.ok('GET', 'notifications')).notifications as JsonObject[]).map(
      ({ event }) => (event as JsonObject).sender,
    )
  assert.ok((await listed()).includes(pest.userId))
  await ignore(ann, pest.userId)
  await say(pest, 'after')
  assert.equal((await listed()).includes(pest.userId), false)
  await ignore(ann)
})
