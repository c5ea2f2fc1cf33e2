/** Unread counts: what notifies, what reading clears, threads apart. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { EventId, RoomId } from '@parallax/protocol'
import { makeRoom, say, setState, type TestUser } from '../../kit/rooms.ts'
import { joinedIn, openClient, openSyncHouse, type SyncHouse } from '../../kit/sync.ts'
import { waitFor } from '../../kit/wait-for.ts'

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

async function sayMany(user: TestUser, roomId: RoomId, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, (_, index) => say(server.house, user, roomId, `${index}`)))
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

test('a new display name reads nothing, not even after a restart; a new join does', async () => {
  const { alice, bob, roomId } = await openPair('renamed')
  await say(server.house, alice.user, roomId, '1')
  const content = { membership: 'join', displayname: 'Robert' }
  await setState(server.house, bob.user, roomId, ['m.room.member', bob.user.userId], content)
  const count = async () => joinedIn(await bob.sync(), roomId).unread_notifications.notification_count
  assert.equal(await count(), 1)
  await server.restart()
  await say(server.house, alice.user, roomId, '2')
  assert.equal(await count(), 2)
  await server.house.parts.flows.leave(bob.user, roomId, undefined)
  await say(server.house, alice.user, roomId, '3')
  await server.house.parts.flows.join(bob.user, roomId, {})
  assert.equal(await count(), 0)
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
  assert.equal(allRead.unread_thread_notifications, undefined)
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

test('each receipt clears what stands before it, in its thread only unless it names none', async () => {
  const { alice, bob, roomId } = await openPair('receipts')
  const mention = { 'm.mentions': { user_ids: [bob.user.userId] } }
  const sendTo = async (type: string, content: object) =>
    (await server.house.parts.flows.send(alice.user, { roomId, type, content: content as never })).eventId
  const related = (relation: object, more: object = {}) =>
    sendTo('m.room.message', { body: 'x', msgtype: 'm.text', 'm.relates_to': relation, ...more })
  const read = (eventId: EventId, threadId?: string) =>
    server.parts.sync.sendReceipt(bob.user, { roomId, type: 'm.read', eventId, threadId })
  /** Notifications and highlights: of all, of the main timeline, of the thread. */
  const counts = async () => {
    const whole = joinedIn(await bob.peek(), roomId).unread_notifications
    const room = joinedIn(await bob.peek({ filter: perThread }), roomId)
    const thread = room.unread_thread_notifications?.[root]
    const pairs = [whole, room.unread_notifications, thread]
    return pairs.map((pair) => pair && [pair.notification_count, pair.highlight_count])
  }

  const root = await say(server.house, alice.user, roomId, 'root')
  const reply = await sayInThread(alice.user, roomId, root, 'reply')
  await related({ rel_type: 'm.thread', event_id: root }, mention)
  const inMain = await sendTo('m.room.message', { body: 'you', msgtype: 'm.text', ...mention })
  await sayInThread(alice.user, roomId, root, 'last reply')
  const reference = await related({ rel_type: 'm.reference', event_id: root })
  const annotation = { rel_type: 'm.annotation', event_id: reference, key: 'yes' }
  const reaction = await sendTo('m.reaction', { 'm.relates_to': annotation })
  // biome-ignore format: one line for each receipt
  const steps: [read: () => Promise<unknown>, all: number[], main: number[], thread: number[] | undefined][] = [
    [async () => {}, [6, 2], [3, 1], [3, 1]],
    [() => read(root, 'main'), [5, 2], [2, 1], [3, 1]],
    [() => read(reply, root), [4, 2], [2, 1], [2, 1]],
    [() => read(inMain), [2, 0], [1, 0], [1, 0]],
    [() => read(reaction, root), [1, 0], [1, 0], undefined],
  ]
  for (const [step, ...expected] of steps) {
    await step()
    assert.deepEqual(await counts(), expected)
  }
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

test('of very many events the newest count at once, the others soon after, and the client is told', async () => {
  const { alice, bob, roomId } = await openPair('many')
  const mention = { body: 'hey', msgtype: 'm.text', 'm.mentions': { user_ids: [bob.user.userId] } }
  await server.house.parts.flows.send(alice.user, { roomId, type: 'm.room.message', content: mention })
  await sayMany(alice.user, roomId, 40)
  await say(server.house, bob.user, roomId, 'read so far')
  await server.house.parts.flows.send(alice.user, { roomId, type: 'm.room.message', content: mention })
  await sayMany(alice.user, roomId, 699)
  const atOnce = joinedIn(await bob.sync(), roomId).unread_notifications
  assert.deepEqual(atOnce, { notification_count: 300, highlight_count: 0 })
  const later = joinedIn(await bob.sync({ timeout: 5000 }), roomId)
  assert.deepEqual(later.unread_notifications, { notification_count: 700, highlight_count: 1 })
  assert.deepEqual(later.timeline.events, [])
})

test('a second absence before all was counted counts nothing twice', async () => {
  const { alice, bob, roomId } = await openPair('twice')
  await sayMany(alice.user, roomId, 1)
  assert.equal(joinedIn(await bob.sync(), roomId).unread_notifications.notification_count, 1)
  await sayMany(alice.user, roomId, 20)
  const eventId = await say(server.house, alice.user, roomId, 'up to here')
  await sayMany(alice.user, roomId, 310)
  const first = joinedIn(await bob.peek(), roomId).unread_notifications.notification_count
  assert.equal(first, 301, 'the one of before, and the newest')
  await sayMany(alice.user, roomId, 310)
  assert.equal(joinedIn(await bob.peek(), roomId).unread_notifications.notification_count >= 301, true)
  const count = async () => joinedIn(await bob.peek(), roomId).unread_notifications.notification_count
  await waitFor('all to be counted', async () => ((await count()) === 642 ? true : undefined), 5000)
  await server.parts.sync.sendReceipt(bob.user, { roomId, type: 'm.read', eventId, threadId: undefined })
  assert.equal(joinedIn(await bob.sync(), roomId).unread_notifications.notification_count, 620)
})
