/** What a lens does to messages, wherever they are read: they keep their place, and who has no lens sees all. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

const base = '/_parallax/reputation/v1'
const unsignedName = 'org.parallax.reputation'
let fakes: FakeFeeds
let server: InProcess

before(async () => {
  fakes = await startFakeFeeds()
  const reputation = `reputation: { publishing: users, httpSources: ['${fakes.origin}'] }\n`
  server = await startInProcess({}, `${reputation}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
})
after(async () => {
  await server.close()
  fakes.close()
  await endTestStores()
})

type Event = JsonObject & { event_id: string; type: string; content: JsonObject; unsigned?: JsonObject }

const block = (entity: string, kind = 'user') => ({ subscriptions: [], rules: [{ kind, entity, value: 'block' }] })

async function lookThrough(user: TestUser, name: string, lens: object): Promise<void> {
  await user.ok('PUT', `${base}/lenses/${name}`, lens)
  await user.ok('PUT', `${base}/lens`, { name })
}

let rooms = 0
/** A room of a viewer and a spammer, with messages of both. */
async function openRoom() {
  rooms++
  const [viewer, spammer] = [await server.register(`viewer${rooms}`), await server.register(`spammer${rooms}`)]
  const { room_id: roomId } = await viewer.ok('POST', 'createRoom', { preset: 'public_chat' })
  await spammer.ok('POST', `join/${roomId}`)
  const send = async (user: TestUser, body: string, more: object = {}) => {
    const path = `rooms/${roomId}/send/m.room.message/${body.replaceAll(' ', '-')}`
    return String((await user.ok('PUT', path, { msgtype: 'm.text', body, ...more })).event_id)
  }
  return { viewer, spammer, roomId: String(roomId), send }
}

const markOf = (event: Event | undefined): JsonObject | undefined => event?.unsigned?.[unsignedName] as never
const bodiesOf = (events: readonly Event[]) =>
  events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body)
const veiled = 'A message that your lens hides.'

async function messagesOf(user: TestUser, roomId: string): Promise<Event[]> {
  return ((await user.ok('GET', `rooms/${roomId}/messages?dir=b&limit=50`)).chunk as Event[]).reverse()
}

async function timelineOf(user: TestUser, roomId: string): Promise<Event[]> {
  const { join } = (await user.ok('GET', 'sync')).rooms as { join: Record<string, { timeline: { events: Event[] } }> }
  return join[roomId]!.timeline.events
}

test('what is hidden keeps its place in sync and history, and another lens shows it at once', async () => {
  const { viewer, spammer, roomId, send } = await openRoom()
  for (const [user, body] of [
    [viewer, 'one'],
    [spammer, 'buy'],
    [viewer, 'two'],
  ] as const)
    await send(user, body)
  const before = await messagesOf(viewer, roomId)
  await lookThrough(viewer, 'strict', block(spammer.userId))
  for (const read of [messagesOf, timelineOf]) {
    const events = await read(viewer, roomId)
    assert.deepEqual(bodiesOf(events), ['one', veiled, 'two'])
    const hidden = events.find(({ content }) => content.body === veiled)!
    assert.equal(markOf(hidden)?.action, 'hide')
    assert.ok(!JSON.stringify(events).includes('"buy"'))
  }
  const after = await messagesOf(viewer, roomId)
  assert.deepEqual(
    after.map((event) => event.event_id),
    before.map((event) => event.event_id),
  )
  assert.deepEqual(bodiesOf(await messagesOf(spammer, roomId)), ['one', 'buy', 'two'])
  await viewer.ok('PUT', `${base}/lens`, { name: null })
  assert.deepEqual(bodiesOf(await timelineOf(viewer, roomId)), ['one', 'buy', 'two'])
})

test('context, single events, search, threads and sliding sync show the placeholder too', async () => {
  const { viewer, spammer, roomId, send } = await openRoom()
  const root = await send(viewer, 'thread root')
  const said = await send(spammer, 'buy pills', { 'm.relates_to': { rel_type: 'm.thread', event_id: root } })
  await send(spammer, '* better pills', {
    'm.new_content': { msgtype: 'm.text', body: 'better pills' },
    'm.relates_to': { rel_type: 'm.replace', event_id: said },
  })
  await lookThrough(viewer, 'strict', block(spammer.userId))
  const single = (await viewer.ok('GET', `rooms/${roomId}/event/${said}`)) as Event
  assert.deepEqual([single.content.body, (single.content['m.relates_to'] as JsonObject).event_id], [veiled, root])
  const sliding = await viewer.ok('POST', '/_matrix/client/unstable/org.matrix.simplified_msc3575/sync', {
    lists: { all: { ranges: [[0, 9]], required_state: [], timeline_limit: 20 } },
  })
  const search = await viewer.ok('POST', 'search', { search_categories: { room_events: { search_term: 'pills' } } })
  const seen = [
    single,
    await viewer.ok('GET', `rooms/${roomId}/context/${said}?limit=10`),
    await viewer.ok('GET', `/_matrix/client/v1/rooms/${roomId}/threads`),
    await viewer.ok('GET', `/_matrix/client/v1/rooms/${roomId}/relations/${root}`),
    await viewer.ok('GET', 'sync'),
    sliding,
    search,
  ]
  for (const [index, answer] of seen.entries()) {
    const text = JSON.stringify(answer)
    assert.ok(!text.includes('buy pills') && !text.includes('better pills'), `${index}: ${text}`)
    assert.ok(text.includes(veiled) || index === 6, `${index}: ${text}`)
  }
})

