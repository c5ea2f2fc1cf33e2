/** What a user's lens did: metrics, decisions, previews; and what is never told. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

const base = '/_parallax/reputation/v1'
let server: InProcess
let viewer: TestUser
let spammer: TestUser
let roomId: string

before(async () => {
  server = await startInProcess()
  viewer = await server.register('viewer')
  spammer = await server.register('spammer')
  roomId = String((await viewer.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await spammer.ok('POST', `join/${roomId}`)
  for (const number of [1, 2, 3]) {
    await spammer.ok('PUT', `rooms/${roomId}/send/m.room.message/t${number}`, { msgtype: 'm.text', body: 'buy' })
  }
})
after(async () => {
  await server.close()
  await endTestStores()
})

const blocking = () => ({ subscriptions: [], rules: [{ kind: 'user', entity: spammer.userId, value: 'block' }] })

test('a preview tells what a lens would change before it is kept', async () => {
  const told = await viewer.ok('POST', `${base}/preview`, { lens: blocking() })
  assert.deepEqual([told.items, told.changed, told.newly_hidden_senders], [3, 3, [spammer.userId]])
  const [first] = told.changes as JsonObject[]
  assert.deepEqual([first!.room_id, first!.before, first!.after], [roomId, 'none', 'hide'])
  assert.deepEqual((await viewer.ok('GET', `${base}/lenses`)).lenses, {})
})

test('reputation rule 4: metrics are of own rooms, and small counts are not told exactly', async () => {
  await viewer.ok('PUT', `${base}/lenses/strict`, blocking())
  await viewer.ok('PUT', `${base}/lens`, { name: 'strict' })
  const metrics = await viewer.ok('GET', `${base}/metrics`)
  assert.deepEqual([metrics.items, metrics.by_action], [3, { hide: 'a few' }])
  for (let number = 0; number < 5; number++) {
    await spammer.ok('PUT', `rooms/${roomId}/send/m.room.message/u${number}`, { msgtype: 'm.text', body: 'buy' })
  }
  assert.deepEqual((await viewer.ok('GET', `${base}/metrics`)).by_action, { hide: 8 })
  const outsider = await server.register('outsider')
  await outsider.ok('PUT', `${base}/lenses/strict`, blocking())
  await outsider.ok('PUT', `${base}/lens`, { name: 'strict' })
  assert.equal((await outsider.ok('GET', `${base}/metrics`)).items, 0)
})

test('every decision is listed with a way to ask why', async () => {
  const { decisions } = (await viewer.ok('GET', `${base}/decisions`)) as { decisions: JsonObject[] }
  assert.equal(decisions.length, 8)
  assert.deepEqual(
    [decisions[0]!.sender, decisions[0]!.action, decisions[0]!.rule],
    [spammer.userId, 'hide', 'own-rule'],
  )
  const told = await viewer.ok('GET', `${base}/explanations/${decisions[0]!.explanation_id}`)
  assert.deepEqual(told.sentences, ['Your own rule decides this.'])
  assert.equal((await viewer.call('GET', `${base}/explanations/AAAA`)).status, 404)
})

test('a lens that is tried says to which one it returns; the ribbon tells what happened, by class', async () => {
  await viewer.ok('PUT', `${base}/lenses/open`, { subscriptions: [] })
  await viewer.ok('PUT', `${base}/lens`, { name: 'open', for_ms: 600_000 })
  const tried = await viewer.ok('GET', `${base}/lenses`)
  assert.deepEqual([tried.chosen, tried.before], ['open', 'strict'])
  await viewer.ok('PUT', `${base}/lens`, { name: 'strict' })
  assert.ok(!('before' in (await viewer.ok('GET', `${base}/lenses`))))
  assert.deepEqual((await viewer.ok('GET', `${base}/metrics`)).ribbon, { own: { hide: 8 } })
})

test('the page where this is seen loads nothing but itself', async () => {
  for (const path of ['/_parallax/lens', '/_parallax/lens/', '/_parallax/lens/style.css', '/_parallax/lens/page.js']) {
    const { status, headers } = await fetch(server.baseUrl + path)
    assert.equal(status, 200, path)
    assert.match(String(headers.get('content-security-policy')), /default-src 'none'; script-src 'self';/)
  }
  for (const path of ['other.js', 'README.md', '..%2Findex.html', 'constructor.js']) {
    const { status } = await fetch(`${server.baseUrl}/_parallax/lens/${path}`)
    assert.ok(status === 400 || status === 404, path)
  }
})

test('reputation rule 1: nothing lists entities by score or context', async () => {
  for (const path of ['entities', 'users', 'scores', 'explain']) {
    const { status } = await viewer.call('GET', `${base}/${path}?context=m.spam`)
    assert.ok(status === 404 || status === 405, path)
  }
})

test('a lens set by an own rule lasts over a restart', async () => {
  await server.restart()
  const { chunk } = await viewer.ok('GET', `rooms/${roomId}/messages?dir=b&limit=1`)
  const [last] = chunk as { content: JsonObject }[]
  assert.equal(last!.content.body, 'A message that your lens hides.')
})
