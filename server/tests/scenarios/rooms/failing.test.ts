/** What becomes of rooms when the store refuses a commit, when a head is outdated, and after a restart. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import { createHeads } from '../../../src/rooms/heads.ts'
import { createStateTrees } from '../../../src/rooms/state/state-trees.ts'
import { type Reader, type Store, StoreError, type Writer } from '../../../src/store/index.ts'
import {
  bodiesOf,
  errcodeOf,
  type House,
  makeRoom,
  openHouse,
  readPage,
  readState,
  say,
  setState,
  type TestUser,
} from '../../kit/rooms.ts'

/** Text of a statement whose transaction is to be undone next. */
let failing: string | undefined

/** A store that undoes one transaction as if the disk were full, and goes on. */
function withFaults(store: Store): Store {
  const transact: Store['transact'] = (build) =>
    store.transact((tx) => {
      let isHit = false
      const run: Writer['run'] = (text, ...values) => {
        isHit ||= failing !== undefined && text[0]!.includes(failing)
        tx.run(text, ...values)
      }
      const answer = build({ ...tx, run })
      if (!isHit) return answer
      failing = undefined
      throw new StoreError('failed', 'The disk is full.')
    })
  return {
    ...store,
    engine: store.engine,
    reader: store.reader,
    longReader: store.longReader,
    transact,
    close: () => store.close(),
  }
}

let house: House
let alice: TestUser
let bob: TestUser
before(async () => {
  house = await openHouse({ wrapStore: withFaults })
  alice = await house.user('alice')
  bob = await house.user('bob')
})
after(() => house.close())

const isStoreError = (error: unknown): boolean => error instanceof StoreError

/** Everything that is known of a room, to be compared. */
async function lookAt(roomId: RoomId, users: readonly TestUser[]) {
  const { rooms } = house.parts
  const info = (await rooms.findRoom(roomId))!
  const memberships = await Promise.all(
    users.map(async ({ user }) => (await rooms.listMemberships(user)).get(info.room)),
  )
  const timeline = await rooms.listTimeline(info.room, { direction: 'forwards', limit: 1000 })
  const levels = await rooms.findStateEvent(info.room, 'm.room.power_levels', '')
  return {
    info,
    memberships,
    joined: [...(await rooms.listJoinedUsers(info.room))].sort(),
    events: timeline.map((event) => [event.eventId, event.body, event.snapshot, event.redactedBy]),
    state: (await rooms.listState(info.snapshot)).toSorted((a, b) => a.slot - b.slot),
    levels: levels?.content,
    name: (await rooms.findStateEvent(info.room, 'm.room.name', ''))?.content,
  }
}

test('a commit that the store refuses leaves the room in memory and on the disk as it was', async () => {
  const roomId = await makeRoom(house, alice, { name: 'before' })
  await house.parts.flows.join(bob, roomId, {})
  const target = await say(house, alice, roomId, 'kept')
  const whole = await lookAt(roomId, [alice, bob])
  failing = 'INSERT INTO event'
  const tries = await Promise.allSettled([
    setState(house, alice, roomId, ['m.room.name', ''], { name: 'lost' }),
    house.parts.flows.leave(bob, roomId),
    house.parts.flows.redact(alice, { roomId, eventId: target, transactionId: 'lost', reason: undefined }),
    say(house, alice, roomId, 'lost'),
  ])
  // The first of them has a turn of its own, or they share one: at least that turn is lost, and whole.
  assert.equal(
    tries.some((one) => one.status === 'rejected' && isStoreError(one.reason)),
    true,
  )
  const lost = tries.filter((one) => one.status === 'rejected').length
  if (lost === 4) assert.deepEqual(await lookAt(roomId, [alice, bob]), whole)
  const after = await lookAt(roomId, [alice, bob])
  await house.restart()
  assert.deepEqual(await lookAt(roomId, [alice, bob]), after)
  await say(house, alice, roomId, 'goes on')
  const { chunk } = await readPage(house, alice, roomId, { direction: 'f' })
  assert.equal(bodiesOf(chunk).at(-1), 'goes on')
  assert.equal(after.name?.name, tries[0]!.status === 'rejected' ? 'before' : 'lost')
})

