/**
 * A client that follows /sync ends with what the room has: whatever happens, with any limit, gaps, lost replies and
 * restarts of the server.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import fc from 'fast-check'
import { MatrixError } from '../../../src/base/index.ts'
import { makeRoom, readPage, say, setState } from '../../kit/rooms.ts'
import { type AnyJson, openClient, openSyncHouse, type SyncHouse, type TestClient } from '../../kit/sync.ts'

/** What a client knows of one room. */
type Known = {
  state: Map<string, string>
  /** Events without a hole up to the newest. */
  timeline: string[]
  senders: Set<string>
  unread: number
}

type Step =
  | { kind: 'say'; by: number; room: number; times: number }
  | { kind: 'topic'; by: number; room: number }
  | { kind: 'join' | 'leave'; by: number; room: number }
  | { kind: 'read'; by: number; room: number }
  | { kind: 'sync'; isAfter: boolean; isLost: boolean }
  | { kind: 'restart' }

const userCount = 5
const roomCount = 2
const by = fc.integer({ min: 0, max: userCount - 1 })
const room = fc.integer({ min: 0, max: roomCount - 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('say' as const), by, room, times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('topic' as const), by, room }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('join' as const, 'join' as const, 'leave' as const), by, room }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('read' as const), by, room }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('sync' as const),
      isAfter: fc.boolean(),
      isLost: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
)

/** What the client asks for, all along. */
const filterShape = fc.record({
  limit: fc.integer({ min: 1, max: 4 }),
  isLazy: fc.boolean(),
  isOnlyMessages: fc.boolean(),
})

type World = {
  readonly filter: { readonly limit: number; readonly isLazy: boolean; readonly isOnlyMessages: boolean }
  /** The event up to which the first user has read, by room. */
  readonly read: Map<RoomId, string>
  readonly server: SyncHouse
  readonly clients: readonly TestClient[]
  readonly rooms: readonly RoomId[]
  readonly known: Map<string, Known>
  readonly left: Set<string>
}

async function act(world: World, one: Step, count: number): Promise<void> {
  const { server, clients, rooms } = world
  if (one.kind === 'restart') return server.restart()
  if (one.kind === 'sync') return follow(world, one)
  const client = clients[one.by]!
  const roomId = rooms[one.room]!
  try {
    if (one.kind === 'say') await sayOften(world, client, roomId, one.times)
    else if (one.kind === 'topic') await setTopic(world, client, roomId, count)
    else if (one.kind === 'join') await server.house.parts.flows.join(client.user, roomId, {})
    else if (one.kind === 'leave') await server.house.parts.flows.leave(client.user, roomId)
    else await read(world, client, roomId)
  } catch (error) {
    // Not everybody may do everything: what is refused changes nothing.
    if (!(error instanceof MatrixError)) throw error
  }
}

async function sayOften({ server }: World, client: TestClient, roomId: RoomId, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await say(server.house, client.user, roomId, `message ${time}`)
}

async function setTopic({ server }: World, client: TestClient, roomId: RoomId, count: number): Promise<void> {
  await setState(server.house, client.user, roomId, ['org.example.topic', `${count % 2}`], { count })
}

async function read({ server, clients, read }: World, client: TestClient, roomId: RoomId): Promise<void> {
  const page = await readPage(server.house, client.user, roomId, { limit: 1 })
  const eventId = page.chunk[0].event_id
  await server.parts.sync.sendReceipt(client.user, { roomId, type: 'm.read', eventId, threadId: undefined })
  if (client === clients[0]) read.set(roomId, eventId)
}

/** The first user's client takes one reply in, or loses it. */
async function follow(world: World, { isAfter, isLost }: Step & { kind: 'sync' }) {
  const { clients, known, left } = world
  const { limit, isLazy, isOnlyMessages } = world.filter
  const timeline = { limit, ...(isOnlyMessages ? { types: ['m.room.message'] } : {}) }
  const client = clients[0]!
  const filter = JSON.stringify({ room: { timeline, state: { lazy_load_members: isLazy } } })
  const query = { filter, use_state_after: isAfter }
  if (isLost) await client.peek(query)
  const reply = await client.sync(query)
  for (const [roomId, section] of Object.entries<AnyJson>(reply.rooms?.join ?? {})) {
    left.delete(roomId)
    takeIn(known, roomId, section)
  }
  for (const [roomId, section] of Object.entries<AnyJson>(reply.rooms?.leave ?? {})) {
    left.add(roomId)
    takeIn(known, roomId, section)
  }
}

