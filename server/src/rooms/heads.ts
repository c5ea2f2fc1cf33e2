/** Heads of rooms in memory: current state, forward extremities and the parsed state events that decisions need. */

import {
  parseStoredEvent,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  requireRoomRules,
  type StateMapKey,
  stateKeyOf,
} from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import type { Names, Reader } from '../store/index.ts'
import { StoreError } from '../store/index.ts'
import { pduText } from './client-format.ts'
import { listEvents } from './event-table.ts'
import { findRoom, type RoomRow } from './room-table.ts'
import type { StoredEvent } from './rooms.ts'
import type { StateTrees } from './state/state-trees.ts'
import type { NodeHash } from './state/tree-node.ts'

/** A state event with its number in the store. */
export type StateCell = { readonly number: number; readonly event: RoomEvent }

/** What the next event of a room is decided on. Replaced, not changed, by each commit; only `cells` is shared. */
export type RoomHead = {
  readonly roomId: RoomId
  readonly rules: RoomRules
  readonly row: RoomRow
  readonly root: NodeHash
  readonly create: RoomEvent
  /** Parsed state events by key; null: known to be absent. A cache of the current state. */
  readonly cells: Lru<StateMapKey, StateCell | null>
}

/** State events by key; null: there is none. */
export type Cells = ReadonlyMap<StateMapKey, StateCell | null>

export interface Heads {
  /** The head of a room that is stored here. */
  find(room: number): Promise<RoomHead | undefined>
  peek(room: number): RoomHead | undefined
  put(head: RoomHead): void
  /** Forgets what is in memory: the next `find` reads the store. */
  drop(room: number): void
  /** The state events of these keys at this head; remembered in `head.cells` while the head is the current one. */
  loadCells(head: RoomHead, keys: readonly StateMapKey[]): Promise<Cells>
}

export type HeadsDeps = { readonly reader: Reader; readonly names: Names; readonly trees: StateTrees }

const HEADS_MAX = 2000
/** Parsed state events kept for each room. */
export const CELLS_MAX = 256

/** A stored event as the protocol core sees it. */
export function toRoomEvent(rules: RoomRules, roomId: RoomId, stored: StoredEvent): RoomEvent {
  return parseStoredEvent(rules, stored.eventId, roomId, JSON.parse(pduText(stored)))
}

export function createHeads(deps: HeadsDeps): Heads {
  const heads = new Lru<number, RoomHead>(HEADS_MAX)
  const loading = new Map<number, Load>()
  const find = async (room: number): Promise<RoomHead | undefined> => {
    for (;;) {
      const known = heads.get(room)
      if (known !== undefined) return known
      const load = loading.get(room) ?? startLoad(room)
      const loaded = await load.head
      // A turn may have put a newer head while this one was read, which may be forgotten again already.
      if (load.isOutdated) continue
      if (loaded !== undefined && !heads.has(room)) heads.set(room, loaded)
      return heads.get(room)
    }
  }
  const startLoad = (room: number): Load => {
    const load: Load = { head: loadHead(deps, room), isOutdated: false }
    loading.set(room, load)
    const ended = () => {
      if (loading.get(room) === load) loading.delete(room)
    }
    load.head.then(ended, ended)
    return load
  }
  const outdate = (room: number): void => {
    const load = loading.get(room)
    if (load === undefined) return
    load.isOutdated = true
    loading.delete(room)
  }
  /** A redaction changes a state event, but not the root: only the position tells that nothing was committed since. */
  const isCurrent = ({ row }: RoomHead): boolean =>
    (heads.get(row.room)?.row.lastPosition ?? row.lastPosition) === row.lastPosition
  return {
    find,
    peek: (room) => heads.get(room),
    put(head) {
      outdate(head.row.room)
      heads.set(head.row.room, head)
    },
    drop(room) {
      outdate(room)
      heads.delete(room)
    },
    loadCells: (head, keys) => loadCells(deps, head, keys, () => isCurrent(head)),
  }
}

/** A head being read; outdated if a commit or a drop came in between. */
type Load = { readonly head: Promise<RoomHead | undefined>; isOutdated: boolean }

async function loadHead(deps: HeadsDeps, room: number): Promise<RoomHead | undefined> {
  const row = await findRoom(deps.reader, room)
  if (row === undefined) return undefined
  const [roomId] = (await deps.names.texts([room])) as [RoomId]
  const rules = requireRoomRules(row.version)
  const root = await deps.trees.requireRoot(row.snapshot)
  const cells = new Lru<StateMapKey, StateCell | null>(CELLS_MAX)
  const createKey = stateKeyOf('m.room.create', '')
  const partial = { roomId, rules, row, root, cells }
  const create = (await loadCells(deps, partial, [createKey], () => true)).get(createKey)
  if (!create) throw new StoreError('corrupt', `Room ${roomId} has no create event.`)
  return { ...partial, create: create.event }
}

async function loadCells(
  deps: HeadsDeps,
  head: Omit<RoomHead, 'create'>,
  keys: readonly StateMapKey[],
  isCurrent: () => boolean,
): Promise<Cells> {
  const found = new Map<StateMapKey, StateCell | null>()
  for (const key of keys) {
    const cell = head.cells.get(key)
    if (cell !== undefined) found.set(key, cell)
  }
  const missing = keys.filter((key) => !found.has(key))
  if (missing.length === 0) return found
  const slots = await deps.names.find(missing)
  const known = slots.filter((slot) => slot !== undefined)
  const numbers = await deps.trees.find(head.root, known)
  const numberOf = new Map(known.map((slot, index) => [slot, numbers[index]]))
  const wanted = numbers.filter((number) => number !== undefined)
  const events = new Map((await listEvents(deps.reader, wanted)).map((event) => [event.event, event]))
  const remember = isCurrent()
  missing.forEach((key, index) => {
    const slot = slots[index]
    const number = slot === undefined ? undefined : numberOf.get(slot)
    const stored = number === undefined ? undefined : events.get(number)
    const cell = stored ? { number: stored.event, event: toRoomEvent(head.rules, head.roomId, stored) } : null
    found.set(key, cell)
    if (remember) head.cells.set(key, cell)
  })
  return found
}
