/** A server that speaks of the users of a third one, in the room with it: nothing that it says of them counts. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { JsonObject, JsonValue } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { slowestSend } from '../../kit/latency.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { type PeerLine, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'

let server: InProcess
let peer: Peer
let third: Peer
let ann: TestUser
let line: PeerLine
/** A user of the third server, in the same room. */
let tom: string

before(async () => {
  server = await startFederated('presence: { enabled: true }')
  peer = await startPeer()
  third = await startPeer(10)
  for (const one of [peer, third]) one.answer = () => ({ status: 200, body: { pdus: {} } })
  ann = await server.register('ann')
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await joinAsPeer(third, server, roomId, 'tom')
  tom = `@tom:${third.name}`
  line = startLine(peer, await joinAsPeer(peer, server, roomId))
})
after(async () => {
  await server.close()
  await Promise.all([peer.close(), third.close()])
})

type Edu = { edu_type: JsonValue; content: JsonValue }
const edu = (edu_type: string, content: JsonObject): Edu => ({ edu_type, content })

/** What ann hears once something that the peer may say has come after these. */
async function hear(edus: readonly Edu[]): Promise<JsonObject> {
  const since = String((await ann.ok('GET', 'sync')).next_batch)
  const own = edu('m.typing', { room_id: line.room.roomId, user_id: line.userId, typing: true })
  const ended = edu('m.typing', { room_id: line.room.roomId, user_id: line.userId, typing: false })
  assert.equal((await sendTransaction(peer, server, [], [...edus, own])).status, 200)
  const sync = await ann.ok('GET', `sync?since=${since}&timeout=5000`)
  await sendTransaction(peer, server, [], [ended])
  return sync
}

it('typing, receipts, presence, devices, keys and messages of a third server’s user are ignored', async () => {
  const said = line.say('hello')
  await sendTransaction(peer, server, [said])
  const { roomId } = line.room
  const master = { user_id: tom, usage: ['master'], keys: { 'ed25519:x': 'x' } }
  const sync = await hear([
    edu('m.typing', { room_id: roomId, user_id: tom, typing: true }),
    edu('m.receipt', { [roomId]: { 'm.read': { [tom]: { event_ids: [said.eventId], data: { ts: 1 } } } } }),
    edu('m.presence', { push: [{ user_id: tom, presence: 'online', last_active_ago: 1 }] }),
    edu('m.presence', { push: [{ user_id: ann.userId, presence: 'unavailable', last_active_ago: 1 }] }),
    edu('m.device_list_update', { user_id: tom, device_id: 'D', stream_id: 1, prev_id: [] }),
    edu('m.device_list_update', { user_id: ann.userId, device_id: ann.deviceId, stream_id: 1, deleted: true }),
    edu('m.signing_key_update', { user_id: tom, master_key: master }),
    edu('m.direct_to_device', {
      ...{ sender: tom, type: 'm.test', message_id: 'third' },
      messages: { [ann.userId]: { [ann.deviceId]: {} } },
    }),
  ])
  assert.ok(!JSON.stringify(sync).includes(tom), JSON.stringify(sync))
  assert.ok(JSON.stringify(sync).includes(line.userId))
  assert.equal((sync.device_lists as JsonObject | undefined)?.changed, undefined)
  assert.equal(((await ann.ok('GET', 'devices')).devices as JsonValue[]).length, 1)
  const presence = await ann.call('GET', `presence/${encodeURIComponent(ann.userId)}/status`)
  assert.notEqual(presence.body.presence, 'unavailable')
})

it('nonsense of every kind costs its neighbours nothing', async () => {
  const nonsense: JsonValue[] = [
    null,
    7,
    'text',
    [],
    {},
    { push: 7 },
    { push: [7, {}] },
    { user_id: 7 },
    { messages: [] },
  ]
  const kinds = ['m.typing', 'm.receipt', 'm.presence', 'm.device_list_update', 'm.signing_key_update']
  for (const kind of [...kinds, 'm.direct_to_device', 'org.example.unknown']) {
    const sync = await hear(nonsense.map((content) => ({ edu_type: kind, content })))
    assert.ok(JSON.stringify(sync).includes(line.userId), kind)
  }
})

it('a flood of them holds up nobody who talks', async () => {
  const users = Array.from({ length: 500 }, (_, index) => `@u${index}:${peer.name}`)
  const push = users.map((user_id) => ({ user_id, presence: 'online', last_active_ago: 1 }))
  const read = Object.fromEntries(users.map((user) => [user, { event_ids: ['$x'], data: { ts: 1 } }]))
  const rooms = Array.from({ length: 20 }, (_, index) => [`!${index}:${peer.name}`, { 'm.read': read }])
  const flood = [
    ...Array.from({ length: 10 }, () => edu('m.presence', { push })),
    ...Array.from({ length: 5 }, () => edu('m.receipt', Object.fromEntries(rooms))),
    ...users.slice(0, 60).map((user_id) => edu('m.device_list_update', { user_id, device_id: 'D', stream_id: 1 })),
  ]
  const attack = async () => {
    for (let round = 0; round < 2; round++) {
      assert.equal((await sendTransaction(peer, server, [], flood)).status, 200)
    }
  }
  const unrelated = String((await ann.ok('POST', 'createRoom', {})).room_id)
  // Generous: a send takes some milliseconds, and a stall that users notice is one of seconds.
  const slowestMs = await slowestSend(ann, unrelated, attack())
  assert.ok(slowestMs < 10_000, `a send took ${Math.round(slowestMs)} ms`)
})