function takeIn(known: Map<string, Known>, roomId: string, section: AnyJson): void {
  const room: Known = known.get(roomId) ?? { state: new Map(), timeline: [], senders: new Set(), unread: 0 }
  known.set(roomId, room)
  const { timeline } = section
  if (timeline.limited) {
    room.timeline = []
    room.senders.clear()
  }
  const isAfter = section.state_after !== undefined
  for (const event of (section.state_after ?? section.state).events) room.state.set(keyOf(event), event.event_id)
  for (const event of timeline.events) {
    room.timeline.push(event.event_id)
    room.senders.add(event.sender)
    if (event.state_key !== undefined && !isAfter) room.state.set(keyOf(event), event.event_id)
  }
  if (section.unread_notifications) room.unread = section.unread_notifications.notification_count
}

function keyOf(event: AnyJson): string {
  return `${event.type} ${event.state_key}`
}

async function check(world: World): Promise<void> {
  const { server, clients, rooms, known, left } = world
  const viewer = clients[0]!.user
  for (const [index, roomId] of rooms.entries()) {
    const info = (await server.house.parts.rooms.findRoom(roomId))!
    const member = await server.house.parts.rooms.findMember(info.room, viewer.user)
    if (member?.membership !== 'join') {
      if (known.has(roomId)) assert.ok(left.has(roomId), `room ${index} was left`)
      continue
    }
    const room = known.get(roomId)!
    assert.ok(!left.has(roomId))
    const state: AnyJson[] = JSON.parse(await server.house.parts.views.state(viewer, roomId))
    const whole = new Map(state.map((event): [string, string] => [keyOf(event), event.event_id]))
    checkState(
      room,
      whole,
      world.filter.isLazy ? `m.room.member ${viewer.userId}` : undefined,
      `state of room ${index}`,
    )
    const page = await readPage(server.house, viewer, roomId, { limit: 1000 })
    const all: AnyJson[] = page.chunk.reverse()
    const shown = all.filter((event) => !world.filter.isOnlyMessages || event.type === 'm.room.message')
    const ids = shown.map((event) => event.event_id)
    assert.deepEqual(room.timeline, ids.slice(ids.length - room.timeline.length), `timeline of room ${index}`)
    assert.equal(room.unread, countUnread(world, roomId, all), `counts of room ${index}`)
  }
}

/** Messages of others after the last that the first user wrote or has read. */
function countUnread({ clients, read }: World, roomId: RoomId, events: readonly AnyJson[]): number {
  let count = 0
  for (const event of events) {
    if (event.sender === clients[0]!.user.userId) count = 0
    else if (event.type === 'm.room.message') count++
    if (event.event_id === read.get(roomId)) count = 0
  }
  return count
}

/**
 * With lazy members (`own` given) a client has those who speak in its timeline, and itself; of others it may have some,
 * but never an old one.
 */
function checkState(room: Known, whole: ReadonlyMap<string, string>, own: string | undefined, message: string): void {
  const isNeeded = (key: string) => !key.startsWith('m.room.member ') || room.senders.has(key.slice(14))
  for (const [key, eventId] of room.state) assert.equal(eventId, whole.get(key), `${message}: ${key}`)
  for (const key of whole.keys())
    assert.ok((own !== undefined && key !== own && !isNeeded(key)) || room.state.has(key), `${message}: ${key}`)
}

test('a client that follows ends with the state, the timeline and the counts that the rooms have', async () => {
  const server = await openSyncHouse()
  let run = 0
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), filterShape, async (steps, filter) => {
        const prefix = `r${run++}`
        const clients = []
        for (let index = 0; index < userCount; index++) clients.push(await openClient(server, `${prefix}-u${index}`))
        const owner = await openClient(server, `${prefix}-owner`)
        const rooms: RoomId[] = []
        const levels = { users_default: 50 }
        for (let index = 0; index < roomCount; index++) {
          rooms.push(await makeRoom(server.house, owner.user, { power_level_content_override: levels }))
        }
        const world: World = { filter, server, clients, rooms, read: new Map(), known: new Map(), left: new Set() }
        for (const roomId of rooms) {
          for (const { user } of clients.slice(0, 4)) await server.house.parts.flows.join(user, roomId, {})
        }
        for (const [index, one] of steps.entries()) await act(world, one, index)
        await follow(world, { kind: 'sync', isAfter: false, isLost: false })
        await check(world)
      }),
      { numRuns: Number(process.env.PARALLAX_TEST_RUNS ?? 25) },
    )
  } finally {
    await server.close()
  }
})
