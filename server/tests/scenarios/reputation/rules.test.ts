/** Rules of safety that no other test of reputation holds: looking up, praise, and what is written down. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import type { Logger } from '../../../src/base/index.ts'
import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

const base = '/_parallax/reputation/v1'
let fakes: FakeFeeds
let server: InProcess
const lines: string[] = []
const write = (...parts: readonly unknown[]) => void lines.push(JSON.stringify(parts))
const logger: Logger = { debug: write, info: write, warn: write, error: write }

before(async () => {
  fakes = await startFakeFeeds()
  const reputation = `reputation: { publishing: users, httpSources: ['${fakes.origin}'] }\n`
  server = await startInProcess({}, `${reputation}outgoing: { allowRanges: ['127.0.0.1'] }\n`, { logger })
})
after(async () => {
  await server.close()
  fakes.close()
  await endTestStores()
})

async function lookThrough(user: TestUser, name: string, mode: string): Promise<void> {
  const { source } = await user.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf(name) })
  await user.ok('PUT', `${base}/lenses/mine`, { subscriptions: [{ source, trust: { '*': 'own' }, mode }] })
  await user.ok('PUT', `${base}/lens`, { name: 'mine' })
}

test('reputation rule 2: a user looks up what they see, and few names beside', async () => {
  const [amy, ben] = [await server.register('amy'), await server.register('ben')]
  fakes.say(fakes.open('looked-up'), server.clock.nowMs(), [{ entity: ben.userId }])
  await lookThrough(amy, 'looked-up', 'blend')
  const ask = (entity: string) => amy.call('POST', `${base}/explain`, { kind: 'user', entity, context: 'm.spam' })
  for (let name = 0; name < 60; name++) assert.equal((await ask(`@n${name}:evil.example`)).status, 200)
  assert.equal((await ask('@n1:evil.example')).status, 200)
  assert.equal(refusalOf(await ask('@n60:evil.example')), '429 M_LIMIT_EXCEEDED')
  const id = Buffer.from(`user\0${ben.userId}`).toString('base64url')
  assert.equal(refusalOf(await amy.call('GET', `${base}/explanations/${id}`)), '429 M_LIMIT_EXCEEDED')
  // Whoever invites, or shares a room, is seen.
  const { room_id: roomId } = await ben.ok('POST', 'createRoom', { invite: [amy.userId] })
  assert.equal((await amy.ok('GET', `${base}/explanations/${id}`)).action, 'blur')
  await amy.ok('POST', `join/${roomId}`)
  assert.equal((await ask(ben.userId)).status, 200)
  const asked = { kind: 'room', entity: roomId, context: 'm.spam' }
  assert.equal((await amy.call('POST', `${base}/explain`, asked)).status, 200)
  server.clock.turn(3_600_000)
  assert.equal((await ask('@n60:evil.example')).status, 200)
})

test('reputation rule 3: praise adds nothing to any list', async () => {
  const [cat, praised] = [await server.register('cat'), await server.register('praised-user')]
  const secret = String((await praised.ok('POST', 'createRoom', { name: 'praised room' })).room_id)
  const lists = async () => {
    const public_ = await cat.ok('GET', 'publicRooms')
    const users = await cat.ok('POST', 'user_directory/search', { search_term: 'praised' })
    const found = await cat.ok('POST', 'search', { search_categories: { room_events: { search_term: 'praised' } } })
    const { rooms } = (await cat.ok('GET', 'sync')) as { rooms?: JsonObject }
    return { public_, users, found, rooms }
  }
  const before = await lists()
  const entities = [{ entity: praised.userId }, { entity: secret, kind: 'room' }]
  const praise = { opinion: 100, confidence: 99, context: 'x.politics' }
  fakes.say(
    fakes.open('praise'),
    server.clock.nowMs(),
    entities.map((entity) => ({ ...praise, ...entity })),
  )
  await lookThrough(cat, 'praise', 'enforce')
  assert.deepEqual(await lists(), before)
  assert.equal((await cat.call('GET', `rooms/${secret}/messages?dir=b`)).status, 403)
})

test('reputation rule 8: logs and metrics hold counts of decisions, not who looked at whom', async () => {
  const [dan, hidden] = [await server.register('dan'), await server.register('hidden-one')]
  const { room_id: roomId } = await dan.ok('POST', 'createRoom', { preset: 'public_chat' })
  await hidden.ok('POST', `join/${roomId}`)
  await hidden.ok('PUT', `rooms/${roomId}/send/m.room.message/1`, { msgtype: 'm.text', body: 'buy' })
  fakes.say(fakes.open('logged'), server.clock.nowMs(), [{ entity: hidden.userId }])
  lines.length = 0
  await lookThrough(dan, 'logged', 'enforce')
  const [event] = (await dan.ok('GET', `rooms/${roomId}/messages?dir=b&limit=1`)).chunk as { unsigned: JsonObject }[]
  const mark = event!.unsigned['org.parallax.reputation'] as JsonObject
  assert.equal(mark.action, 'hide')
  await dan.ok('GET', `${base}/explanations/${mark.explanation_id}`)
  const metrics = await server.program.components.metrics.text()
  const [, count] = /parallax_reputation_decisions_total\{action="(?:hide|refuse)"\} ([1-9]\d*)/.exec(metrics) ?? []
  assert.ok(Number(count) > 0, 'decisions are counted')
  for (const text of [...lines, metrics]) {
    assert.ok(!text.includes('hidden-one') && !text.includes(String(mark.explanation_id)), text)
  }
})
