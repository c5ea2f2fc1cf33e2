/** A sliding sync connection: what its client was told, and the `pos` that names it. Spec: msc4186#connections. */

import { MatrixError } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'

/** What the client knows of one room. */
export type RoomEntry = {
  /** Everything up to here that the room's rules ask for. */
  readonly told: Position
  /** Of the room's end it has so many events without a gap, or all that came since. */
  readonly timelineLimit: number
  /** Index of the text of the wishes in the connection's list. */
  readonly wishes: number
  readonly isDirect: boolean
  /** Unread counts, `notify/highlight`; empty for rooms without. */
  readonly counts: string
}

export type Connection = {
  readonly id: number
  readonly user: number
  readonly deviceId: string
  /** The client's `conn_id`. */
  readonly name: string
  /** Number of the state that `rooms` holds, of the one that `undo` leads back to, and the last number given out. */
  current: number
  previous: number
  last: number
  readonly rooms: Map<number, RoomEntry>
  readonly undo: Map<number, RoomEntry | undefined>
  /** Rooms whose rows are not what `rooms` says. */
  readonly unstored: Set<number>
  /** Texts of the wishes that were asked for, each once. */
  readonly wishes: string[]
  /** Rooms that the last reply could tell of; undefined: not known. */
  window: ReadonlySet<number> | undefined
  /** Counts requests: only the last one may change what the connection knows. */
  requests: number
}

/** Index of the wishes' text in the connection's list. */
export function internWishes({ wishes }: Connection, text: string): number {
  const known = wishes.indexOf(text)
  return known >= 0 ? known : wishes.push(text) - 1
}

/** Tells the client to start anew. */
export function unknownPos(): MatrixError {
  return new MatrixError('M_UNKNOWN_POS', 'This connection is not known any more: start anew without "pos".')
}

/** `s120~7281.4.3`: stands after position 120, in state 4 of connection 7281; with extensions 3. */
export type Pos = {
  readonly position: Position
  readonly connection: number
  readonly state: number
  /** Bits of the extensions that the client was told of so far. */
  readonly extensions: number
}

export function posOf({ position, connection, state, extensions }: Pos): string {
  return `s${position}~${connection}.${state}.${extensions}`
}

/** Throws MatrixError M_UNKNOWN_POS. */
export function parsePos(text: string): Pos {
  const numbers = /^s(\d{1,16})~(\d{1,16})\.(\d{1,16})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  if (numbers === undefined || !numbers.every(Number.isSafeInteger)) throw unknownPos()
  const [position, connection, state, extensions] = numbers as [number, number, number, number]
  return { position, connection, state, extensions }
}
