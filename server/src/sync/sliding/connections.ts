/**
 * Sliding sync connections: what a client was told of each room. A reply makes a new numbered state; the one before is
 * kept until the client shows by its next `pos` which of the two it has. They are stored without being waited for: a
 * crash may cost the newest state, and then the client starts anew. Spec: msc4186#connections.
 */

import { randomInt } from 'node:crypto'
import { type Clock, type Logger, Lru } from '../../base/index.ts'
import { type Store, StoreError } from '../../store/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncCaller } from '../sync.ts'
import { type Connection, type RoomEntry, unknownPos } from './connection.ts'
import {
  findConnection,
  insertConnection,
  removeConnections,
  removeEntry,
  removeUnused,
  type Stored,
  updateConnection,
  upsertEntry,
} from './connection-table.ts'

export interface Connections {
  /** A new one in the place of the one of this name. */
  open(caller: SyncCaller, name: string): Connection
  /** As it was in the state of this number. Throws MatrixError M_UNKNOWN_POS. */
  find(caller: SyncCaller, id: number, state: number): Promise<Connection>
  /** Makes the next state. */
  commit(connection: Connection, changed: ReadonlyMap<number, RoomEntry>): void
  /** `deviceId` null: of all of the user's devices. */
  endSession(user: number, deviceId: string | null): void
}

type ConnectionDeps = { readonly store: Store; readonly clock: Clock; readonly logger: Logger }

export function createConnections({ store, clock, logger }: ConnectionDeps): Connections {
  const open = new Lru<number, Connection>(syncLimits.slidingRoomsMax)
  const byName = new Lru<string, number>(syncLimits.slidingRoomsMax)
  /** Those whose rows may not be gone yet. */
  const replaced = new Lru<number, true>(syncLimits.slidingConnectionsMax * 1_000)
  let tidiedMs = 0

  function keep(connection: Connection): void {
    byName.set(nameOf(connection), connection.id)
    open.set(connection.id, connection, connection.rooms.size + 10)
  }

  function write(build: Parameters<Store['transact']>[0], id?: number): void {
    store.transact(build).catch((error: unknown) => {
      // Conflict: it was replaced meanwhile. Without its rows it must not go on.
      if (id !== undefined) open.delete(id)
      const isExpected = error instanceof StoreError && (error.kind === 'conflict' || error.kind === 'closed')
      if (!isExpected) logger.warn({ error }, 'a sliding sync connection was not stored')
    })
  }

  function tidySometimes(nowMs: number): void {
    if (nowMs - tidiedMs < syncLimits.slidingTidyEveryMs) return
    tidiedMs = nowMs
    write((tx) => removeUnused(tx, nowMs - syncLimits.slidingUnusedMs))
  }

  return {
    open({ user, deviceId = '' }, name) {
      const nowMs = clock.nowMs()
      const connection = createConnection({ id: randomInt(1, 2 ** 47), user, deviceId, name })
      const before = byName.get(nameOf(connection))
      if (before !== undefined) {
        open.delete(before)
        replaced.set(before, true)
      }
      keep(connection)
      write((tx) => insertConnection(tx, connection, nowMs, syncLimits.slidingConnectionsMax), connection.id)
      tidySometimes(nowMs)
      return connection
    },
    async find({ user, deviceId = '' }, id, state) {
      let connection = open.get(id)
      if (connection === undefined && !replaced.has(id)) {
        const stored = await findConnection(store.reader, id, { user, deviceId })
        connection = open.get(id) ?? (stored && restore({ id, user, deviceId, name: stored.name }, stored))
        if (connection !== undefined) keep(connection)
      }
      if (connection === undefined || connection.user !== user || connection.deviceId !== deviceId) throw unknownPos()
      if (state === connection.current) return connection
      if (state !== connection.previous) throw unknownPos()
      goBack(connection)
      return connection
    },
    commit(connection, changed) {
      if (changed.size === 0) return
      if (connection.wishes.length > syncLimits.slidingWishesMax) throw unknownPos()
      advance(connection, changed)
      keep(connection)
      const { id, current, rooms, undo } = connection
      const stale = [...connection.unstored]
      connection.unstored.clear()
      const nowMs = clock.nowMs()
      write((tx) => {
        updateConnection(tx, connection, nowMs)
        for (const room of stale) {
          const entry = rooms.get(room)
          if (changed.has(room)) continue
          if (entry === undefined) removeEntry(tx, id, room)
          else upsertEntry(tx, id, { room, entry, number: 0, undo: null })
        }
        for (const [room, entry] of changed) {
          upsertEntry(tx, id, { room, entry, number: current, undo: undo.get(room) ?? null })
        }
      }, id)
    },
    endSession(user, deviceId) {
      write((tx) => removeConnections(tx, user, deviceId))
    },
  }
}

function nameOf({ user, deviceId, name }: Pick<Connection, 'user' | 'deviceId' | 'name'>): string {
  return `${user} ${deviceId} ${name}`
}

function createConnection(key: Pick<Connection, 'id' | 'user' | 'deviceId' | 'name'>): Connection {
  return {
    ...key,
    current: 0,
    previous: 0,
    last: 0,
    rooms: new Map(),
    undo: new Map(),
    unstored: new Set(),
    wishes: [],
    window: undefined,
    requests: 0,
  }
}

function restore(key: Pick<Connection, 'id' | 'user' | 'deviceId' | 'name'>, stored: Stored): Connection {
  const { current, previous, last, wishes, entries } = stored
  const connection: Connection = { ...createConnection(key), current, previous, last, wishes: [...wishes] }
  for (const { room, entry, number, undo } of entries) {
    connection.rooms.set(room, entry)
    if (number === current) connection.undo.set(room, undo ?? undefined)
  }
  return connection
}

function advance(connection: Connection, changed: ReadonlyMap<number, RoomEntry>): void {
  connection.undo.clear()
  for (const [room, entry] of changed) {
    connection.undo.set(room, connection.rooms.get(room))
    connection.rooms.set(room, entry)
  }
  connection.previous = connection.current
  connection.current = ++connection.last
}

/** The last reply got lost. */
function goBack(connection: Connection): void {
  for (const [room, entry] of connection.undo) {
    if (entry === undefined) connection.rooms.delete(room)
    else connection.rooms.set(room, entry)
    connection.unstored.add(room)
  }
  connection.undo.clear()
  connection.current = connection.previous
  connection.window = undefined
}
