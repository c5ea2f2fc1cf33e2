/** The tree of a space, and jumps to a date. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'

let server: InProcess
let alice: TestUser
let bob: TestUser

before(async () => {
  server = await startInProcess()
  alice = await server.register('alice')
  bob = await server.register('bob')
})

after(() => server.close())

async function create(name: string, more: object = {}): Promise<string> {
  return String((await alice.ok('POST', 'createRoom', { name, preset: 'public_chat', ...more })).room_id)
}

const createSpace = (name: string): Promise<string> => create(name, { creation_content: { type: 'm.space' } })

async function add(space: string, child: string, content: object = {}): Promise<void> {
  const path = `rooms/${encodeURIComponent(space)}/state/m.space.child/${encodeURIComponent(child)}`
  await alice.ok('PUT', path, { via: ['test.example'], ...content })
}

async function tree(user: TestUser, space: string, query = ''): Promise<{ names: unknown[]; body: JsonObject }> {
  const body = await user.ok('GET', `/_matrix/client/v1/rooms/${encodeURIComponent(space)}/hierarchy?${query}`)
  return { names: (body.rooms as JsonObject[]).map((room) => room.name), body }
}

test('a space is shown depth first, in its order, without what is closed to the viewer', async () => {
  const space = await createSpace('top')
  const inner = await createSpace('inner')
  const leaf = await create('leaf')
  const last = await create('last')
  const closed = await create('closed', { preset: 'private_chat' })
  await add(space, last)
  await add(space, inner, { order: 'b', suggested: true })
  await add(space, closed, { order: 'a' })
  await add(inner, leaf)
  await add(inner, space)
  await add(space, '!unknown:test.example')
  assert.deepEqual((await tree(bob, space)).names, ['top', 'inner', 'leaf', 'last'])
  assert.deepEqual((await tree(alice, space)).names, ['top', 'closed', 'inner', 'leaf', 'last'])
  assert.deepEqual((await tree(bob, space, 'suggested_only=true')).names, ['top', 'inner'])
  assert.deepEqual((await tree(bob, space, 'max_depth=1')).names, ['top', 'inner', 'last'])
  const [top] = (await tree(bob, space)).body.rooms as [JsonObject]
  const [first] = top.children_state as [JsonObject]
  assert.deepEqual(Object.keys(first).sort(), ['content', 'origin_server_ts', 'sender', 'state_key', 'type'])
})

test('a child without a way to it is no child', async () => {
  const space = await createSpace('top')
  const removed = await create('removed')
  await add(space, removed)
  await add(space, removed, { via: undefined })
  await add(space, await create('stays'))
  assert.deepEqual((await tree(bob, space)).names, ['top', 'stays'])
})

test('a large space comes in pages', async () => {
  const space = await createSpace('top')
  for (let n = 0; n < 5; n++) await add(space, await create(`room ${n}`), { order: `${n}` })
  const first = await tree(bob, space, 'limit=4')
  assert.deepEqual(first.names, ['top', 'room 0', 'room 1', 'room 2'])
  const next = String(first.body.next_batch)
  const second = await tree(bob, space, `limit=4&from=${next}`)
  assert.deepEqual([second.names, second.body.next_batch], [['room 3', 'room 4'], undefined])
  const path = `/_matrix/client/v1/rooms/${encodeURIComponent(space)}/hierarchy`
  assert.equal((await bob.call('GET', `${path}?from=${next}&max_depth=1`)).status, 400)
  assert.equal((await bob.call('GET', `${path}?from=nonsense`)).status, 400)
  const hidden = await create('hidden', { preset: 'private_chat', creation_content: { type: 'm.space' } })
  const refused = await bob.call('GET', `/_matrix/client/v1/rooms/${encodeURIComponent(hidden)}/hierarchy`)
  assert.equal(refused.status, 403)
})

test('the event nearest to a time, before and after', async () => {
  const roomId = encodeURIComponent(await create('old'))
  const say = async (text: string) =>
    String(
      (await alice.ok('PUT', `rooms/${roomId}/send/m.room.message/${text}`, { msgtype: 'm.text', body: text }))
        .event_id,
    )
  server.clock.turn(60_000)
  const one = await say('one')
  const betweenMs = server.clock.nowMs() + 30_000
  server.clock.turn(60_000)
  const two = await say('two')
  const find = (query: string, user = alice) =>
    user.call('GET', `/_matrix/client/v1/rooms/${roomId}/timestamp_to_event?${query}`)
  assert.equal((await find(`ts=${betweenMs}&dir=b`)).body.event_id, one)
  assert.equal((await find(`ts=${betweenMs}&dir=f`)).body.event_id, two)
  assert.equal((await find(`ts=${betweenMs + 3_600_000}&dir=f`)).status, 404)
  assert.equal((await find('ts=0&dir=b')).status, 404)
  assert.equal((await find('ts=x&dir=b')).status, 400)
  assert.equal((await find(`ts=${betweenMs}&dir=f`, bob)).status, 403)
})
