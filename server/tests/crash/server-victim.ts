/** A whole server under the load of HTTP clients as a victim: what its clients must find after every kill. */

import assert from 'node:assert/strict'
import { startServer } from '../kit/server-process.ts'
import type { Victim } from './kill-loop.ts'
import {
  createLedger,
  type Ledger,
  loadUntilGone,
  type Register,
  type Reply,
  require200,
  sendMessage,
  sendToDevice,
  type Target,
  type TestUser,
  type Write,
} from './server-load.ts'

export interface ServerVictim extends Victim {
  /** Stops the server and removes its files. */
  finish(): Promise<void>
}

/** What the last user has seen by following `/sync` since the beginning, over all deaths of the server. */
type Seen = {
  since: string
  /** Event ID by the text of the message. */
  readonly messages: Map<string, string>
  readonly eventIds: Set<string>
  readonly toDevice: Set<string>
  /** Event ID by room, type and state key. */
  readonly state: Map<string, string>
}

type ClientEvent = {
  event_id: string
  type: string
  state_key?: string
  content: { body?: string; key?: string; membership?: string; topic?: string }
}
type JoinedRoom = {
  timeline?: { limited: boolean; prev_batch: string; events: ClientEvent[] }
  state?: { events: ClientEvent[] }
}
type Sync = {
  next_batch: string
  rooms?: { join?: Record<string, JoinedRoom> }
  to_device?: { events: ClientEvent[] }
}

const filter = encodeURIComponent(JSON.stringify({ room: { timeline: { limit: 50 } } }))

function noteEvent(seen: Seen, room: string, event: ClientEvent): void {
  assert.ok(!seen.eventIds.has(event.event_id), `${event.event_id} was given twice`)
  seen.eventIds.add(event.event_id)
  if (event.type !== 'm.room.message') return
  const text = event.content.body!
  assert.ok(!seen.messages.has(text), `${text} is there twice, in ${room}`)
  seen.messages.set(text, event.event_id)
}

/** The events that a limited timeline left out, as a client fetches them. */
async function fillGap(target: Target, watcher: TestUser, room: string, from: string, to: string) {
  const events: ClientEvent[] = []
  for (let token: string | undefined = from; token !== undefined; ) {
    const query = `dir=b&from=${token}&to=${to}&limit=200`
    const page = await require200(target, watcher, 'GET', `rooms/${room}/messages?${query}`)
    events.push(...(page.chunk as ClientEvent[]))
    token = page.end as string | undefined
  }
  return events.reverse()
}

async function followSync(target: Target, watcher: TestUser, seen: Seen): Promise<void> {
  const path = `sync?timeout=0&filter=${filter}${seen.since && `&since=${seen.since}`}`
  const sync = (await require200(target, watcher, 'GET', path)) as Sync
  for (const [room, { timeline, state }] of Object.entries(sync.rooms?.join ?? {})) {
    const gap = timeline?.limited && seen.since !== '' ? ([room, timeline.prev_batch, seen.since] as const) : undefined
    const events = [...(gap ? await fillGap(target, watcher, ...gap) : []), ...(timeline?.events ?? [])]
    for (const event of events) noteEvent(seen, room, event)
    for (const event of [...(state?.events ?? []), ...(timeline?.events ?? [])]) {
      if (event.state_key !== undefined) seen.state.set(`${room} ${event.type} ${event.state_key}`, event.event_id)
    }
  }
  for (const event of sync.to_device?.events ?? []) {
    assert.ok(!seen.toDevice.has(event.content.key!), `to-device ${event.content.key} was given twice`)
    seen.toDevice.add(event.content.key!)
  }
  seen.since = sync.next_batch
}

/** What was under way is sent again under its transaction ID, as clients do. */
async function sendAgain(
  writes: Map<string, Write>,
  send: (key: string, write: Write) => Promise<Reply | undefined>,
): Promise<void> {
  for (const [key, write] of writes) {
    if (write.answer !== undefined) continue
    const reply = await send(key, write)
    assert.equal(reply?.status, 200, `${key}: ${JSON.stringify(reply)}`)
    write.answer = String(reply?.body.event_id ?? 'done')
  }
}

function checkRegister(register: Register, found: number, what: string): void {
  const allowed = [register.acknowledged, register.underWay]
  assert.ok(allowed.includes(found), `${what} is ${found}, acknowledged ${allowed[0]}, under way ${allowed[1]}`)
  register.acknowledged = found
  register.underWay = undefined
}

