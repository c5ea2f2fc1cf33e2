/** The server's own lens: who is refused where, that it is undone with it, and that nobody else writes it. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

const path = '/_parallax/reputation/v1/server/lens'
let server: InProcess
let admin: TestUser
let amy: TestUser
let spammer: TestUser

before(async () => {
  server = await startInProcess()
  ;[admin, amy, spammer] = [await server.register('admin'), await server.register('amy'), await server.register('spam')]
  await server.program.components.administration.setAdmin('admin', true)
})
after(async () => {
  await server.close()
  await endTestStores()
})

const blocking = (kind: string, entity: string) => ({
  lens: { subscriptions: [], rules: [{ kind, entity, value: 'block' }] },
})

test('whom the lens of the server refuses cannot invite, join, knock or send, until it is changed', async () => {
  const open = String((await amy.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  const other = String((await amy.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await spammer.ok('POST', `join/${open}`)
  await admin.ok('PUT', path, blocking('user', spammer.userId))
  const body = { msgtype: 'm.text', body: 'buy' }
  const refused = [
    await spammer.call('PUT', `rooms/${open}/send/m.room.message/1`, body),
    await spammer.call('POST', `join/${other}`),
    await spammer.call('POST', `knock/${other}`),
    await spammer.call('POST', `rooms/${open}/invite`, { user_id: admin.userId }),
    await spammer.call('POST', 'createRoom', { invite: [amy.userId] }),
  ]
  for (const answer of refused) assert.equal(refusalOf(answer), '403 M_SAFETY')
  await amy.ok('PUT', `rooms/${open}/send/m.room.message/1`, body)
  // State is never touched.
  await spammer.ok('PUT', `rooms/${open}/state/m.room.member/${spammer.userId}`, {
    membership: 'join',
    displayname: 'x',
  })
  await server.restart()
  assert.equal(refusalOf(await spammer.call('POST', `join/${other}`)), '403 M_SAFETY')
  await admin.ok('DELETE', path)
  await spammer.ok('POST', `join/${other}`)
  assert.deepEqual(await admin.ok('GET', path), { lens: null })
})

test('a room that the lens of the server refuses cannot be joined, and is not listed', async () => {
  const room = String((await amy.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await admin.ok('PUT', path, blocking('room', room))
  assert.equal(refusalOf(await spammer.call('POST', `join/${room}`)), '403 M_SAFETY')
  const open = { preset: 'public_chat', visibility: 'public' }
  const [listed, left] = [await amy.ok('POST', 'createRoom', open), await spammer.ok('POST', 'createRoom', open)]
  const rooms = async () =>
    ((await amy.ok('GET', 'publicRooms')).chunk as { room_id: string }[]).map((of) => of.room_id)
  assert.deepEqual(new Set(await rooms()), new Set([listed.room_id, left.room_id]))
  await admin.ok('PUT', path, blocking('user', spammer.userId))
  assert.deepEqual(await rooms(), [listed.room_id])
  await admin.ok('DELETE', path)
})

test('only admins see and write the lens of the server', async () => {
  for (const method of ['GET', 'PUT', 'DELETE']) {
    const answer = await amy.call(method, path, method === 'PUT' ? blocking('user', '@a:b.example') : undefined)
    assert.equal(refusalOf(answer), '403 M_FORBIDDEN')
  }
  const unknown = { lens: { subscriptions: [{ source: 99, trust: { '*': 'good' }, mode: 'enforce' }] } }
  assert.equal(refusalOf(await admin.call('PUT', path, unknown)), '400 M_INVALID_PARAM')
})

test('what the config refuses is refused beside the lens, and the API does not take it away', async () => {
  const refuse = "reputation: { refuse: ['user @refused:test.example', 'server Evil.example'] }\n"
  const other = await startInProcess({}, refuse)
  try {
    const [root, refused] = [await other.register('root'), await other.register('refused')]
    await other.program.components.administration.setAdmin('root', true)
    const room = String((await root.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
    assert.equal(refusalOf(await refused.call('POST', `join/${room}`)), '403 M_SAFETY')
    const allowing = { subscriptions: [], rules: [{ kind: 'user', entity: refused.userId, value: 'allow' }] }
    await root.ok('PUT', path, { lens: allowing })
    assert.equal(refusalOf(await refused.call('POST', `join/${room}`)), '403 M_SAFETY')
    await root.ok('DELETE', path)
    assert.equal(refusalOf(await refused.call('POST', `join/${room}`)), '403 M_SAFETY')
  } finally {
    await other.close()
  }
})

test('who changed the lens of the server, how and why, is in a log for admins, for 30 days', async () => {
  const logOf = async () => (await admin.ok('GET', '/_parallax/reputation/v1/server/log')).log as JsonObject[]
  const rule = { kind: 'server', entity: 'evil.example', value: 'block' }
  const last = Number((await logOf())[0]?.entry ?? 0)
  const at = server.clock.nowMs()
  await admin.ok('PUT', path, { lens: { subscriptions: [], rules: [rule] }, reason: 'sends spam only' })
  await server.program.components.administration.setServerRule(
    { kind: 'server', entity: 'EVIL.example', value: null },
    '',
  )
  await admin.ok('DELETE', `${path}?reason=done`)
  const [removed, cleared, added] = await logOf()
  assert.deepEqual(
    { ...added, at_ts: Number(added?.at_ts) >= at },
    { entry: last + 1, at_ts: true, user_id: admin.userId, rules_added: [rule], reason: 'sends spam only' },
  )
  assert.deepEqual([cleared?.user_id, cleared?.rules_removed], [undefined, [rule]])
  assert.deepEqual([removed?.user_id, removed?.reason], [admin.userId, 'done'])
  assert.equal(refusalOf(await amy.call('GET', '/_parallax/reputation/v1/server/log')), '403 M_FORBIDDEN')
  const long = { lens: { subscriptions: [] }, reason: 'x'.repeat(reputationLimits.reasonCharsMax + 1) }
  assert.equal(refusalOf(await admin.call('PUT', path, long)), '400 M_BAD_JSON')
  server.clock.turn(reputationLimits.logMs + 1_000)
  assert.deepEqual(await logOf(), [])
})
