/** Reading of the vectors in `vectors/`; their format is described there. */

import { readdirSync, readFileSync } from 'node:fs'
import {
  type EventId,
  type JsonObject,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  requireRoomRules,
  type UserId,
} from '../../src/index.ts'

const folder = new URL('../../vectors/', import.meta.url)

/** An event of a vector, in the terms of the wire. */
export type VectorEvent = {
  readonly event_id?: string
  readonly room_id?: string
  readonly type: string
  readonly state_key?: string
  readonly sender: string
  readonly content: JsonObject
  readonly redacts?: string
  readonly depth?: number
  readonly origin_server_ts?: number
  readonly prev_events?: readonly string[]
  readonly auth_events?: readonly string[]
}

/** The vector files of a folder, each with its name. */
export function readVectorFiles<File>(name: string): (File & { readonly file: string })[] {
  const files = readdirSync(new URL(`${name}/`, folder)).filter((file) => file.endsWith('.json'))
  return files.sort().map((file) => ({ file, ...readVectorFile<File>(`${name}/${file}`) }))
}

/** One vector file. */
export function readVectorFile<File>(path: string): File {
  return JSON.parse(readFileSync(new URL(path, folder), 'utf8')) as File
}

/** The rules of the versions from `first` to `last`, written `first-last` or as one number. */
export function rulesOfRange(range: string): RoomRules[] {
  const [first, last = first] = range.split('-').map(Number) as [number, number?]
  return Array.from({ length: last - first + 1 }, (_, nth) => requireRoomRules(String(first + nth)))
}

/** The event as the protocol core takes it; what the vector leaves out gets a default. */
export function eventOf(vector: VectorEvent): RoomEvent {
  const id = vector.event_id ?? `$${vector.type}|${vector.state_key ?? ''}`
  return {
    eventId: id as EventId,
    roomId: (vector.room_id ?? '!room:a.test') as RoomId,
    type: vector.type,
    sender: vector.sender as UserId,
    stateKey: vector.state_key,
    content: vector.content,
    originServerTs: vector.origin_server_ts ?? 0,
    depth: vector.depth ?? 1,
    prevEvents: (vector.prev_events ?? ['$prev']) as EventId[],
    authEvents: (vector.auth_events ?? []) as EventId[],
    redacts: vector.redacts as EventId | undefined,
    pdu: { ...vector } as unknown as JsonObject,
  }
}
