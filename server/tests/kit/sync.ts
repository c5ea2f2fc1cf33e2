/** Sync without HTTP: a house of rooms with users, devices and sync, and clients that follow it. */

import type { RoomId } from '@parallax/protocol'
import { type Clock, createSystemClock, type Logger } from '../../src/base/index.ts'
import { createDevices, type Devices } from '../../src/devices/index.ts'
import type { Presence } from '../../src/presence/index.ts'
import { createEphemeral, createEventPushes, type Ephemeral } from '../../src/rooms/index.ts'
import { createSync, type Sync, type SyncQuery } from '../../src/sync/index.ts'
import type { Users } from '../../src/users/index.ts'
import { type House, type HouseOptions, openHouse, serverName, type TestUser } from './rooms.ts'

export type SyncParts = {
  readonly users: Users
  readonly devices: Devices
  readonly ephemeral: Ephemeral
  readonly presence: Presence
  readonly sync: Sync
}

export type SyncHouse = {
  readonly house: House
  parts: SyncParts
  restart(): Promise<void>
  close(): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into by tests
export type AnyJson = any

const silent = (): void => {}
export const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: console.error }

/** An empty server with all that sync needs. */
export async function openSyncHouse(options: HouseOptions = {}): Promise<SyncHouse> {
  const clock = options.clock ?? createSystemClock()
  const house = await openHouse({ ...options, clock })
  const opened: SyncHouse = {
    house,
    parts: buildParts(house, clock),
    async restart() {
      opened.parts.sync.close()
      await house.restart()
      opened.parts = buildParts(house, clock)
    },
    async close() {
      opened.parts.sync.close()
      await house.close()
    },
  }
  return opened
}

function buildParts({ parts }: House, clock: Clock): SyncParts {
  const { store, names, journal, rooms, users, presence } = parts
  const base = { store, names, journal, clock, logger: silentLogger }
  const devices = createDevices({ ...base, users, isLocal: (server) => server === serverName, config: {} })
  const ephemeral = createEphemeral(base)
  const pushes = createEventPushes({ rooms })
  const sync = createSync({ ...base, rooms, ephemeral, pushes, users, devices, presence })
  return { users, devices, ephemeral, presence, sync }
}

/** A client that follows /sync from one reply to the next. */
export type TestClient = {
  readonly user: TestUser
  /** The token of the last reply. */
  since: string | undefined
  /** One request with the last token; the token moves on. */
  sync(query?: SyncQuery, signal?: AbortSignal): Promise<AnyJson>
  /** One request with the last token, as if its reply got lost. */
  peek(query?: SyncQuery): Promise<AnyJson>
}

export async function openClient(server: SyncHouse, localpart: string, device = 'DEVICE'): Promise<TestClient> {
  const user = await server.house.user(localpart, device)
  await logIn(server, user, localpart)
  const ask = async (query: SyncQuery, signal: AbortSignal): Promise<AnyJson> =>
    JSON.parse(await server.parts.sync.next(user, { since: client.since, ...query }, signal))
  const client: TestClient = {
    user,
    since: undefined,
    async sync(query = {}, signal = new AbortController().signal) {
      const reply = await ask(query, signal)
      client.since = reply.next_batch
      return reply
    },
    peek: (query = {}) => ask(query, new AbortController().signal),
  }
  return client
}

/** Makes the account if need be, and the device. */
async function logIn({ parts: { users } }: SyncHouse, { userId, deviceId }: TestUser, localpart: string) {
  const password = `password of ${localpart}`
  if ((await users.findAccount(userId)) === undefined) await users.createAccount({ localpart, password })
  await users.logIn({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user: localpart },
    user: undefined,
    password,
    token: undefined,
    deviceId,
    deviceName: undefined,
    wantsRefreshToken: false,
    ip: '127.0.0.1',
  })
}

/** The section of a joined room in a reply. */
export function joinedIn(reply: AnyJson, roomId: RoomId): AnyJson {
  return reply.rooms?.join?.[roomId]
}

/** Contents of state events by `type key`. */
export function stateOf({ events }: AnyJson): Record<string, AnyJson> {
  return Object.fromEntries(events.map((event: AnyJson) => [`${event.type} ${event.state_key}`, event.content]))
}
