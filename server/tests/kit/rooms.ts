/** Rooms without HTTP: a store, the rooms component, its views and the flows, with local users who act at once. */

import { randomBytes } from 'node:crypto'
import {
  createSignerFromSeed,
  type DeviceId,
  type EventId,
  type RoomId,
  type ServerName,
  type UserId,
} from '@parallax/protocol'
import { type Clock, createSystemClock, type Logger, MatrixError } from '../../src/base/index.ts'
import { type Actor, createFlows, type Flows } from '../../src/flows/index.ts'
import { createJournal, type EmbeddedJournal } from '../../src/journal/index.ts'
import { createMail } from '../../src/mail/index.ts'
import { createModeration } from '../../src/moderation/index.ts'
import { createPresence, type Presence } from '../../src/presence/index.ts'
import { createIdentityServers, createOutgoingHttp, type Remote } from '../../src/remote/index.ts'
import {
  createRooms,
  createRoomViews,
  type Lenses,
  parseEventFilter,
  type Rooms,
  type RoomViews,
} from '../../src/rooms/index.ts'
import { createNames, createStore, type Names, type Store } from '../../src/store/index.ts'
import { createUsers, type Users } from '../../src/users/index.ts'
import { createTestPlace, endTestStores, type TestPlace } from './store.ts'

export const serverName = 'test.example'

export type TestUser = Actor & {
  readonly deviceId: DeviceId
  readonly isAdmin: boolean
  readonly isGuest: false
  readonly isSuspended: false
}

/** A house alone speaks with no other server. */
const withoutOthers = {
  remote: { isEnabled: false, isAllowed: () => false, calls: {} as Remote['calls'] },
  federation: { inviteRemote: alone, joinRemote: alone, knockRemote: alone, leaveRemote: alone, takeUpInvite: alone },
}

function alone(): Promise<never> {
  return Promise.reject(new MatrixError('M_NOT_FOUND', 'There is no other server.'))
}

const closed = { allowPrivateNetworks: false, allowRanges: [], denyRanges: [], authorities: [] }

const noLinks = { confirmEmail: () => '' }

export type Parts = {
  readonly store: Store
  readonly names: Names
  readonly journal: EmbeddedJournal
  readonly rooms: Rooms
  readonly views: RoomViews
  readonly users: Users
  readonly presence: Presence
  readonly flows: Flows
}