test('reactions and encrypted messages are hidden in ways that clients understand', async () => {
  const { viewer, spammer, roomId, send } = await openRoom()
  const mine = await send(viewer, 'hello')
  const relation = { 'm.relates_to': { rel_type: 'm.annotation', event_id: mine, key: 'x' } }
  await spammer.ok('PUT', `rooms/${roomId}/send/m.reaction/r`, relation)
  const encrypted = { algorithm: 'm.megolm.v1.aes-sha2', ciphertext: 'AAAA', session_id: 's' }
  await spammer.ok('PUT', `rooms/${roomId}/send/m.room.encrypted/e`, encrypted)
  await spammer.ok('PUT', `rooms/${roomId}/state/m.room.member/${spammer.userId}`, {
    membership: 'join',
    displayname: 'Shown',
  })
  await lookThrough(viewer, 'strict', block(spammer.userId))
  const [reaction, notice, member] = (await messagesOf(viewer, roomId)).slice(-3)
  assert.deepEqual([reaction!.type, reaction!.content, markOf(reaction)?.action], ['m.reaction', {}, 'hide'])
  assert.deepEqual([notice!.type, notice!.content.body], ['m.room.message', veiled])
  assert.deepEqual([member!.content.displayname, markOf(member)], ['Shown', undefined])
})

test('one trusted feed blurs and two hide, a retraction restores, and the explanation says who', async () => {
  const { viewer, spammer, roomId, send } = await openRoom()
  await send(spammer, 'buy')
  const feeds = ['east', 'west'].map((name) => fakes.open(name))
  const [ids] = feeds.map((feed) => fakes.say(feed, server.clock.nowMs(), [{ entity: spammer.userId }]))
  const follow = async (name: string) =>
    Number((await viewer.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf(name) })).source)
  const sources = [await follow('east'), await follow('west')]
  const lens = (of: readonly number[]) => ({
    subscriptions: of.map((source) => ({ source, trust: { '*': 'strong' }, mode: 'blend' })),
  })
  await lookThrough(viewer, 'mild', lens(sources.slice(0, 1)))
  const last = async () => (await messagesOf(viewer, roomId)).at(-1)
  assert.deepEqual([(await last())!.content.body, markOf(await last())?.action], ['buy', 'blur'])
  await viewer.ok('PUT', `${base}/lenses/mild`, lens(sources))
  const hidden = await last()
  assert.deepEqual([hidden!.content.body, markOf(hidden)?.action], [veiled, 'hide'])
  const told = await viewer.ok('GET', `${base}/explanations/${markOf(hidden)!.explanation_id}`)
  assert.deepEqual([told.kind, told.entity, told.action, told.context], ['user', spammer.userId, 'hide', 'm.spam'])
  assert.match(String((told.sentences as string[])[0]), /east/)
  fakes.retract(feeds[0]!, server.clock.nowMs(), ids!)
  await waitFor('the message to be back', async () => {
    await viewer.ok('POST', `${base}/subscriptions/${sources[0]}/look`)
    return markOf(await last())?.action === 'blur' || undefined
  })
  assert.equal((await last())!.content.body, 'buy')
})

test('what is hidden is not notified of, and not counted as unread', async () => {
  const { viewer, spammer, roomId, send } = await openRoom()
  await lookThrough(viewer, 'strict', block(spammer.userId))
  const countOf = async () => {
    const { join } = (await viewer.ok('GET', 'sync')).rooms as unknown as { join: Record<string, JsonObject> }
    return (join[roomId]!.unread_notifications as JsonObject).notification_count
  }
  await viewer.ok('GET', 'notifications')
  await send(spammer, 'buy')
  assert.equal(await countOf(), 0)
  assert.deepEqual((await viewer.ok('GET', 'notifications')).notifications, [])
})

