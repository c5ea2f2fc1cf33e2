/** Typing, receipts, read markers and account data in /sync. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { errcodeOf, makeRoom, say } from '../../kit/rooms.ts'
import { type AnyJson, joinedIn, openClient, openSyncHouse, type SyncHouse } from '../../kit/sync.ts'

let server: SyncHouse
before(async () => {
  server = await openSyncHouse()
})
after(() => server.close())

async function openPair(prefix: string) {
  const alice = await openClient(server, `alice-${prefix}`)
  const bob = await openClient(server, `bob-${prefix}`)
  const roomId = await makeRoom(server.house, alice.user)
  await server.house.parts.flows.join(bob.user, roomId, {})
  const eventId = await say(server.house, alice.user, roomId, 'first')
  await alice.sync()
  await bob.sync()
  return { alice, bob, roomId, eventId, sync: server.parts.sync }
}

function ephemeralIn(reply: AnyJson, roomId: string, type: string): AnyJson {
  return reply.rooms?.join?.[roomId]?.ephemeral.events.find((event: AnyJson) => event.type === type)?.content
}

test('typing starts, stops and ends by itself', async () => {
  const { alice, bob, roomId, sync } = await openPair('typing')
  await sync.setTyping(bob.user, roomId, 30_000)
  assert.deepEqual(ephemeralIn(await alice.sync(), roomId, 'm.typing'), { user_ids: [bob.user.userId] })
  assert.equal((await alice.sync()).rooms, undefined)
  await sync.setTyping(bob.user, roomId, undefined)
  assert.deepEqual(ephemeralIn(await alice.sync(), roomId, 'm.typing'), { user_ids: [] })
  await sync.setTyping(bob.user, roomId, 1)
  await alice.sync()
  const ended = await alice.sync({ timeout: 5_000 })
  assert.deepEqual(ephemeralIn(ended, roomId, 'm.typing'), { user_ids: [] })
  const stranger = await openClient(server, 'stranger-typing')
  assert.equal(await errcodeOf(sync.setTyping(stranger.user, roomId, 1)), 'M_FORBIDDEN')
})

test('who leaves types no more', async () => {
  const { alice, bob, roomId, sync } = await openPair('typing-leave')
  await sync.setTyping(bob.user, roomId, 30_000)
  await alice.sync()
  await server.house.parts.flows.leave(bob.user, roomId)
  assert.deepEqual(ephemeralIn(await alice.sync(), roomId, 'm.typing'), { user_ids: [] })
})

test('public receipts are told to all, private ones only to their owner', async () => {
  const { alice, bob, roomId, eventId, sync } = await openPair('receipts')
  await sync.sendReceipt(bob.user, { roomId, type: 'm.read', eventId, threadId: undefined })
  const told = ephemeralIn(await alice.sync(), roomId, 'm.receipt')
  assert.equal(typeof told[eventId]['m.read'][bob.user.userId].ts, 'number')
  await bob.sync()
  const next = await say(server.house, alice.user, roomId, 'second')
  await alice.sync()
  await sync.sendReceipt(bob.user, { roomId, type: 'm.read.private', eventId: next, threadId: undefined })
  assert.equal((await alice.sync()).rooms, undefined)
  assert.ok(ephemeralIn(await bob.sync(), roomId, 'm.receipt')[next]['m.read.private'][bob.user.userId])
  const fresh = await openClient(server, 'alice-receipts', 'FRESH')
  const all = ephemeralIn(await fresh.sync(), roomId, 'm.receipt')
  assert.ok(all[eventId]['m.read'][bob.user.userId])
  assert.equal(all[next], undefined)
})

test('a receipt does not go back', async () => {
  const { alice, bob, roomId, eventId, sync } = await openPair('back')
  const next = await say(server.house, alice.user, roomId, 'second')
  await sync.sendReceipt(bob.user, { roomId, type: 'm.read', eventId: next, threadId: undefined })
  await alice.sync()
  await sync.sendReceipt(bob.user, { roomId, type: 'm.read', eventId, threadId: undefined })
  assert.equal((await alice.sync()).rooms, undefined)
})

test('threaded receipts stand beside the unthreaded one; a thread that is none is refused', async () => {
  const { alice, bob, roomId, eventId, sync } = await openPair('threads')
  const content = { body: 'in thread', msgtype: 'm.text', 'm.relates_to': { rel_type: 'm.thread', event_id: eventId } }
  const reply = await server.house.parts.flows.send(alice.user, { roomId, type: 'm.room.message', content })
  await alice.sync()
  await sync.sendReceipt(bob.user, { roomId, type: 'm.read', eventId: reply.eventId, threadId: eventId })
  const told = ephemeralIn(await alice.sync(), roomId, 'm.receipt')
  assert.equal(told[reply.eventId]['m.read'][bob.user.userId].thread_id, eventId)
  const both = { roomId, type: 'm.read', eventId: reply.eventId } as const
  await sync.sendReceipt(bob.user, { ...both, threadId: undefined })
  const next = joinedIn(await alice.sync(), roomId).ephemeral.events
  assert.equal(next[0].content[reply.eventId]['m.read'][bob.user.userId].thread_id, undefined)
  const fresh = joinedIn(await (await openClient(server, 'alice-threads', 'FRESH')).sync(), roomId).ephemeral.events
  assert.equal(fresh.filter((event: AnyJson) => event.content[reply.eventId]).length, 2)
  const refused = (threadId: unknown, type: 'm.read' | 'm.fully_read' = 'm.read') =>
    errcodeOf(sync.sendReceipt(bob.user, { roomId, type, eventId: reply.eventId, threadId }))
  assert.equal(await refused(''), 'M_INVALID_PARAM')
  assert.equal(await refused(5), 'M_INVALID_PARAM')
  assert.equal(await refused('main'), 'M_INVALID_PARAM')
  assert.equal(await refused('$other'), 'M_INVALID_PARAM')
  assert.equal(await refused(eventId, 'm.fully_read'), 'M_INVALID_PARAM')
})

test('receipts outlive a restart and are told once to who was away', async () => {
  const { alice, bob, roomId, eventId, sync } = await openPair('receipt-restart')
  await sync.sendReceipt(bob.user, { roomId, type: 'm.read', eventId, threadId: undefined })
  await server.restart()
  assert.ok(ephemeralIn(await alice.sync(), roomId, 'm.receipt')[eventId])
  assert.equal((await alice.sync()).rooms, undefined)
})

test('read markers become account data and receipts', async () => {
  const { alice, bob, roomId, eventId } = await openPair('markers')
  await server.parts.sync.setReadMarkers(bob.user, roomId, { fullyRead: eventId, read: eventId })
  const reply = await bob.sync()
  assert.deepEqual(joinedIn(reply, roomId).account_data.events, [
    { type: 'm.fully_read', content: { event_id: eventId } },
  ])
  assert.ok(ephemeralIn(await alice.sync(), roomId, 'm.receipt')[eventId])
  const unknown = server.parts.sync.setReadMarkers(bob.user, roomId, { fullyRead: '$none' as never })
  assert.equal(await errcodeOf(unknown), 'M_NOT_FOUND')
})

test('account data is told once, whole at first', async () => {
  const { alice, bob, roomId } = await openPair('account')
  const { users } = server.parts
  await users.putAccountData(bob.user.user, null, 'org.example.global', { a: 1 })
  await users.putAccountData(
    bob.user.user,
    roomIdNumber(await server.house.parts.names.find([roomId])),
    'org.example.room',
    {
      b: 2,
    },
  )
  const reply = await bob.sync()
  assert.deepEqual(reply.account_data.events, [{ type: 'org.example.global', content: { a: 1 } }])
  assert.deepEqual(joinedIn(reply, roomId).account_data.events, [{ type: 'org.example.room', content: { b: 2 } }])
  assert.equal((await bob.sync()).account_data, undefined)
  assert.equal((await alice.sync()).account_data, undefined)
  const fresh = await openClient(server, 'bob-account', 'FRESH')
  const whole = await fresh.sync()
  assert.ok(whole.account_data.events.some((event: AnyJson) => event.type === 'm.push_rules'))
  assert.ok(whole.account_data.events.some((event: AnyJson) => event.type === 'org.example.global'))
  assert.equal(joinedIn(whole, roomId).account_data.events.length, 1)
  const filtered = await fresh.peek({ since: undefined, filter: '{"account_data":{"types":["m.push*"]}}' })
  assert.deepEqual(
    filtered.account_data.events.map((event: AnyJson) => event.type),
    ['m.push_rules'],
  )
})

function roomIdNumber([room]: (number | undefined)[]): number {
  return room!
}