test('after a refused commit the next events follow the last that was stored, without a gap or a fork', async () => {
  const roomId = await makeRoom(house, alice)
  for (let round = 0; round < 5; round++) {
    await say(house, alice, roomId, `stored ${round}`)
    failing = 'INSERT INTO event'
    await assert.rejects(setState(house, alice, roomId, ['m.room.topic', ''], { topic: `lost ${round}` }), isStoreError)
    const topic = setState(house, alice, roomId, ['m.room.topic', ''], { topic: `topic ${round}` })
    await topic
    assert.equal((await readState(house, alice, roomId, 'm.room.topic')).topic, `topic ${round}`)
  }
  const info = (await house.parts.rooms.findRoom(roomId))!
  const stored = await house.parts.rooms.listTimeline(info.room, { direction: 'forwards', limit: 100 })
  for (const [index, event] of stored.entries()) {
    const { prev_events: previous } = JSON.parse(`{${event.rest}}`)
    assert.deepEqual(previous, index === 0 ? [] : [stored[index - 1]!.eventId])
  }
})

test('a room whose making the store refuses does not exist, and its alias is free', async () => {
  const before = await house.parts.flows.joinedRooms(alice)
  failing = 'INSERT INTO room '
  const request = { room_alias_name: 'twice', visibility: 'public' }
  await assert.rejects(makeRoom(house, alice, request), isStoreError)
  assert.deepEqual(await house.parts.flows.joinedRooms(alice), before)
  assert.equal(await errcodeOf(house.parts.flows.resolveAlias('#twice:test.example')), 'M_NOT_FOUND')
  const roomId = await makeRoom(house, alice, request)
  assert.equal((await house.parts.flows.resolveAlias('#twice:test.example')).room_id, roomId)
})

test('a turn that finds its head outdated runs again on the new one', async () => {
  const roomId = await makeRoom(house, alice)
  const stranger = await house.user('stranger')
  await say(house, alice, roomId, 'one')
  const { room } = (await house.parts.rooms.findRoom(roomId))!
  await house.parts.store.transact((tx) => {
    tx.run`UPDATE room SET last_position = last_position + 1 WHERE room = ${room}`
  })
  const [sent, refused] = await Promise.all([
    Promise.all(['two', 'three'].map((text) => say(house, alice, roomId, text))),
    errcodeOf(say(house, stranger, roomId, 'never')),
  ])
  assert.deepEqual([new Set(sent).size, refused], [2, 'M_FORBIDDEN'])
  const { chunk } = await readPage(house, alice, roomId, { direction: 'f' })
  assert.deepEqual(bodiesOf(chunk), ['one', 'two', 'three'])
})

test('closing and opening the store finds the same rooms', async () => {
  const users = [alice, bob]
  const rooms: RoomId[] = []
  for (const version of ['1', '3', '11', '12']) {
    const roomId = await makeRoom(house, alice, { room_version: version, name: `v${version}`, invite: [bob.userId] })
    await house.parts.flows.join(bob, roomId, {})
    const target = await say(house, bob, roomId, 'redacted')
    await house.parts.flows.redact(alice, { roomId, eventId: target, transactionId: `r${version}`, reason: undefined })
    await setState(house, alice, roomId, ['m.room.name', ''], { name: 'last' })
    if (version === '3') await house.parts.flows.leave(bob, roomId)
    rooms.push(roomId)
  }
  const seen = await Promise.all(rooms.map((roomId) => lookAt(roomId, users)))
  await house.restart()
  assert.deepEqual(await Promise.all(rooms.map((roomId) => lookAt(roomId, users))), seen)
  for (const roomId of rooms) {
    const eventId = await say(house, alice, roomId, 'after')
    const { info, events } = await lookAt(roomId, users)
    const stored = (await house.parts.rooms.findEvent(eventId))!
    const { prev_events: previous } = JSON.parse(`{${stored.rest}}`)
    const named = info.rules.eventFormat === 1 ? previous[0][0] : previous[0]
    assert.equal(named, events.at(-2)![0])
  }
})

test('a head that is read while a commit goes on is not kept if the commit was forgotten meanwhile', async () => {
  const roomId = await makeRoom(house, alice, { name: 'old' })
  const { room } = (await house.parts.rooms.findRoom(roomId))!
  const { store, names } = house.parts
  let open = (): void => {}
  let gate = Promise.resolve()
  const reader: Reader = {
    // What was read is handed out late.
    all: async (...query) => {
      const rows = await store.reader.all(...query)
      await gate
      return rows as never
    },
    first: async (...query) => {
      const row = await store.reader.first(...query)
      await gate
      return row as never
    },
  }
  const heads = createHeads({ reader, names, trees: createStateTrees(reader) })
  gate = new Promise((resolve) => {
    open = resolve
  })
  const found = heads.find(room)
  await new Promise((resolve) => setImmediate(resolve))
  await say(house, alice, roomId, 'newer')
  heads.drop(room)
  open()
  gate = Promise.resolve()
  assert.equal((await found)!.row.lastPosition, (await house.parts.rooms.findRoom(roomId))!.lastPosition)
})
