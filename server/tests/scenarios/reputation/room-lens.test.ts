/** The lens that a room's moderators write as state: whom it refuses, what it hides for all, and that it is undone. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

const base = '/_parallax/reputation/v1'
const type = 'org.parallax.reputation.room_policy'
let fakes: FakeFeeds
let server: InProcess

before(async () => {
  fakes = await startFakeFeeds()
  const reputation = `reputation: { publishing: users, httpSources: ['${fakes.origin}'] }\n`
  const policy = 'policyServer: { enabled: true }\n'
  server = await startInProcess({}, `${reputation}${policy}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
})
after(async () => {
  await server.close()
  fakes.close()
  await endTestStores()
})

type Event = JsonObject & { content: JsonObject; unsigned?: JsonObject }

let rooms = 0
async function openRoom() {
  rooms++
  const names = ['moderator', 'reader', 'spammer'].map((name) => `${name}${rooms}`)
  const [moderator, reader, spammer] = (await Promise.all(names.map((name) => server.register(name)))) as [
    TestUser,
    TestUser,
    TestUser,
  ]
  const roomId = String((await moderator.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  for (const user of [reader, spammer]) await user.ok('POST', `join/${roomId}`)
  let sent = 0
  const send = (user: TestUser, body: string) =>
    user.call('PUT', `rooms/${roomId}/send/m.room.message/${++sent}`, { msgtype: 'm.text', body })
  const write = (content: object) => moderator.ok('PUT', `rooms/${roomId}/state/${type}/`, content)
  const last = async () => ((await reader.ok('GET', `rooms/${roomId}/messages?dir=b&limit=1`)).chunk as Event[])[0]!
  const lastMessage = async () => {
    const { chunk } = await reader.ok('GET', `rooms/${roomId}/messages?dir=b&limit=20`)
    return (chunk as Event[]).find((event) => event.type === 'm.room.message')!
  }
  return { moderator, reader, spammer, roomId, send, write, last, lastMessage }
}

const blocking = (entity: string) => ({ rules: [{ kind: 'user', entity, value: 'block' }] })
const markOf = (event: Event) => event.unsigned?.['org.parallax.reputation'] as JsonObject | undefined

test('whom the moderators refuse cannot send, and what they said is hidden from all until it is undone', async () => {
  const { moderator, reader, spammer, roomId, send, write, lastMessage } = await openRoom()
  assert.equal((await send(spammer, 'buy')).status, 200)
  await write(blocking(spammer.userId))
  await waitFor('the message to be hidden', async () => markOf(await lastMessage())?.action === 'hide' || undefined)
  assert.equal(refusalOf(await send(spammer, 'more')), '403 M_SAFETY')
  assert.equal((await send(moderator, 'fine')).status, 200)
  // State is never touched: they leave, and cannot come back.
  await spammer.ok('PUT', `rooms/${roomId}/state/m.room.member/${spammer.userId}`, { membership: 'leave' })
  assert.equal(refusalOf(await spammer.call('POST', `join/${roomId}`)), '403 M_SAFETY')
  const { chunk } = await reader.ok('GET', `rooms/${roomId}/messages?dir=b&limit=20`)
  const hidden = (chunk as Event[]).find((event) => event.type === 'm.room.message' && markOf(event) !== undefined)!
  const path = `${base}/explanations/${markOf(hidden)!.explanation_id}`
  assert.deepEqual((await reader.ok('GET', path)).entity, spammer.userId)
  assert.equal(refusalOf(await spammer.call('GET', path)), '404 M_NOT_FOUND')
  await write({})
  await waitFor('the message to be back', async () => {
    const events = (await reader.ok('GET', `rooms/${roomId}/messages?dir=b&limit=20`)).chunk as Event[]
    return events.some(({ content }) => content.body === 'buy') || undefined
  })
  await spammer.ok('POST', `join/${roomId}`)
})

test('a feed that the moderators name is followed for the room, and left when they no longer do', async () => {
  const { reader, spammer, send, write, lastMessage } = await openRoom()
  const feed = fakes.open('for-rooms')
  fakes.say(feed, server.clock.nowMs(), [{ entity: spammer.userId }])
  await send(spammer, 'buy')
  await write({ feeds: [{ address: fakes.addressOf('for-rooms'), mode: 'enforce', trust: 'strong' }] })
  await waitFor('the message to be hidden', async () => markOf(await lastMessage())?.action === 'hide' || undefined)
  const refused = await send(spammer, 'more')
  assert.deepEqual([refusalOf(refused), refused.body.harms], ['403 M_SAFETY', ['m.spam']])
  assert.deepEqual((await reader.ok('GET', `${base}/subscriptions`)).subscriptions, [])
  await server.restart()
  assert.equal(markOf(await lastMessage())?.action, 'hide')
  await write({ feeds: [] })
  await waitFor('the message to be back', async () => markOf(await lastMessage()) === undefined || undefined)
})

test('what is no policy is none, and only who may write state writes it', async () => {
  const { spammer, roomId, send, write } = await openRoom()
  const wrong = [
    { rules: 'x', feeds: { a: 1 } },
    { rules: [null, 1, { kind: 'user', entity: 'x', value: 'block' }, { kind: 'user' }] },
    {
      feeds: [
        { address: 'file:///etc/passwd', mode: 'enforce' },
        { address: 5, mode: 'blend' },
      ],
    },
  ]
  for (const content of wrong) {
    await write(content)
    assert.equal((await send(spammer, 'hello')).status, 200)
  }
  const path = `rooms/${roomId}/state/${type}/`
  assert.equal(refusalOf(await spammer.call('PUT', path, blocking('@a:b.example'))), '403 M_FORBIDDEN')
})

test('the policy server of this program does not sign what the room refuses, and says which harm it does', async () => {
  const { spammer, roomId, write } = await openRoom()
  const feed = fakes.open('for-signing')
  fakes.say(feed, server.clock.nowMs(), [{ entity: spammer.userId }])
  await write({ feeds: [{ address: fakes.addressOf('for-signing'), mode: 'enforce' }] })
  const { rooms: known, names, policy } = server.program.components
  const info = (await known.findRoom(roomId as never))!
  const event = { roomId, sender: spammer.userId, eventId: '$x', type: 'm.room.message', pdu: {} }
  const ask = (more: object) =>
    policy.sign({
      rules: info.rules,
      event: { ...event, ...more } as never,
      origin: 'test.example',
      server: 'test.example',
    } as never)
  assert.ok(names)
  const refusal = await waitFor('the refusal', () =>
    ask({}).then(
      () => undefined,
      (error) => (error.errcode === 'M_FORBIDDEN' ? error : undefined),
    ),
  )
  assert.deepEqual(refusal.fields.harms, ['m.spam'])
})