/** The parts of a server that rooms need; `parts` is replaced by `restart`. */
export type House = {
  parts: Parts
  readonly place: TestPlace
  /** A local user with one device; the same name gives the same user. */
  user(localpart: string, device?: string): Promise<TestUser>
  /** Closes everything and opens it again on the same database. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** Profiles of the users of every house, by user ID. */
export const profiles = new Map<string, { displayname?: string; avatar_url?: string }>()

export type HouseOptions = {
  readonly clock?: Clock
  readonly wrapStore?: (store: Store) => Store
  /** `test.example` if none is given. */
  readonly name?: string
  /** True: presence is told; otherwise it is off. */
  readonly hasPresence?: boolean
}

const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

const noLenses: Lenses = {
  hasLens: async () => false,
  openLook: async () => undefined,
  judgeOne: async () => undefined,
  requireSafe: async () => {},
  requireSafeInRoom: async () => {},
  isKeptBack: async () => false,
  openRoomLook: async () => undefined,
}

/** An empty server on the engine of this run. */
export async function openHouse(options: HouseOptions = {}): Promise<House> {
  const place = await createTestPlace()
  const house: House = {
    parts: await openParts(place, options),
    place,
    async user(localpart, device = 'DEVICE') {
      const userId = `@${localpart}:${options.name ?? serverName}` as UserId
      const [user] = (await house.parts.names.intern([userId])) as [number]
      return { userId, user, deviceId: device as DeviceId, isAdmin: false, isGuest: false, isSuspended: false }
    },
    async restart() {
      await closeParts(house.parts)
      house.parts = await openParts(place, options)
    },
    async close() {
      await closeParts(house.parts)
      place.remove()
      await endTestStores()
    },
  }
  return house
}

async function openParts(place: TestPlace, options: HouseOptions): Promise<Parts> {
  const { clock = createSystemClock(), wrapStore, name = serverName, hasPresence = false } = options
  const opened = await createStore(place.options)
  const store = wrapStore === undefined ? opened : wrapStore(opened)
  const names = createNames(store)
  const journal = await createJournal(store, { clock })
  const signer = createSignerFromSeed(name as ServerName, '1', new Uint8Array(32).fill(7))
  const shared = { store, names, journal, clock, logger: quiet, randomBytes }
  const config = {
    serverName: name as ServerName,
    registration: 'open' as const,
    passwordMemoryKib: 8,
    passwordPasses: 1,
  }
  const users = createUsers({
    ...shared,
    config,
    mail: createMail(undefined, quiet),
    links: noLinks,
    requireSafe: async () => {},
  })
  const findSigner = (server: ServerName) => (server === name ? signer : undefined)
  const rooms = await createRooms({ ...shared, users, lenses: noLenses, findSigner, requestPolicySignature: alone })
  const views = createRoomViews({ rooms, names, journal, clock })
  const presence = await createPresence({ ...shared, isEnabled: hasPresence })
  const isLocal = (server: string): boolean => server === name
  const flows = createFlows({
    notices: createModeration({ store, names, clock, users, rooms, isLocal }),
    noticesFrom: { userId: `@_server:${name}` as UserId, displayName: 'Notices', roomName: 'Notices' },
    rooms,
    names,
    clock,
    users,
    presence,
    findProfile: async (user) => profiles.get(user),
    isLocal,
    ...withoutOthers,
    identity: createIdentityServers({
      outgoing: createOutgoingHttp({ clock, config: closed }),
      findSigner,
      servers: [],
    }),
    logger: quiet,
    ownServer: name as ServerName,
    defaultRoomVersion: '12',
  })
  await journal.start()
  return { store, names, journal, rooms, views, users, presence, flows }
}

async function closeParts({ journal, store, presence }: Parts): Promise<void> {
  await presence.close()
  await journal.stop()
  await store.close()
}

/** The error code of a refused request; 'ok' if it was not refused. Other errors are thrown. */
export async function errcodeOf(request: Promise<unknown>): Promise<string> {
  try {
    await request
    return 'ok'
  } catch (error) {
    if (error instanceof MatrixError) return error.errcode
    throw error
  }
}

/** A room of the creator's; public unless the request says otherwise. */
export function makeRoom(house: House, creator: TestUser, request: object = {}): Promise<RoomId> {
  return house.parts.flows.createRoom(creator, { preset: 'public_chat', ...request })
}

let lastTransaction = 0

/** Sends a text message; answers its event ID. */
export async function say(house: House, sender: TestUser, roomId: RoomId, body: string): Promise<EventId> {
  const transactionId = `t${++lastTransaction}`
  const content = { msgtype: 'm.text', body }
  return (await house.parts.flows.send(sender, { roomId, type: 'm.room.message', content, transactionId })).eventId
}

/** Sets a state event; answers its event ID. */
export async function setState(
  house: House,
  sender: TestUser,
  roomId: RoomId,
  [type, stateKey]: readonly [type: string, stateKey: string],
  content: object,
): Promise<EventId> {
  return (await house.parts.flows.send(sender, { roomId, type, stateKey, content: content as never })).eventId
}

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into by tests
type AnyJson = any

/** The content of a current state event as the user reads it. */
export async function readState(
  house: House,
  reader: TestUser,
  roomId: RoomId,
  type: string,
  stateKey = '',
): Promise<AnyJson> {
  return JSON.parse(await house.parts.views.stateEvent(reader, roomId, { type, stateKey, format: 'content' }))
}

/** One event as the user reads it. */
export async function readEvent(house: House, reader: TestUser, roomId: RoomId, eventId: EventId): Promise<AnyJson> {
  return JSON.parse(await house.parts.views.event(reader, roomId, eventId))
}

export type PageQuery = {
  readonly from?: string
  readonly to?: string
  readonly direction?: 'b' | 'f'
  readonly limit?: number
  readonly filter?: object
}

/** A page of messages as the user reads it. */
export async function readPage(
  house: House,
  reader: TestUser,
  roomId: RoomId,
  query: PageQuery = {},
): Promise<AnyJson> {
  const { from, to, direction = 'b', limit = 100 } = query
  const filter = parseEventFilter(JSON.stringify(query.filter ?? {}))
  return JSON.parse(await house.parts.views.messages(reader, roomId, { from, to, direction, limit, filter }))
}

/** Texts of the messages among these events, in order. */
export function bodiesOf(events: readonly AnyJson[]): string[] {
  return events.flatMap((event) => (typeof event.content?.body === 'string' ? [event.content.body] : []))
}
