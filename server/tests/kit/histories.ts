/** Random histories of rooms, and what a client that follows them must know in the end. */

import assert from 'node:assert/strict'
import type { RoomId } from '@parallax/protocol'
import fc from 'fast-check'
import { MatrixError } from '../../src/base/index.ts'
import { makeRoom, readPage, say, setState } from './rooms.ts'
import { type AnyJson, openClient, openSyncHouse, type SyncHouse, type TestClient } from './sync.ts'

/** What a client knows of one room. */
export type Known = {
  state: Map<string, string>
  /** Events without a hole up to the newest. */
  timeline: string[]
  senders: Set<string>
  unread: number
}

export type SyncStep = {
  readonly kind: 'sync'
  readonly isAfter: boolean
  readonly isLost: boolean
  /** Of sliding sync: the last index of the range, events in a timeline, and whether the first room is subscribed. */
  readonly last: number
  readonly limit: number
  readonly isSubscribed: boolean
}

type Step =
  | { kind: 'say'; by: number; room: number; times: number }
  | { kind: 'topic'; by: number; room: number }
  | { kind: 'join' | 'leave'; by: number; room: number }
  | { kind: 'read'; by: number; room: number }
  | SyncStep
  | { kind: 'restart' }

const userCount = 5
const roomCount = 3
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
      last: fc.integer({ min: 0, max: roomCount - 1 }),
      limit: fc.integer({ min: 1, max: 4 }),
      isSubscribed: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
)

/** What the client asks for, all along. */
export type Wanted = { readonly limit: number; readonly isLazy: boolean; readonly isOnlyMessages: boolean }

export type World = {
  readonly filter: Wanted
  /** The event up to which the first user has read, by room. */
  readonly read: Map<RoomId, string>
  readonly server: SyncHouse
  readonly clients: readonly TestClient[]
  readonly rooms: readonly RoomId[]
  readonly known: Map<string, Known>
  readonly left: Set<string>
  /** Takes one reply of the first user's client in, or loses it. */
  readonly follow: (world: World, step: SyncStep) => Promise<void>
}

async function act(world: World, one: Step, count: number): Promise<void> {
  const { server, clients, rooms } = world
  if (one.kind === 'restart') return server.restart()
  if (one.kind === 'sync') return world.follow(world, one)
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

/** `type key` of a state event. */
export function keyOf(event: AnyJson): string {
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

/** Messages of others after the last that the first user wrote or has read, and after the join. */
function countUnread({ clients, read }: World, roomId: RoomId, events: readonly AnyJson[]): number {
  let count = 0
  for (const event of events) {
    const isOwn = event.sender === clients[0]!.user.userId
    const isJoin = event.type === 'm.room.member' && event.unsigned?.prev_content?.membership !== 'join'
    if (isOwn && (isJoin || event.type === 'm.room.message')) count = 0
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

export type HistoryOptions = {
  readonly wanted: fc.Arbitrary<Wanted>
  /** Builds what follows in one history. */
  readonly createFollow: () => World['follow']
  readonly runs: number
}

/** Plays random histories, the client's requests among them; then a last reply must leave nothing untold. */
export async function checkHistories({ wanted, createFollow, runs }: HistoryOptions): Promise<void> {
  const server = await openSyncHouse()
  let run = 0
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), wanted, async (steps, filter) => {
        const world = await openWorld(server, `r${run++}`, filter, createFollow())
        for (const [index, one] of steps.entries()) await act(world, one, index)
        await world.follow(world, lastStep)
        await check(world)
      }),
      { numRuns: Number(process.env.PARALLAX_TEST_RUNS ?? runs) },
    )
  } finally {
    await server.close()
  }
}

const lastStep: SyncStep = {
  kind: 'sync',
  isAfter: false,
  isLost: false,
  last: roomCount - 1,
  limit: 4,
  isSubscribed: false,
}

async function openWorld(server: SyncHouse, prefix: string, filter: Wanted, follow: World['follow']): Promise<World> {
  const clients = []
  for (let index = 0; index < userCount; index++) clients.push(await openClient(server, `${prefix}-u${index}`))
  const owner = await openClient(server, `${prefix}-owner`)
  const rooms: RoomId[] = []
  const levels = { users_default: 50 }
  for (let index = 0; index < roomCount; index++) {
    rooms.push(await makeRoom(server.house, owner.user, { power_level_content_override: levels }))
  }
  for (const roomId of rooms) {
    for (const { user } of clients.slice(0, 4)) await server.house.parts.flows.join(user, roomId, {})
  }
  return { filter, server, clients, rooms, read: new Map(), known: new Map(), left: new Set(), follow }
}
