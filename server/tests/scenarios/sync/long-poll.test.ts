/** Polls that wait: woken by what concerns them, by nothing else. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { bodiesOf, errcodeOf, makeRoom, say } from '../../kit/rooms.ts'
import { joinedIn, openClient, openSyncHouse, type SyncHouse } from '../../kit/sync.ts'

let server: SyncHouse
before(async () => {
  server = await openSyncHouse()
})
after(() => server.close())

/** True if the promise has not settled after a while in which wake-ups happen. */
async function isWaiting(promise: Promise<unknown>): Promise<boolean> {
  const pause = new Promise((resolve) => setTimeout(resolve, 60, 'waiting'))
  return (await Promise.race([promise.then(() => 'settled'), pause])) === 'waiting'
}

test('a poll is answered by an event in a joined room and by nothing in others', async () => {
  const alice = await openClient(server, 'alice-wake')
  const bob = await openClient(server, 'bob-wake')
  const shared = await makeRoom(server.house, alice.user)
  const foreign = await makeRoom(server.house, alice.user)
  await server.house.parts.flows.join(bob.user, shared, {})
  await bob.sync()
  const poll = bob.sync({ timeout: 30_000 })
  await say(server.house, alice.user, foreign, 'not for bob')
  assert.ok(await isWaiting(poll))
  await say(server.house, alice.user, shared, 'for bob')
  assert.deepEqual(bodiesOf(joinedIn(await poll, shared).timeline.events), ['for bob'])
})

test('an invite, account data and receipts wake; the end of the time answers with nothing', async () => {
  const alice = await openClient(server, 'alice-kinds')
  const bob = await openClient(server, 'bob-kinds')
  const roomId = await makeRoom(server.house, alice.user, { preset: 'private_chat' })
  await bob.sync()
  const invited = bob.sync({ timeout: 30_000 })
  await server.house.parts.flows.invite(alice.user, roomId, bob.user.userId)
  assert.ok((await invited).rooms.invite[roomId])
  const stored = bob.sync({ timeout: 30_000 })
  await server.parts.users.putAccountData(bob.user.user, null, 'org.example.x', {})
  assert.equal((await stored).account_data.events.length, 1)
  const startMs = Date.now()
  const empty = await bob.sync({ timeout: 120 })
  assert.ok(Date.now() - startMs >= 100)
  assert.deepEqual(
    Object.keys(empty).filter((key) => key === 'rooms' || key === 'account_data'),
    [],
  )
})

test('a time-out while others talk moves the token past their talk', async () => {
  const alice = await openClient(server, 'alice-talk')
  const bob = await openClient(server, 'bob-talk')
  const roomId = await makeRoom(server.house, alice.user)
  await bob.sync()
  const before = Number(bob.since!.slice(1))
  const poll = bob.sync({ timeout: 200 })
  for (const text of ['1', '2', '3']) await say(server.house, alice.user, roomId, text)
  await poll
  assert.ok(Number(bob.since!.slice(1)) > before)
  assert.equal((await bob.sync()).rooms, undefined)
})

test('a client that goes away is forgotten; the end of its session ends its polls', async () => {
  const bob = await openClient(server, 'bob-gone')
  await bob.sync()
  const controller = new AbortController()
  const left = bob.sync({ timeout: 30_000 }, controller.signal)
  setTimeout(() => controller.abort(), 10)
  await left
  const ended = bob.sync({ timeout: 30_000 })
  setTimeout(() => {
    server.house.parts.journal.announce({ kind: 'session-ended', user: bob.user.user, device: bob.user.deviceId })
  }, 10)
  assert.equal(await errcodeOf(ended), 'M_UNKNOWN_TOKEN')
})

test('fifty polls of one room are all answered with the same event', async () => {
  const alice = await openClient(server, 'alice-fan')
  const roomId = await makeRoom(server.house, alice.user)
  const clients = []
  for (let index = 0; index < 50; index++) {
    const client = await openClient(server, `fan-${index}`)
    await server.house.parts.flows.join(client.user, roomId, {})
    clients.push(client)
  }
  for (const client of clients) await client.sync()
  const polls = clients.map((client) => client.sync({ timeout: 30_000 }))
  await say(server.house, alice.user, roomId, 'to all')
  for (const reply of await Promise.all(polls)) {
    assert.deepEqual(bodiesOf(joinedIn(reply, roomId).timeline.events), ['to all'])
  }
})
