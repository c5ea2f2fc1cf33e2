/** Lazy-loaded members: only who speaks, and nobody twice. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import { makeRoom, say } from '../../kit/rooms.ts'
import { type AnyJson, joinedIn, openClient, openSyncHouse, type SyncHouse, type TestClient } from '../../kit/sync.ts'

let server: SyncHouse
before(async () => {
  server = await openSyncHouse()
})
after(() => server.close())

const lazy = JSON.stringify({ room: { state: { lazy_load_members: true }, timeline: { limit: 1 } } })
const redundant = JSON.stringify({
  room: { state: { lazy_load_members: true, include_redundant_members: true }, timeline: { limit: 1 } },
})

function membersIn(room: AnyJson, field = 'state'): string[] {
  return room[field].events
    .filter((event: AnyJson) => event.type === 'm.room.member')
    .map((event: AnyJson) => event.state_key)
    .sort()
}

async function openRoom(prefix: string): Promise<{ clients: TestClient[]; roomId: RoomId }> {
  const clients = []
  for (const name of ['a', 'b', 'c', 'd']) clients.push(await openClient(server, `${name}-${prefix}`))
  const roomId = await makeRoom(server.house, clients[0]!.user, { name: prefix })
  for (const client of clients.slice(1)) await server.house.parts.flows.join(client.user, roomId, {})
  return { clients, roomId }
}

test('an initial sync has the members who speak, and oneself', async () => {
  const { clients, roomId } = await openRoom('initial')
  const [a, b] = clients as [TestClient, TestClient]
  await say(server.house, b.user, roomId, 'hello')
  const room = joinedIn(await a.sync({ filter: lazy }), roomId)
  assert.deepEqual(membersIn(room), [a.user.userId, b.user.userId])
  assert.ok(room.state.events.some((event: AnyJson) => event.type === 'm.room.create'))
})

test('a member is sent once, unless the reply got lost or the filter wants repeats', async () => {
  const { clients, roomId } = await openRoom('once')
  const [a, b, c] = clients as [TestClient, TestClient, TestClient]
  await say(server.house, a.user, roomId, 'mine')
  await a.sync({ filter: lazy })
  await say(server.house, b.user, roomId, '1')
  assert.deepEqual(membersIn(joinedIn(await a.peek({ filter: lazy }), roomId)), [b.user.userId])
  assert.deepEqual(membersIn(joinedIn(await a.sync({ filter: lazy }), roomId)), [b.user.userId])
  await say(server.house, b.user, roomId, '2')
  assert.deepEqual(membersIn(joinedIn(await a.sync({ filter: lazy }), roomId)), [])
  await say(server.house, c.user, roomId, '3')
  assert.deepEqual(membersIn(joinedIn(await a.sync({ filter: lazy }), roomId)), [c.user.userId])
  await say(server.house, b.user, roomId, '4')
  assert.deepEqual(membersIn(joinedIn(await a.sync({ filter: redundant }), roomId)), [b.user.userId])
})

test('changes of members in a gap are told even if nobody needs them', async () => {
  const { clients, roomId } = await openRoom('gap')
  const [a, b, c, d] = clients as [TestClient, TestClient, TestClient, TestClient]
  await a.sync({ filter: lazy })
  await server.house.parts.flows.leave(d.user, roomId)
  await say(server.house, b.user, roomId, '1')
  await say(server.house, c.user, roomId, '2')
  const room = joinedIn(await a.sync({ filter: lazy }), roomId)
  assert.equal(room.timeline.limited, true)
  assert.deepEqual(membersIn(room), [c.user.userId, d.user.userId])
})

test('the state after the timeline has the senders too', async () => {
  const { clients, roomId } = await openRoom('after')
  const [a, b] = clients as [TestClient, TestClient]
  await say(server.house, a.user, roomId, 'mine')
  await a.sync({ filter: lazy })
  await say(server.house, b.user, roomId, '1')
  const room = joinedIn(await a.sync({ filter: lazy, use_state_after: true }), roomId)
  assert.deepEqual(membersIn(room, 'state_after'), [b.user.userId])
})

test('heroes come with their member events', async () => {
  const clients = []
  for (const name of ['a', 'b', 'c']) clients.push(await openClient(server, `${name}-heroes`))
  const [a, b, c] = clients as [TestClient, TestClient, TestClient]
  const roomId = await makeRoom(server.house, a.user)
  for (const client of [b, c]) await server.house.parts.flows.join(client.user, roomId, {})
  await say(server.house, a.user, roomId, 'mine')
  const room = joinedIn(await a.sync({ filter: lazy }), roomId)
  assert.deepEqual(room.summary['m.heroes'], [b.user.userId, c.user.userId])
  assert.deepEqual(membersIn(room), [a.user.userId, b.user.userId, c.user.userId])
})
