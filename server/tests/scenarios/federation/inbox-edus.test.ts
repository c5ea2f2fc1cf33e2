/** What other servers tell besides events: each only about its own users, and only where they are. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { type PeerLine, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
let peer: Peer
let ann: TestUser
let line: PeerLine

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  ann = await server.register('ann')
  line = await openLine()
})
after(async () => {
  await server.close()
  await peer.close()
})

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

async function openLine(): Promise<PeerLine> {
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  return startLine(peer, await joinAsPeer(peer, server, roomId))
}

const tell = (type: string, content: JsonObject, more: JsonObject[] = []) =>
  sendTransaction(peer, server, [], [...more, { edu_type: type, content }])

async function sinceNow(): Promise<string> {
  return String((await ann.ok('GET', 'sync')).next_batch)
}

/** The ephemeral event of that type in the room, once there is news of it. */
async function ephemeralOf(since: string, type: string): Promise<AnyJson> {
  const sync: AnyJson = await ann.ok('GET', `sync?since=${since}&timeout=3000`)
  const events = sync.rooms?.join?.[line.room.roomId]?.ephemeral?.events ?? []
  return events.find((event: AnyJson) => event.type === type)?.content
}

describe('typing', () => {
  const typing = (userId: string, roomId: string, isTyping = true) =>
    ({ edu_type: 'm.typing', content: { user_id: userId, room_id: roomId, typing: isTyping } }) as JsonObject

  it('is shown of users of that server who are in the room, and of nobody else', async () => {
    const { roomId } = line.room
    const since = await sinceNow()
    const outside = `@outside:${peer.name}`
    const edus = [typing(ann.userId, roomId), typing(outside, roomId), typing(line.userId, '!none:x'), { edu_type: 1 }]
    await sendTransaction(peer, server, [], [...edus, typing(line.userId, roomId)])
    assert.deepEqual((await ephemeralOf(since, 'm.typing')).user_ids, [line.userId])
    const next = await sinceNow()
    await sendTransaction(peer, server, [], [typing(line.userId, roomId, false)])
    assert.deepEqual((await ephemeralOf(next, 'm.typing')).user_ids, [])
  })

  it('ends by itself if nothing more is heard', async () => {
    const { typing: kept } = server.program.components.ephemeral
    const { rooms } = server.program.components
    const { room } = (await rooms.findRoom(line.room.roomId))!
    await sendTransaction(peer, server, [], [typing(line.userId, line.room.roomId)])
    assert.equal(kept.find(room)?.users.length, 1)
    server.clock.turn(61_000)
    await sendTransaction(peer, server, [], [typing(line.userId, line.room.roomId, false)])
    assert.equal(kept.find(room)?.users.length, 0)
  })
})

describe('receipts', () => {
  const receipt = (userId: string, eventId: string, more: JsonObject = {}) =>
    ({ [userId]: { event_ids: [eventId], data: { ts: 1234, ...more } } }) as JsonObject

  it('are shown with their time and thread', async () => {
    const { roomId } = line.room
    const root = line.say('root')
    const reply = line.say('reply')
    await sendTransaction(peer, server, [root, reply])
    const since = await sinceNow()
    await tell('m.receipt', { [roomId]: { 'm.read': receipt(line.userId, root.eventId) } })
    const told = await ephemeralOf(since, 'm.receipt')
    assert.deepEqual(told, { [root.eventId]: { 'm.read': { [line.userId]: { ts: 1234 } } } })
    const next = await sinceNow()
    const inThread = receipt(line.userId, reply.eventId, { thread_id: root.eventId })
    await tell('m.receipt', { [roomId]: { 'm.read': inThread } })
    const threaded = await ephemeralOf(next, 'm.receipt')
    assert.deepEqual(threaded[reply.eventId]['m.read'][line.userId], { ts: 1234, thread_id: root.eventId })
  })

  it('of others, of events elsewhere and of unknown threads are ignored', async () => {
    const { roomId } = line.room
    const here = line.say('here')
    const elsewhere = await openLine()
    const there = elsewhere.say('there')
    await sendTransaction(peer, server, [here, there])
    const since = await sinceNow()
    const bad = [
      { [roomId]: { 'm.read': receipt(ann.userId, here.eventId) } },
      { [roomId]: { 'm.read': receipt(`@outside:${peer.name}`, here.eventId) } },
      { [roomId]: { 'm.read': receipt(line.userId, there.eventId) } },
      { [roomId]: { 'm.read': receipt(line.userId, '$unknown') } },
      { [roomId]: { 'm.read': receipt(line.userId, here.eventId, { thread_id: '$unknown' }) } },
      { '!unknown:x': { 'm.read': receipt(line.userId, here.eventId) } },
    ]
    const edus = bad.map((content) => ({ edu_type: 'm.receipt', content }))
    await tell('m.receipt', { [roomId]: { 'm.read': receipt(line.userId, here.eventId) } }, edus)
    const told = await ephemeralOf(since, 'm.receipt')
    assert.deepEqual(told, { [here.eventId]: { 'm.read': { [line.userId]: { ts: 1234 } } } })
  })
})

