/**
 * Events that one server is to be told. They wait in memory; when they are too many, or the server is away, they are
 * left to the tables and read from there again. What is in the tables is told first.
 */

import type { ServerName } from '@parallax/protocol'
import type { StoredEvent } from '../../rooms/index.ts'
import { outboxLimits } from './limits.ts'
import type { OwedRoom } from './outbox-table.ts'

/** `position`: where the event stands in the journal; `event`: its number; `origin`: the domain of ours that tells. */
export type Waiting = Pick<StoredEvent, 'event' | 'room'> & {
  readonly position: number
  readonly origin: ServerName
  /** When it began to wait, ms. */
  readonly atMs: number
}

/** Rooms as they are owed, and the events of them that are told. */
export type Page = { readonly rooms: readonly OwedRoom[]; readonly events: readonly Waiting[] }

/** What was taken out; `settled`: rooms that are done with, by the tables, when all of it is told. */
export type TakenEvents = {
  readonly events: readonly Waiting[]
  readonly isFromTables: boolean
  readonly settled: readonly OwedRoom[]
}

type Lost = { readonly from: number; readonly upTo: number }

export class WaitingEvents {
  readonly #read: () => Promise<Page | undefined>
  #memory: Waiting[] = []
  /** Not in memory, and perhaps not in the tables yet. */
  #lost: Lost | undefined
  #mustRead = false
  #page: { readonly rooms: readonly OwedRoom[]; events: Waiting[] } | undefined
  /** What was not told up to here is in the tables, or in a transaction that was submitted. */
  #storingUpTo = 0
  /** What was not told up to here is in the tables. */
  #storedUpTo = 0
  #taken: TakenEvents | undefined
  #isAway = false
  /** Since when something waits that memory has not, ms. */
  #behindSinceMs: number | undefined

  /** `read` answers what the tables have next; undefined: nothing. */
  constructor(read: () => Promise<Page | undefined>) {
    this.#read = read
  }

  /** How many wait in memory. */
  get length(): number {
    return this.#memory.length + (this.#page?.events.length ?? 0) + (this.#taken?.events.length ?? 0)
  }

  /** True if the tables have what memory has not. */
  get isBehind(): boolean {
    return this.#lost !== undefined || this.#mustRead || this.#page !== undefined
  }

  /** Since when the oldest waits, ms; undefined: nothing does. */
  sinceMs(): number | undefined {
    return this.isBehind || this.#taken?.isFromTables
      ? this.#behindSinceMs
      : (this.#taken?.events[0] ?? this.#memory[0])?.atMs
  }

  get isEmpty(): boolean {
    const { length } = this.#memory
    return length === 0 && this.#taken === undefined && !this.#mustRead && this.#lost === undefined
  }

  /** True if there is something to take. */
  get isReady(): boolean {
    return this.#memory.length > 0 || this.#mustRead || this.#page !== undefined
  }

  add(events: readonly Waiting[]): void {
    for (const event of events) this.#memory.push(event)
    if (this.#isAway || this.#lost !== undefined || this.#memory.length > outboxLimits.waitingMax) this.#lose([])
  }

  /** Position of the oldest event that neither was told nor is known to be in the tables; undefined: there is none. */
  oldest(): number | undefined {
    const taken = this.#taken?.isFromTables === false ? this.#taken.events[0] : undefined
    return taken?.position ?? this.#lost?.from ?? this.#memory[0]?.position
  }

  /** What was not told up to this position is in the tables with the transaction that is being made. */
  noteStoring(upTo: number): void {
    this.#storingUpTo = Math.max(this.#storingUpTo, upTo)
  }

  /** True if something is to be read from the tables. */
  noteStored(upTo: number): boolean {
    this.noteStoring(upTo)
    this.#storedUpTo = Math.max(this.#storedUpTo, upTo)
    if (this.#lost === undefined || this.#lost.upTo > upTo) return false
    this.#lost = undefined
    this.#mustRead = true
    return true
  }

  /** The tables have what memory has not. */
  mustRead(): void {
    this.#mustRead = true
  }

  /** The first events, all told by one domain of ours. */
  async take(limit: number): Promise<TakenEvents> {
    while (this.#page === undefined && this.#mustRead) await this.#open()
    const isFromTables = this.#page !== undefined
    const waiting = this.#page?.events ?? this.#memory
    const other = waiting.findIndex(({ origin }) => origin !== waiting[0]?.origin)
    const events = waiting.splice(0, other < 0 ? limit : Math.min(other, limit))
    let settled: readonly OwedRoom[] = []
    if (this.#page?.events.length === 0) {
      settled = this.#page.rooms
      this.#page = undefined
    }
    this.#taken = { events, isFromTables, settled }
    return this.#taken
  }

  /** What was taken is told; answers if the tables have rows of it, other than those that are to be settled. */
  told(): boolean {
    const taken = this.#taken
    this.#taken = undefined
    this.#isAway = false
    const first = taken?.isFromTables === false ? taken.events[0] : undefined
    // Rows that must be read first are of what is not told yet: they go when that is.
    return first !== undefined && !this.#mustRead && this.#storingUpTo >= first.position
  }

  /** What was taken was not told and is given back. */
  giveBack(): void {
    const taken = this.#taken
    this.#taken = undefined
    if (taken === undefined) return
    if (!taken.isFromTables) this.#memory.unshift(...taken.events)
    else {
      const rooms = this.#page?.rooms ?? taken.settled
      this.#page = { rooms, events: [...taken.events, ...(this.#page?.events ?? [])] }
    }
  }

  /** The server will not be told for a while: nothing stays in memory. */
  leave(): void {
    this.#isAway = true
    const own = this.#taken?.isFromTables === false ? this.#taken.events : []
    if (this.#taken?.isFromTables || this.#page !== undefined) this.#mustRead = true
    this.#taken = undefined
    this.#page = undefined
    this.#lose(own)
  }

  async #open(): Promise<void> {
    this.#mustRead = false
    const page = await this.#read()
    if (page === undefined) {
      if (!this.isBehind) this.#behindSinceMs = undefined
      return
    }
    this.#behindSinceMs ??= page.events[0]?.atMs
    // There may be more; and what is told with this page is not told once more.
    this.#mustRead = true
    const upTo = new Map(page.rooms.map(({ room, position }) => [room, position]))
    this.#memory = this.#memory.filter(({ room, position }) => position > (upTo.get(room) ?? 0))
    this.#page = { rooms: page.rooms, events: [...page.events] }
  }

  #lose(before: readonly Waiting[]): void {
    const all = [...before, ...this.#memory]
    this.#memory = []
    if (all.length === 0) return
    this.#behindSinceMs ??= all[0]!.atMs
    const from = Math.min(this.#lost?.from ?? all[0]!.position, all[0]!.position)
    const upTo = Math.max(this.#lost?.upTo ?? 0, all.at(-1)!.position)
    const isStored = upTo <= this.#storedUpTo
    this.#lost = isStored ? undefined : { from, upTo }
    if (isStored) this.#mustRead = true
  }
}
