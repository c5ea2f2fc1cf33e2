/** Who is told that somebody is online, idle or away, and when. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { presenceLimits } from '../../../src/presence/limits.ts'
import { syncLimits } from '../../../src/sync/limits.ts'
import { errcodeOf, makeRoom, say } from '../../kit/rooms.ts'
import { type AnyJson, openClient, openSyncHouse, type SyncHouse, type TestClient } from '../../kit/sync.ts'
import { createTurnedClock } from '../../kit/turned-clock.ts'

const clock = createTurnedClock()
let server: SyncHouse
before(async () => {
  server = await openSyncHouse({ clock, hasPresence: true })
})
after(() => server.close())

/** Two users in one room; the clients have what there was to tell of themselves. */
async function openPair(prefix: string) {
  const alice = await openClient(server, `alice-${prefix}`)
  const bob = await openClient(server, `bob-${prefix}`)
  const roomId = await makeRoom(server.house, alice.user)
  await server.house.parts.flows.join(bob.user, roomId, {})
  return { alice, bob, roomId }
}

const seen = (reply: AnyJson, { user }: TestClient): AnyJson =>
  reply.presence?.events.findLast((event: AnyJson) => event.sender === user.userId)?.content

/** Syncs until the viewer hears of the other's presence; what is told then. */
async function hear(viewer: TestClient, other: TestClient, query: object = {}): Promise<AnyJson> {
  for (let round = 0; round < 20; round++) {
    clock.turn(presenceLimits.tellEveryMs)
    const content = seen(await viewer.sync({ timeout: 100, set_presence: 'offline', ...query }), other)
    if (content !== undefined) return content
  }
  return assert.fail(`nothing is heard of ${other.user.userId}`)
}

/** True if nothing is told of the other for a while. */
async function hearsNothing(viewer: TestClient, other: TestClient): Promise<boolean> {
  return seen(await viewer.sync({ timeout: 60, set_presence: 'offline' }), other) === undefined
}

/** Lets everything be told that waits for being told. */
async function settle(): Promise<void> {
  clock.turn(presenceLimits.tellEveryMs)
  await pause(40)
}

