/** What /sync costs without HTTP: nothing new, one new message for those who wait, initial syncs. Prints JSON lines. */

import type { RoomId } from '@parallax/protocol'
import { makeRoom, say } from '../kit/rooms.ts'
import { openClient, openSyncHouse, type SyncHouse, type TestClient } from '../kit/sync.ts'

const lazy = JSON.stringify({ room: { state: { lazy_load_members: true }, timeline: { limit: 20 } } })
const roomsOfUser = 40

function tell(name: string, figures: Record<string, number>): void {
  const rounded = Object.entries(figures).map(([key, value]) => [key, Math.round(value * 1000) / 1000])
  process.stdout.write(`${JSON.stringify({ bench: `sync.${name}`, ...Object.fromEntries(rounded) })}\n`)
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

async function timed(rounds: number, task: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const startMs = performance.now()
    await task()
    times.push(performance.now() - startMs)
  }
  return median(times)
}

async function join(server: SyncHouse, roomId: RoomId, clients: readonly TestClient[]): Promise<void> {
  await Promise.all(clients.map((client) => server.house.parts.flows.join(client.user, roomId, {})))
}

async function benchNothingNew(client: TestClient): Promise<void> {
  await client.sync()
  const rounds = 20_000
  const startMs = performance.now()
  for (let round = 0; round < rounds; round++) await client.sync()
  const perSecond = (rounds / (performance.now() - startMs)) * 1000
  tell('nothing-new', { perSecond, rooms: roomsOfUser })
}

type Crowd = { readonly waiting: TestClient[]; readonly inRoom: TestClient[]; readonly roomId: RoomId }

/** From the send's reply until all in the room have the message, while others wait who are not in the room. */
async function benchWaiting(server: SyncHouse, sender: TestClient, { waiting, inRoom, roomId }: Crowd): Promise<void> {
  for (const client of [...waiting, ...inRoom]) await client.sync()
  const controller = new AbortController()
  const others = waiting.map((client) => client.sync({ timeout: 600_000 }, controller.signal))
  const times: number[] = []
  for (let round = 0; round < 50; round++) {
    const polls = inRoom.map((client) => client.sync({ timeout: 60_000 }))
    await new Promise((resolve) => setTimeout(resolve, 2))
    await say(server.house, sender.user, roomId, `round ${round}`)
    const startMs = performance.now()
    await Promise.all(polls)
    times.push(performance.now() - startMs)
  }
  controller.abort()
  await Promise.all(others)
  tell('one-new', { medianMs: median(times), woken: inRoom.length, otherPolls: others.length })
}

async function benchInitial(server: SyncHouse, client: TestClient, name: string, query: object): Promise<void> {
  client.since = undefined
  const warm = await timed(20, () => client.peek(query))
  const cold: number[] = []
  for (let round = 0; round < 5; round++) {
    await server.restart()
    cold.push(await timed(1, () => client.peek(query)))
  }
  tell(name, { warmMs: warm, coldMs: median(cold) })
}

async function openClients(server: SyncHouse, prefix: string, count: number): Promise<TestClient[]> {
  const clients: TestClient[] = []
  for (let index = 0; index < count; index++) clients.push(await openClient(server, `${prefix}-${index}`))
  return clients
}

async function bench(): Promise<void> {
  const server = await openSyncHouse()
  const owner = await openClient(server, 'owner')
  const reader = await openClient(server, 'reader')
  const rooms: RoomId[] = []
  for (let index = 0; index < roomsOfUser; index++) {
    const roomId = await makeRoom(server.house, owner.user, { name: `Room ${index}` })
    rooms.push(roomId)
    await join(server, roomId, [reader])
    await Promise.all(Array.from({ length: 20 }, (_, n) => say(server.house, owner.user, roomId, `message ${n}`)))
  }
  await benchInitial(server, reader, 'initial-40-rooms', { filter: lazy })
  await benchNothingNew(reader)
  const clients = await openClients(server, 'user', 60)
  await join(server, rooms[0]!, clients.slice(0, 50))
  await join(server, rooms[1]!, clients)
  await benchWaiting(server, owner, { waiting: clients.slice(50), inRoom: clients.slice(0, 10), roomId: rooms[0]! })
  await benchWaiting(server, owner, { waiting: clients.slice(50), inRoom: clients.slice(0, 50), roomId: rooms[0]! })
  const many = await openClients(server, 'member', Number(process.env.PARALLAX_BENCH_MEMBERS ?? 400))
  const big = await makeRoom(server.house, owner.user)
  await join(server, big, many)
  await Promise.all(Array.from({ length: 20 }, (_, n) => say(server.house, many[n]!.user, big, `message ${n}`)))
  await benchInitial(server, many[5]!, 'initial-big-lazy', { filter: lazy })
  await server.close()
}

await bench()