test('reputation rule 7: one step shows again what an own lens hides', async () => {
  const { viewer, spammer, roomId, send } = await openRoom()
  const said = await send(spammer, 'buy')
  await send(spammer, 'sell')
  await lookThrough(viewer, 'strict', block(spammer.userId))
  await viewer.ok('PUT', `${base}/rules`, { kind: 'event', entity: said, value: 'allow' })
  assert.deepEqual(bodiesOf(await messagesOf(viewer, roomId)), ['buy', veiled])
  await viewer.ok('PUT', `${base}/rules`, { kind: 'user', entity: spammer.userId, value: null })
  assert.deepEqual(bodiesOf(await messagesOf(viewer, roomId)), ['buy', 'sell'])
})

test('an invitation of whom the lens hides is kept aside in a quiet box', async () => {
  const { viewer, spammer } = await openRoom()
  await lookThrough(viewer, 'strict', block(spammer.userId))
  const { room_id: roomId } = await spammer.ok('POST', 'createRoom', { invite: [viewer.userId] })
  const invited = async () => Object.keys(((await viewer.ok('GET', 'sync')).rooms as JsonObject).invite ?? {})
  assert.deepEqual(await invited(), [])
  const { invites } = (await viewer.ok('GET', `${base}/quiet`)) as { invites: JsonObject[] }
  assert.deepEqual(
    invites.map((invite) => [invite.room_id, invite.sender]),
    [[roomId, spammer.userId]],
  )
  await viewer.ok('PUT', `${base}/lens`, { name: null })
  assert.deepEqual(await invited(), [roomId])
  assert.deepEqual(((await viewer.ok('GET', `${base}/quiet`)) as { invites: JsonObject[] }).invites, [])
})

test('whom the lens hides is not seen typing or online, nor proposed by the user directory', async () => {
  const { viewer, spammer, roomId } = await openRoom()
  const seen = async () => {
    const { rooms, presence } = await viewer.ok('GET', 'sync')
    const { join } = rooms as { join: Record<string, { ephemeral: { events: Event[] } }> }
    const typing = join[roomId]!.ephemeral.events.find(({ type }) => type === 'm.typing')
    const online = ((presence as JsonObject | undefined)?.events ?? []) as { sender: string }[]
    const search = { search_term: spammer.userId.slice(1).split(':')[0]! }
    const { results } = await viewer.ok('POST', 'user_directory/search', search)
    const found = results as { user_id: string }[]
    return {
      isTyping: JSON.stringify(typing ?? {}).includes(spammer.userId),
      isOnline: online.some(({ sender }) => sender === spammer.userId),
      isFound: found.some((user) => user.user_id === spammer.userId),
    }
  }
  await spammer.ok('PUT', `presence/${spammer.userId}/status`, { presence: 'online' })
  const typing = { typing: true, timeout: 60_000 }
  await spammer.ok('PUT', `rooms/${roomId}/typing/${spammer.userId}`, typing)
  const all = { isTyping: true, isOnline: true, isFound: true }
  const isAll = async () => JSON.stringify(await seen()) === JSON.stringify(all)
  await waitFor('the user to be seen', async () => (await isAll()) || undefined)
  await lookThrough(viewer, 'strict', block(spammer.userId))
  assert.deepEqual(await seen(), { isTyping: false, isOnline: false, isFound: false })
})

test('a feed that suddenly lists very many is believed less for a day, unless it is enforced', async () => {
  const { viewer, spammer, roomId, send } = await openRoom()
  await send(spammer, 'buy')
  const feed = fakes.open('bursting')
  const others = (from: number) => Array.from({ length: 60 }, (_, n) => ({ entity: `@n${from + n}:evil.example` }))
  fakes.say(feed, server.clock.nowMs(), others(0))
  const { source } = await viewer.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf('bursting') })
  const lens = (mode: string) => ({ subscriptions: [{ source, trust: { '*': 'own' }, mode }] })
  await lookThrough(viewer, 'mine', lens('blend'))
  fakes.say(feed, server.clock.nowMs(), [...others(100), { entity: spammer.userId }])
  const followed = await waitFor('the burst to come', async () => {
    const shown = await viewer.ok('POST', `${base}/subscriptions/${source}/look`)
    return shown.opinions === 121 ? shown : undefined
  })
  assert.equal(followed.damped, 11)
  const action = async () => markOf((await messagesOf(viewer, roomId)).at(-1))?.action
  assert.notEqual(await action(), 'blur')
  const context = { kind: 'user', entity: '@n1:evil.example', context: 'm.spam' }
  assert.equal((await viewer.ok('POST', `${base}/explain`, context)).action, 'blur')
  await viewer.ok('PUT', `${base}/lenses/mine`, lens('enforce'))
  assert.equal(await action(), 'hide')
  await viewer.ok('PUT', `${base}/lenses/mine`, lens('blend'))
  server.clock.turn(25 * 3_600_000)
  assert.equal(await action(), 'blur')
})
