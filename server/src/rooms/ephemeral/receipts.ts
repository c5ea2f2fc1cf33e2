/** Up to where users have read. Spec: client-server-api#receipts. */

import { type Clock, Lru } from '../../base/index.ts'
import type { Journal, Position } from '../../journal/index.ts'
import type { Reader, Store } from '../../store/index.ts'
import type { StoredEvent } from '../rooms.ts'
import { ephemeralLimits } from './limits.ts'
import type { ReceiptRow, ReceiptType } from './receipt.ts'
import { listReceiptsAfter, listReceiptsOfUser, upsertReceipt } from './receipt-table.ts'

/** Up to which place of one room's timeline a user has read, by thread; the empty thread counts for all. */
export type Reads = ReadonlyMap<string, number>

export interface Receipts {
  /** Moves a receipt forwards; one that would go back is ignored. Answers true if it moved. */
  set(
    receipt: {
      readonly user: number
      readonly type: ReceiptType
      readonly thread: string
      /** When it was set, ms; now if nothing is given. */
      readonly ts?: number
    },
    event: StoredEvent,
  ): Promise<boolean>
  /** Receipts of these rooms set after a position, public and private ones, oldest first. */
  listAfter(rooms: readonly number[], after: Position): Promise<ReceiptRow[]>
  /** What the user has read, by room. */
  listReads(user: number): Promise<ReadonlyMap<number, Reads>>
}

type ReceiptDeps = { readonly store: Store; readonly journal: Journal; readonly clock: Clock }

/** Receipts of a room that changed lately: all above `floor`, oldest first. */
type Recent = { floor: Position; rows: ReceiptRow[] }

export function createReceipts(deps: ReceiptDeps): Receipts {
  const { reader } = deps.store
  const readsByUser = createReads(reader)
  const recent = createRecent(deps.journal.committed())

  return {
    async set({ user, type, thread, ts = deps.clock.nowMs() }, event) {
      const stream = event.stream ?? event.event
      const known = await readsByUser.rowsOf(user)
      const before = known.get(keyOf(event.room, type, thread))
      if (before !== undefined && before.stream >= stream) return false
      const row = { room: event.room, user, type, thread, eventId: event.eventId, stream, ts }
      const isPrivate = type === 'm.read.private'
      await deps.store.transact((tx) => {
        const position = deps.journal.append(tx, { kind: 'receipt', room: event.room, user, isPrivate })
        const stored = { ...row, position }
        upsertReceipt(tx, stored)
        tx.onCommitted(() => {
          readsByUser.add(stored)
          recent.add(stored)
        })
      })
      return true
    },
    async listAfter(rooms, after) {
      const held = rooms.map((room) => recent.find(room, after))
      const unknown = rooms.filter((_, index) => held[index] === undefined)
      const loaded = unknown.length === 0 ? [] : await listReceiptsAfter(reader, unknown, after)
      return [...loaded, ...held.flatMap((rows) => rows ?? [])]
    },
    listReads: readsByUser.readsOf,
  }
}

function keyOf(room: number, type: ReceiptType, thread: string): string {
  return `${room} ${type} ${thread}`
}

type OwnReceipts = { rows: Map<string, ReceiptRow>; reads: Map<number, Map<string, number>> }

/** Each user's own receipts, in memory while they are asked for. */
function createReads(reader: Reader) {
  const users = new Lru<number, OwnReceipts>(ephemeralLimits.readsMax)
  let version = 0

  async function load(user: number): Promise<OwnReceipts> {
    for (;;) {
      const known = users.get(user)
      if (known !== undefined) return known
      const before = version
      const rows = await listReceiptsOfUser(reader, user)
      if (before !== version) continue
      const own: OwnReceipts = { rows: new Map(), reads: new Map() }
      for (const row of rows) put(own, row)
      users.set(user, own, rows.length + 1)
      return own
    }
  }

  return {
    rowsOf: async (user: number) => (await load(user)).rows,
    readsOf: async (user: number) => (await load(user)).reads,
    add(row: ReceiptRow) {
      version++
      const own = users.get(row.user)
      if (own !== undefined) put(own, row)
    },
  }
}

function put(own: OwnReceipts, row: ReceiptRow): void {
  own.rows.set(keyOf(row.room, row.type, row.thread), row)
  let reads = own.reads.get(row.room)
  if (reads === undefined) {
    reads = new Map()
    own.reads.set(row.room, reads)
  }
  reads.set(row.thread, Math.max(reads.get(row.thread) ?? Number.MIN_SAFE_INTEGER, row.stream))
}

function createRecent(start: Position) {
  const rooms = new Lru<number, Recent>(ephemeralLimits.recentReceiptsMax)
  /** Everything above it is in memory, unless the room was pushed out: then it starts anew. */
  return {
    add(row: ReceiptRow) {
      const held = rooms.get(row.room) ?? { floor: row.position - 1, rows: [] }
      held.rows = held.rows.filter((old) => old.user !== row.user || old.type !== row.type || old.thread !== row.thread)
      held.rows.push(row)
      while (held.rows.length > ephemeralLimits.recentReceiptsOfRoomMax) held.floor = held.rows.shift()!.position
      rooms.set(row.room, held, held.rows.length + 1)
    },
    find(room: number, after: Position): ReceiptRow[] | undefined {
      const held = rooms.get(room)
      if (held === undefined || after < Math.max(held.floor, start)) return undefined
      return held.rows.filter((row) => row.position > after)
    },
  }
}
