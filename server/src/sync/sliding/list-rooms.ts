/** The lists and subscriptions of a request, and which rooms they mean. Spec: msc4186#lists-and-subscriptions. */

import { isJsonObject, type JsonValue, type RoomId, type StateMapKey, splitStateKey } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import { contentText } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { StrippedStates } from '../streams/invites.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { SyncView } from '../view.ts'
import type { Connection } from './connection.ts'
import { findKnownRoom, type OrderedRoom, type RoomOrder } from './room-order.ts'
import type { ListFilter, ListRequest, SlidingRequest } from './sliding-request.ts'
import { combineConfigs, type RoomConfig } from './state-wish.ts'

/** A room that a reply may tell of. */
export type WantedRoom = OrderedRoom & { readonly config: RoomConfig; readonly lists: readonly string[] }

export type WantedRooms = {
  readonly rooms: ReadonlyMap<number, WantedRoom>
  /** How many rooms each list has, whatever its ranges. */
  readonly counts: ReadonlyMap<string, number>
  /** Rooms of each list, whatever its ranges, for the extensions. */
  readonly listed: ReadonlyMap<string, ReadonlySet<number>>
  readonly subscribed: ReadonlySet<number>
  /** Room IDs of those that are subscribed. */
  readonly names: ReadonlyMap<number, string>
}

type ListDeps = Pick<SyncDeps, 'rooms' | 'users' | 'names'> & {
  readonly order: RoomOrder
  readonly facts: RoomFacts
  readonly directs: DirectRooms
}

/** Every room that a list's range or a subscription covers. */
export async function listWanted(
  deps: ListDeps,
  view: SyncView,
  connection: Connection,
  request: SlidingRequest,
): Promise<WantedRooms> {
  const found = new Map<number, { place: OrderedRoom; configs: RoomConfig[]; lists: string[] }>()
  const add = (place: OrderedRoom, config: RoomConfig, list?: string) => {
    const entry = found.get(place.room) ?? { place, configs: [], lists: [] }
    if (!entry.configs.includes(config)) entry.configs.push(config)
    if (list !== undefined) entry.lists.push(list)
    found.set(place.room, entry)
  }
  const counts = new Map<string, number>()
  const listed = new Map<string, ReadonlySet<number>>()
  const order = request.lists.length === 0 ? [] : await deps.order.list(view, connection)
  for (const list of request.lists) {
    const passing = await filterRooms(deps, view, order, list.filter)
    counts.set(list.name, passing.length)
    listed.set(list.name, new Set(passing.map(({ room }) => room)))
    for (const place of inRanges(passing, list)) add(place, list.config, list.name)
  }
  const names = new Map<number, string>()
  for (const [roomId, config] of request.subscriptions) {
    const [room] = await deps.names.find([roomId])
    const place = room === undefined ? undefined : await deps.order.find(view, connection, room)
    if (place === undefined) continue
    names.set(place.room, roomId)
    add(place, config)
  }
  const rooms = [...found.values()]
    .sort((a, b) => b.place.activity - a.place.activity)
    .map(({ place, configs, lists }) => ({ ...place, config: combineConfigs(configs), lists }))
  const subscribed = new Set(names.keys())
  return { rooms: new Map(rooms.map((room) => [room.room, room])), counts, listed, subscribed, names }
}

function inRanges(rooms: readonly OrderedRoom[], { ranges }: ListRequest): readonly OrderedRoom[] {
  if (ranges === undefined) return rooms
  if (ranges.length === 1) return rooms.slice(ranges[0]![0], ranges[0]![1] + 1)
  return rooms.filter((_, index) => ranges.some(([first, last]) => first <= index && index <= last))
}

type RoomTest = (place: OrderedRoom) => boolean | Promise<boolean>

async function filterRooms(
  deps: ListDeps,
  view: SyncView,
  order: readonly OrderedRoom[],
  filter: ListFilter,
): Promise<readonly OrderedRoom[]> {
  const tests = await compileFilter(deps, view, filter)
  if (tests.length === 0) return order
  const passing: OrderedRoom[] = []
  next: for (const place of order) {
    for (const test of tests) if (!(await test(place))) continue next
    passing.push(place)
  }
  return passing
}

/** Cheap tests first. */
async function compileFilter(deps: ListDeps, view: SyncView, filter: ListFilter): Promise<RoomTest[]> {
  const { facts } = deps
  const { isInvited, isDirect, isEncrypted, roomTypes, notRoomTypes, spaces } = filter
  const tests: RoomTest[] = []
  if (isInvited !== undefined) tests.push(({ member }) => (member.membership === 'invite') === isInvited)
  if (isDirect !== undefined) {
    const directs = await deps.directs.find(view)
    tests.push(({ room }) => directs.has(room) === isDirect)
  }
  if (spaces !== undefined) {
    const children = await listChildren(deps, view, spaces)
    tests.push(({ room }) => children.has(room))
  }
  tests.push(...(await compileTags(deps, view, filter)))
  if (isEncrypted !== undefined) tests.push(async (place) => (await facts.find(place)).isEncrypted === isEncrypted)
  if (roomTypes !== undefined) tests.push(async (place) => roomTypes.includes((await facts.find(place)).type))
  if (notRoomTypes !== undefined) tests.push(async (place) => !notRoomTypes.includes((await facts.find(place)).type))
  return tests
}