describe('presence', () => {
  it('is shown of users who share a room, and of nobody else', async () => {
    const since = await sinceNow()
    const push = [line.userId, `@outside:${peer.name}`, ann.userId].map((user_id) => ({
      ...{ user_id, presence: 'online', last_active_ago: 5000, currently_active: true, status_msg: 'told' },
    }))
    await tell('m.presence', { push })
    const content = await waitFor('presence', async () => {
      const sync: AnyJson = await ann.ok('GET', `sync?since=${since}&timeout=2000`)
      return sync.presence?.events.find((event: AnyJson) => event.sender === line.userId)?.content
    })
    assert.deepEqual([content.presence, content.status_msg], ['online', 'told'])
    const own = await ann.ok('GET', `presence/${encodeURIComponent(ann.userId)}/status`)
    assert.equal(own.status_msg, undefined)
  })
})

describe('changes of devices', () => {
  it('are told to those who share a room with the user', async () => {
    const since = await sinceNow()
    const stranger = `@outside:${peer.name}`
    const update = (user_id: string) => ({ user_id, device_id: 'D', stream_id: 1, prev_id: [] })
    await tell('m.device_list_update', update(line.userId), [
      { edu_type: 'm.device_list_update', content: update(stranger) },
      { edu_type: 'm.signing_key_update', content: { user_id: ann.userId, master_key: {} } },
    ])
    const sync: AnyJson = await ann.ok('GET', `sync?since=${since}&timeout=2000`)
    assert.deepEqual(sync.device_lists.changed, [line.userId])
    await tell('m.signing_key_update', { user_id: line.userId, master_key: {}, self_signing_key: {} })
    const next: AnyJson = await ann.ok('GET', `sync?since=${sync.next_batch}&timeout=2000`)
    assert.deepEqual(next.device_lists.changed, [line.userId])
  })
})

describe('messages to devices', () => {
  const message = (message_id: string, sender: string, messages: JsonObject) =>
    ({ edu_type: 'm.direct_to_device', content: { sender, type: 'm.test', message_id, messages } }) as JsonObject
  const toAnn = (body: string) => ({ [ann.userId]: { [ann.deviceId]: { body } } })
  const read = async (since: string) => {
    const sync: AnyJson = await ann.ok('GET', `sync?since=${since}`)
    return (sync.to_device?.events ?? []).map((event: AnyJson) => [event.sender, event.type, event.content.body])
  }

  it('arrive once for each message ID, after a restart too, and from users of that server alone', async () => {
    const since = await sinceNow()
    const edus = [
      message('m1', line.userId, toAnn('one')),
      message('m1', line.userId, toAnn('one again')),
      message('m2', ann.userId, toAnn('forged')),
      message('m3', line.userId, { [`@x:${peer.name}`]: { D: {} }, '@unknown:test.example': { D: {} } }),
      message('m4', line.userId, { [ann.userId]: { '*': { body: 'to all' }, NODEVICE: { body: 'to none' } } }),
    ]
    await sendTransaction(peer, server, [], edus)
    await sendTransaction(peer, server, [], edus)
    await server.restart()
    await sendTransaction(peer, server, [], edus)
    assert.deepEqual(await read(since), [
      [line.userId, 'm.test', 'one'],
      [line.userId, 'm.test', 'to all'],
    ])
  })
})

describe('a room that shuts the server out', () => {
  it('hears neither typing nor receipts of it', async () => {
    const closed = await openLine()
    const event = closed.say('before')
    await sendTransaction(peer, server, [event])
    const path = `rooms/${encodeURIComponent(closed.room.roomId)}/state/m.room.server_acl/`
    await ann.ok('PUT', path, { allow: ['*'], deny: ['localhost'] })
    const since = await sinceNow()
    const { roomId } = closed.room
    await tell('m.typing', { user_id: line.userId, room_id: roomId, typing: true })
    const read = { [line.userId]: { event_ids: [event.eventId], data: { ts: 1 } } }
    await tell('m.receipt', { [roomId]: { 'm.read': read } })
    const sync: AnyJson = await ann.ok('GET', `sync?since=${since}`)
    assert.equal(sync.rooms?.join?.[roomId]?.ephemeral, undefined)
  })
})