/** Follows /sync until the answered function is called. */
function follow(client: TestClient): () => Promise<void> {
  const controller = new AbortController()
  const loop = async () => {
    while (!controller.signal.aborted) await client.sync({ timeout: 30_000 }, controller.signal)
  }
  const ended = loop()
  return () => {
    controller.abort()
    return ended
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('who follows /sync is online for those who share a room, at once and in a new sync', async () => {
  const { alice, bob } = await openPair('online')
  const stranger = await openClient(server, 'stranger-online')
  await bob.sync({ set_presence: 'offline' })
  await stranger.sync()
  await alice.sync()
  const told = await hear(bob, alice)
  assert.equal(told.presence, 'online')
  assert.equal(told.currently_active, true)
  assert.ok(told.last_active_ago < 5_000)
  assert.ok(await hearsNothing(stranger, alice))
  const fresh = await openClient(server, 'bob-online', 'FRESH')
  const whole = await fresh.sync({ set_presence: 'offline' })
  assert.equal(seen(whole, alice).presence, 'online')
  assert.equal(seen(whole, bob), undefined, 'who was never seen is not there')
  assert.ok(await hearsNothing(bob, alice), 'what was told is not told again')
})

test('a user is idle after a while, and back when active', async () => {
  const { alice, bob, roomId } = await openPair('idle')
  await bob.sync({ set_presence: 'offline' })
  const stop = follow(alice)
  assert.equal((await hear(bob, alice)).currently_active, true)
  clock.turn(presenceLimits.activeMs + presenceLimits.dueGrainMs)
  const resting = await hear(bob, alice)
  assert.deepEqual([resting.presence, resting.currently_active], ['online', false])
  assert.ok(resting.last_active_ago >= presenceLimits.activeMs)
  clock.turn(presenceLimits.idleMs)
  assert.equal((await hear(bob, alice)).presence, 'unavailable')
  await say(server.house, alice.user, roomId, 'back')
  const back = await hear(bob, alice)
  assert.deepEqual([back.presence, back.currently_active], ['online', true])
  await stop()
})

test('who stops asking is offline soon, who logs out at once', async () => {
  const { alice, bob } = await openPair('gone')
  await bob.sync({ set_presence: 'offline' })
  await alice.sync()
  await hear(bob, alice)
  clock.turn(presenceLimits.connectedMs + presenceLimits.dueGrainMs)
  assert.equal((await hear(bob, alice)).presence, 'offline')
  await alice.sync()
  assert.equal((await hear(bob, alice)).presence, 'online')
  await server.house.parts.store.transact((tx) => {
    server.parts.users.endSessions(tx, alice.user.user, [alice.user.deviceId])
    server.house.parts.journal.append(tx, {
      kind: 'session-ended',
      user: alice.user.user,
      device: alice.user.deviceId,
    })
  })
  assert.equal((await hear(bob, alice)).presence, 'offline')
})

test('a client says that it is idle, or that it wants not to be seen', async () => {
  const { alice, bob, roomId } = await openPair('wish')
  const phone = await openClient(server, 'alice-wish', 'PHONE')
  await bob.sync({ set_presence: 'offline' })
  await alice.sync({ set_presence: 'offline' })
  await say(server.house, alice.user, roomId, 'unseen')
  assert.equal(seen(await bob.sync({ timeout: 60, set_presence: 'offline' }), alice), undefined)
  await alice.sync({ set_presence: 'unavailable' })
  assert.equal((await hear(bob, alice)).presence, 'unavailable')
  await phone.sync()
  assert.equal((await hear(bob, alice)).presence, 'online', 'one device is enough')
  const { flows } = server.house.parts
  flows.setPresence(phone.user, { state: 'offline', statusMessage: undefined })
  assert.equal((await hear(bob, alice)).presence, 'unavailable')
  flows.setPresence(alice.user, { state: 'offline', statusMessage: undefined })
  assert.equal((await hear(bob, alice)).presence, 'offline')
})

test('a message goes with it, until it is taken away', async () => {
  const { alice, bob } = await openPair('message')
  const { flows } = server.house.parts
  await bob.sync({ set_presence: 'offline' })
  flows.setPresence(alice.user, { state: 'online', statusMessage: 'in a meeting' })
  assert.equal((await hear(bob, alice)).status_msg, 'in a meeting')
  flows.setPresence(alice.user, { state: 'unavailable', statusMessage: undefined })
  const kept = await hear(bob, alice)
  assert.deepEqual([kept.presence, kept.status_msg], ['unavailable', 'in a meeting'])
  flows.setPresence(alice.user, { state: 'unavailable', statusMessage: null })
  assert.equal((await hear(bob, alice)).status_msg, undefined)
  const { statusMessageBytesMax } = presenceLimits
  const set = async (length: number) =>
    flows.setPresence(alice.user, { state: 'online', statusMessage: 'x'.repeat(length) })
  assert.equal(await errcodeOf(set(statusMessageBytesMax)), 'ok')
  assert.equal(await errcodeOf(set(statusMessageBytesMax + 1)), 'M_INVALID_PARAM')
})

test('after a restart nobody is online before coming back, and the message is still there', async () => {
  const { alice, bob } = await openPair('restart')
  await bob.sync({ set_presence: 'offline' })
  await alice.sync()
  server.house.parts.flows.setPresence(alice.user, { state: 'online', statusMessage: 'here' })
  assert.equal((await hear(bob, alice)).presence, 'online')
  await server.restart()
  const gone = await hear(bob, alice)
  assert.deepEqual([gone.presence, gone.status_msg], ['offline', 'here'])
  assert.equal(typeof gone.last_active_ago, 'number')
  const shown = await server.house.parts.flows.presence(bob.user, alice.user.userId)
  assert.deepEqual([shown.presence, shown.status_msg], ['offline', 'here'])
  await alice.sync()
  const back = await hear(bob, alice)
  assert.deepEqual([back.presence, back.status_msg], ['online', 'here'])
})

test('who comes into a room is told who is there, and is told of', async () => {
  const alice = await openClient(server, 'alice-newcomer')
  const bob = await openClient(server, 'bob-newcomer')
  const roomId = await makeRoom(server.house, alice.user)
  await alice.sync()
  await bob.sync()
  await settle()
  await alice.sync()
  await bob.sync()
  await server.house.parts.flows.join(bob.user, roomId, {})
  assert.equal(seen(await alice.sync(), bob)?.presence, 'online')
  assert.equal(seen(await bob.sync(), alice)?.presence, 'online')
  assert.ok(await hearsNothing(bob, alice))
})

test('a filter keeps presence out, and nobody is woken by what is kept out', async () => {
  const { alice, bob } = await openPair('filter')
  await bob.sync({ set_presence: 'offline' })
  for (const presence of [{ not_types: ['m.presence'] }, { types: [] }, { limit: 0 }]) {
    const filter = JSON.stringify({ presence })
    const poll = bob.sync({ filter, timeout: 150, set_presence: 'offline' })
    const startMs = Date.now()
    server.house.parts.flows.setPresence(alice.user, { state: 'online', statusMessage: JSON.stringify(presence) })
    assert.equal((await poll).presence, undefined)
    assert.ok(Date.now() - startMs >= 120)
  }
  const filter = JSON.stringify({ presence: { not_senders: [alice.user.userId] } })
  assert.equal((await bob.sync({ filter, set_presence: 'offline' })).presence, undefined)
})

test('ignored users are not told of', async () => {
  const { alice, bob } = await openPair('ignored')
  const content = { ignored_users: { [alice.user.userId]: {} } }
  await server.parts.users.putAccountData(bob.user.user, null, 'm.ignored_user_list', content)
  await bob.sync({ set_presence: 'offline' })
  await alice.sync()
  await settle()
  assert.ok(await hearsNothing(bob, alice))
})

test('what does not fit into one reply comes with the next ones', async () => {
  const viewer = await openClient(server, 'viewer-many')
  const roomId = await makeRoom(server.house, viewer.user)
  const others: TestClient[] = []
  for (let index = 0; index < 7; index++) {
    const other = await openClient(server, `other-many-${index}`)
    await server.house.parts.flows.join(other.user, roomId, {})
    others.push(other)
  }
  await viewer.sync({ set_presence: 'offline' })
  for (const other of others) await other.sync()
  await settle()
  const filter = JSON.stringify({ presence: { limit: 3 } })
  const told: string[] = []
  const sizes: number[] = []
  for (let round = 0; round < 6 && told.length < 7; round++) {
    const events: AnyJson[] =
      (await viewer.sync({ filter, timeout: 1_500, set_presence: 'offline' })).presence?.events ?? []
    sizes.push(events.length)
    told.push(...events.map((event) => event.sender))
  }
  assert.ok(sizes.every((size) => size <= 3))
  assert.deepEqual(told.toSorted(), others.map(({ user }) => user.userId).toSorted())
  const fresh = await openClient(server, 'viewer-many', 'FRESH')
  const first = await fresh.sync({ filter, set_presence: 'offline' })
  const second = await fresh.sync({ filter, set_presence: 'offline' })
  const third = await fresh.sync({ filter, set_presence: 'offline' })
  const counts = [first, second, third].map((reply) => reply.presence.events.length)
  assert.deepEqual(counts, [3, 3, 1])
})

test('many changes of a moment are told together', async () => {
  const { alice, bob } = await openPair('together')
  await bob.sync({ set_presence: 'offline' })
  const { flows } = server.house.parts
  let replies = 0
  for (let round = 0; round < 40; round++) {
    flows.setPresence(alice.user, { state: round % 2 === 0 ? 'online' : 'unavailable', statusMessage: `${round}` })
    if ((await bob.sync({ timeout: 5, set_presence: 'offline' })).presence !== undefined) replies++
  }
  assert.ok(replies <= 2, `${replies} replies`)
  assert.equal((await hear(bob, alice)).status_msg, '39')
})

test('in a very large room only going offline is told, and wakes nobody', async () => {
  const { alice, bob, roomId } = await openPair('large')
  for (let index = 0; index < syncLimits.presenceRoomMembersMax; index++) {
    await server.house.parts.flows.join(await server.house.user(`crowd-${index}`), roomId, {})
  }
  await bob.sync({ set_presence: 'offline' })
  await alice.sync()
  await settle()
  assert.ok(await hearsNothing(bob, alice))
  await settle()
  const poll = bob.sync({ timeout: 200, set_presence: 'offline' })
  const startMs = Date.now()
  server.house.parts.flows.setPresence(alice.user, { state: 'offline', statusMessage: undefined })
  assert.equal(seen(await poll, alice)?.presence, 'offline')
  assert.ok(Date.now() - startMs >= 180)
})

test('users of other servers are told of as their servers say, and forgotten with time', async () => {
  const { alice } = await openPair('remote')
  const { presence } = server.parts
  const far = await openClient(server, 'far-remote')
  const roomId = await makeRoom(server.house, alice.user)
  await server.house.parts.flows.join(far.user, roomId, {})
  await alice.sync({ set_presence: 'offline' })
  const lastActiveMs = clock.nowMs() - 90_000
  const told = { state: 'online', statusMessage: 'far away', lastActiveMs, isCurrentlyActive: true } as const
  presence.receive(far.user.user, told)
  const first = await hear(alice, far)
  assert.deepEqual([first.presence, first.status_msg, first.currently_active], ['online', 'far away', true])
  assert.ok(first.last_active_ago >= 90_000)
  clock.turn(presenceLimits.remoteMs + presenceLimits.dueGrainMs)
  assert.equal((await hear(alice, far)).presence, 'offline')
})
