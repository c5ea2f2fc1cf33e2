/** Sliding sync of a room whose members are missing: told to who loads members lazily, else when it is whole. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { hostPartialRoom } from '../../kit/partial-rooms.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { waitFor } from '../../kit/wait-for.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

let server: InProcess
let peer: Peer
let bob: TestUser

before(async () => {
  server = await startFederated('federation: { fasterJoins: true }')
  peer = await startPeer()
  bob = await server.register('bob')
})
after(async () => {
  await server.close()
  await peer.close()
})

async function slide(connection: string, state: readonly string[][], pos = ''): Promise<AnyJson> {
  const path = `/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?timeout=0${pos && `&pos=${pos}`}`
  const list = { ranges: [[0, 9]], timeline_limit: 5, required_state: state }
  const reply = await fetch(`${server.baseUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bob.token}` },
    body: JSON.stringify({ conn_id: connection, lists: { all: list } }),
  })
  assert.equal(reply.status, 200)
  return reply.json()
}

const usersOf = (room: AnyJson) =>
  room.required_state
    .filter((event: AnyJson) => event.type === 'm.room.member')
    .map((event: AnyJson) => event.state_key)

it('a room is held back from who wants all members, until they are here', async () => {
  const host = hostPartialRoom(peer, ['mia', 'ben'])
  const { roomId } = host.room
  await bob.ok('POST', `join/${encodeURIComponent(roomId)}?via=${encodeURIComponent(peer.name)}`)
  const lazily = await slide('lazy', [['m.room.member', '$LAZY']])
  assert.ok(lazily.rooms[roomId])
  const all = [['m.room.member', '*']]
  const during = await slide('all', all)
  assert.equal(during.rooms[roomId], undefined)
  host.release()
  await waitFor('the whole state', async () => {
    return (await server.program.components.rooms.findRoom(roomId as never))?.completeSince
  })
  const whole = (await slide('all', all, during.pos)).rooms[roomId]
  assert.equal(whole.initial, true)
  const users = [bob.userId, ...['host', 'mia', 'ben'].map((name) => `@${name}:${peer.name}`)]
  assert.deepEqual(new Set(usersOf(whole)), new Set(users))
})
