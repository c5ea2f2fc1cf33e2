/** Unread counts: what notifies, what reading clears, threads apart. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { EventId, RoomId } from '@parallax/protocol'
import { makeRoom, say, type TestUser } from '../../kit/rooms.ts'
import { joinedIn, openClient, openSyncHouse, type SyncHouse } from '../../kit/sync.ts'

let server: SyncHouse
before(async () => {
  server = await openSyncHouse()
})
after(() => server.close())

const perThread = JSON.stringify({ room: { timeline: { unread_thread_notifications: true } } })

async function openPair(prefix: string) {
  const alice = await openClient(server, `alice-${prefix}`)
  const bob = await openClient(server, `bob-${prefix}`)
  const roomId = await makeRoom(server.house, alice.user)
  await server.house.parts.flows.join(bob.user, roomId, {})
  await bob.sync()
  return { alice, bob, roomId }
}

async function sayInThread(user: TestUser, roomId: RoomId, root: EventId, body: string): Promise<EventId> {
  const content = { body, msgtype: 'm.text', 'm.relates_to': { rel_type: 'm.thread', event_id: root } }
  return (await server.house.parts.flows.send(user, { roomId, type: 'm.room.message', content })).eventId
}

test('messages of others count, mentions highlight, a receipt clears', async () => {
  const { alice, bob, roomId } = await openPair('count')
  await say(server.house, alice.user, roomId, '1')
  const content = { body: 'hey', msgtype: 'm.text', 'm.mentions': { user_ids: [bob.user.userId] } }
  const second = await server.house.parts.flows.send(alice.user, { roomId, type: 'm.room.message', content })
  await say(server.house, alice.user, roomId, '3')
  const room = joinedIn(await bob.sync(), roomId)
  assert.deepEqual(room.unread_notifications, { notification_count: 3, highlight_count: 1 })
  const receipt = { roomId, type: 'm.read.private', threadId: undefined } as const
  await server.parts.sync.sendReceipt(bob.user, { ...receipt, eventId: second.eventId })
  const read = joinedIn(await bob.sync(), roomId)
  assert.deepEqual(read.unread_notifications, { notification_count: 1, highlight_count: 0 })
  assert.deepEqual(joinedIn(await alice.sync(), roomId).unread_notifications, {
    notification_count: 0,
    highlight_count: 0,
  })
})

test('who speaks has read', async () => {
  const { alice, bob, roomId } = await openPair('speak')
  await say(server.house, alice.user, roomId, '1')
  await say(server.house, bob.user, roomId, '2')
  await say(server.house, alice.user, roomId, '3')
  const room = joinedIn(await bob.sync(), roomId)
  assert.deepEqual(room.unread_notifications, { notification_count: 1, highlight_count: 0 })
})

test('threads are counted apart if asked for, and cleared apart', async () => {
  const { alice, bob, roomId } = await openPair('threads')
  const root = await say(server.house, alice.user, roomId, 'root')
  const reply = await sayInThread(alice.user, roomId, root, 'reply')
  const apart = joinedIn(await bob.peek({ filter: perThread }), roomId)
  assert.deepEqual(apart.unread_notifications, { notification_count: 1, highlight_count: 0 })
  assert.deepEqual(apart.unread_thread_notifications, { [root]: { notification_count: 1, highlight_count: 0 } })
  assert.equal(joinedIn(await bob.peek(), roomId).unread_notifications.notification_count, 2)
  const receipt = { roomId, type: 'm.read' } as const
  await server.parts.sync.sendReceipt(bob.user, { ...receipt, eventId: root, threadId: 'main' })
  const mainRead = joinedIn(await bob.peek({ filter: perThread }), roomId)
  assert.equal(mainRead.unread_notifications.notification_count, 0)
  assert.equal(mainRead.unread_thread_notifications[root].notification_count, 1)
  await server.parts.sync.sendReceipt(bob.user, { ...receipt, eventId: reply, threadId: root })
  const allRead = joinedIn(await bob.sync({ filter: perThread }), roomId)
  assert.deepEqual(allRead.unread_thread_notifications, {})
})

test('an event related to a thread counts for the thread', async () => {
  const { alice, bob, roomId } = await openPair('hops')
  const root = await say(server.house, alice.user, roomId, 'root')
  const reply = await sayInThread(alice.user, roomId, root, 'reply')
  const relation = { rel_type: 'org.example.reference', event_id: reply }
  const content = { body: 'about it', msgtype: 'm.text', 'm.relates_to': relation }
  await server.house.parts.flows.send(alice.user, { roomId, type: 'm.room.message', content })
  const room = joinedIn(await bob.sync({ filter: perThread }), roomId)
  assert.equal(room.unread_thread_notifications[root].notification_count, 2)
})

test('push rules of the user decide; a redacted event counts no more', async () => {
  const { alice, bob, roomId } = await openPair('rules')
  const eventId = await say(server.house, alice.user, roomId, '1')
  assert.equal(joinedIn(await bob.sync(), roomId).unread_notifications.notification_count, 1)
  await server.house.parts.flows.redact(alice.user, { roomId, eventId, content: {}, transactionId: 'r1' } as never)
  assert.equal(joinedIn(await bob.sync(), roomId).unread_notifications.notification_count, 0)
  await server.parts.users.putPushRule(bob.user.user, 'room', roomId, { actions: [] }, {})
  await bob.sync()
  await say(server.house, alice.user, roomId, '2')
  assert.equal(joinedIn(await bob.sync(), roomId).unread_notifications.notification_count, 0)
})

test('counts are the same after a restart', async () => {
  const { alice, bob, roomId } = await openPair('restart')
  for (const text of ['1', '2', '3']) await say(server.house, alice.user, roomId, text)
  const eventId = await say(server.house, alice.user, roomId, '4')
  await say(server.house, alice.user, roomId, '5')
  await server.parts.sync.sendReceipt(bob.user, { roomId, type: 'm.read', eventId, threadId: undefined })
  await server.restart()
  assert.equal(joinedIn(await bob.sync(), roomId).unread_notifications.notification_count, 1)
})