async function checkRegisters(target: Target, ledger: Ledger): Promise<void> {
  const [alice, bob, carol] = target.users as [TestUser, TestUser, TestUser]
  const [room, second] = target.rooms as [string, string]
  const topic = await require200(target, alice, 'GET', `rooms/${room}/state/m.room.topic/`)
  checkRegister(ledger.topic, Number(topic.topic), 'the topic')
  const value = await require200(target, bob, 'GET', `user/${bob.userId}/account_data/org.parallax.crash`)
  checkRegister(ledger.accountValue, Number(value.n), 'the account value')
  const member = await require200(target, alice, 'GET', `rooms/${second}/state/m.room.member/${carol.userId}`)
  const { acknowledged, underWay } = ledger.membership
  const isJoined = member.membership === 'join'
  const joinedAt = acknowledged % 2 === 0 ? acknowledged : (underWay ?? -1)
  const leftAt = acknowledged % 2 === 1 ? acknowledged : (underWay ?? -1)
  checkRegister(ledger.membership, isJoined ? joinedAt : leftAt, `the membership (${member.membership})`)
}

/** The state that follows from all syncs is the state of the room. */
async function checkState(target: Target, watcher: TestUser, seen: Seen): Promise<void> {
  for (const room of target.rooms) {
    const events = (await require200(target, watcher, 'GET', `rooms/${room}/state`)) as unknown as ClientEvent[]
    for (const { type, state_key, event_id } of events) {
      assert.equal(seen.state.get(`${room} ${type} ${state_key}`), event_id, `${type} of ${room}`)
    }
  }
}

async function checkAll(target: Target, ledger: Ledger, seen: Seen): Promise<void> {
  assert.deepEqual(ledger.refusals, [])
  const watcher = target.users.at(-1)!
  await checkRegisters(target, ledger)
  await sendAgain(ledger.messages, (key, write) => sendMessage(target, key, write))
  await sendAgain(ledger.toDevice, (key, write) => sendToDevice(target, key, write))
  await followSync(target, watcher, seen)
  for (const [key, { answer }] of ledger.messages) {
    assert.equal(seen.messages.get(key), answer, `message ${key} was acknowledged`)
  }
  for (const key of ledger.toDevice.keys()) assert.ok(seen.toDevice.has(key), `to-device ${key} was acknowledged`)
  // What was checked once is not checked again: the watcher refuses doubles for ever.
  ledger.messages.clear()
  ledger.toDevice.clear()
  await checkState(target, watcher, seen)
}

async function register(baseUrl: string, username: string): Promise<TestUser> {
  const body = JSON.stringify({ username, password: `${username}-pass-word`, auth: { type: 'm.login.dummy' } })
  const response = await fetch(`${baseUrl}/_matrix/client/v3/register`, { method: 'POST', body })
  const reply = (await response.json()) as { user_id: string; device_id: string; access_token: string }
  assert.equal(response.status, 200, JSON.stringify(reply))
  return { userId: reply.user_id, deviceId: reply.device_id, token: reply.access_token }
}

async function populate(baseUrl: string): Promise<Target> {
  const users = await Promise.all(['alice', 'bob', 'carol', 'watcher'].map((name) => register(baseUrl, name)))
  const rooms: string[] = []
  const target = { baseUrl, users, rooms }
  for (let room = 0; room < 2; room++) {
    const created = await require200(target, users[0]!, 'POST', 'createRoom', { preset: 'public_chat', topic: '0' })
    const roomId = encodeURIComponent(created.room_id as string)
    rooms.push(created.room_id as string)
    for (const user of users.slice(1)) await require200(target, user, 'POST', `rooms/${roomId}/join`, {})
  }
  await require200(target, users[0]!, 'PUT', `rooms/${rooms[0]}/state/m.room.topic/`, { topic: '0' })
  await require200(target, users[1]!, 'PUT', `user/${users[1]!.userId}/account_data/org.parallax.crash`, { n: 0 })
  return target
}

/** A victim on an empty folder; `environment` chooses another database. */
export async function createServerVictim(environment: Record<string, string> = {}): Promise<ServerVictim> {
  const server = await startServer({ HOMESERVER_LOG_LEVEL: 'error', ...environment })
  const target = await populate(server.baseUrl)
  const ledger = createLedger()
  const seen: Seen = { since: '', messages: new Map(), eventIds: new Set(), toDevice: new Set(), state: new Map() }
  await followSync(target, target.users.at(-1)!, seen)
  await server.kill()
  let load: Promise<void> = Promise.resolve()
  let isKilled = false
  return {
    acknowledged: () => ledger.acknowledged,
    async start() {
      isKilled = false
      try {
        await server.start()
      } catch (error) {
        if (isKilled) return
        throw error
      }
      load = loadUntilGone(target, ledger)
    },
    async kill() {
      isKilled = true
      await server.kill()
    },
    async check() {
      await load
      await server.start()
      await checkAll(target, ledger, seen)
      // Also a server at rest is killed, never stopped in peace.
      await server.kill()
      assert.doesNotMatch(server.readLog(), /^\{"level":/m, 'it logs no error')
    },
    finish: () => server.close(),
  }
}