async function compileTags({ users }: ListDeps, view: SyncView, { tags, notTags }: ListFilter): Promise<RoomTest[]> {
  if (tags === undefined && notTags === undefined) return []
  const ofRoom = new Map<number, Set<string>>()
  for (const [room, rows] of await users.listRoomAccountData(view.caller.user, 0, view.upto)) {
    const content = rows.find((row) => row.type === 'm.tag')?.content
    const set: JsonValue | undefined = content === undefined ? undefined : JSON.parse(content).tags
    if (isJsonObject(set)) ofRoom.set(room, new Set(Object.keys(set)))
  }
  const has = (room: number, wanted: readonly string[]) => wanted.some((tag) => ofRoom.get(room)?.has(tag))
  return [({ room }) => (tags === undefined || has(room, tags)) && !(notTags !== undefined && has(room, notTags))]
}

/** Children that the joined ones of these spaces name. */
async function listChildren(deps: ListDeps, view: SyncView, spaces: readonly string[]): Promise<Set<number>> {
  const children = new Set<number>()
  for (const space of new Set(spaces)) {
    const info = await deps.rooms.findRoom(space as RoomId)
    if (info === undefined || view.memberships.get(info.room)?.membership !== 'join') continue
    const links = await deps.rooms.listStateOfType(info.snapshot, 'm.space.child')
    const named = links.filter((event) => Array.isArray(JSON.parse(contentText(event)).via))
    const keys = (await deps.names.texts(named.map((event) => event.slot!))) as StateMapKey[]
    const roomIds = keys.map((key) => splitStateKey(key)[1])
    for (const room of await deps.names.find(roomIds)) if (room !== undefined) children.add(room)
  }
  return children
}

/** What filters ask of a room; of an invite as far as it says. */
export type RoomFact = { readonly isEncrypted: boolean; readonly type: string | null }

export interface RoomFacts {
  find(place: OrderedRoom): Promise<RoomFact>
}

type FactDeps = Pick<SyncDeps, 'rooms'> & { readonly stripped: StrippedStates }

export function createRoomFacts(deps: FactDeps): RoomFacts {
  /** Of joined rooms by snapshot, of others by the member event: what these say does not change. */
  const known = new Lru<string, RoomFact>(syncLimits.slidingActivityMax)
  const types = new Lru<number, string | null>(syncLimits.slidingActivityMax)

  async function readJoined(room: number): Promise<RoomFact> {
    const encryption = await deps.rooms.findStateEvent(room, 'm.room.encryption', '')
    let type = types.get(room)
    if (type === undefined) {
      type = typeOf((await deps.rooms.findStateEvent(room, 'm.room.create', ''))?.content)
      types.set(room, type)
    }
    return { isEncrypted: encryption !== undefined, type }
  }

  async function readOutside({ member }: OrderedRoom): Promise<RoomFact> {
    const events = JSON.parse((await deps.stripped.find(member))?.events ?? '[]')
    const find = (type: string) => events.find((event: { type: unknown }) => event.type === type)
    return { isEncrypted: find('m.room.encryption') !== undefined, type: typeOf(find('m.room.create')?.content) }
  }

  return {
    async find(place) {
      const isJoined = place.member.membership === 'join'
      const info = isJoined ? await findKnownRoom(deps, place.room) : undefined
      const key = isJoined ? `${place.room} ${info?.snapshot}` : `${place.room} e${place.member.event}`
      const fact = known.get(key) ?? (isJoined ? await readJoined(place.room) : await readOutside(place))
      known.set(key, fact)
      return fact
    },
  }
}

function typeOf(content: JsonValue | undefined): string | null {
  const type = isJsonObject(content) ? content.type : undefined
  return typeof type === 'string' ? type : null
}

/** Which rooms are direct chats, as the user's `m.direct` says. */
export interface DirectRooms {
  find(view: SyncView): Promise<ReadonlySet<number>>
}

export function createDirectRooms({ users, names }: Pick<SyncDeps, 'users' | 'names'>): DirectRooms {
  const byUser = new Lru<number, { readonly text: string; readonly rooms: ReadonlySet<number> }>(
    syncLimits.slidingActivityMax,
  )
  return {
    async find({ caller }) {
      const text = (await users.findAccountData(caller.user, null, 'm.direct')) ?? '{}'
      const held = byUser.get(caller.user)
      if (held?.text === text) return held.rooms
      const lists: JsonValue[] = Object.values(JSON.parse(text))
      const roomIds = lists.flat().filter((roomId) => typeof roomId === 'string')
      const numbers = await names.find(roomIds.slice(0, syncLimits.slidingDirectsMax))
      const rooms = new Set(numbers.filter((number) => number !== undefined))
      byUser.set(caller.user, { text, rooms }, rooms.size + 1)
      return rooms
    },
  }
}
