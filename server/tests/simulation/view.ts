/** What a server holds of a room, in terms that servers can compare. */

import { type EventId, type RoomId, type ServerName, serverNameOf, type UserId } from '@parallax/protocol'
import type { StoredEvent } from '../../src/rooms/index.ts'
import type { Place } from '../kit/world.ts'

export type View = {
  readonly place: Place
  /** Event IDs by type and state key. */
  readonly state: ReadonlyMap<string, EventId>
  /** Users joined to the room, as the table of members has them, in order. */
  readonly joined: readonly string[]
  /** Servers that have joined users. */
  readonly servers: ReadonlySet<string>
}

/** Undefined: the server does not know the room. */
export async function viewOf(place: Place, roomId: RoomId): Promise<View | undefined> {
  const { rooms, names } = place.server.program.components
  const room = await rooms.findRoom(roomId)
  if (room === undefined) return undefined
  const entries = await rooms.listState(room.snapshot)
  const keys = await names.texts(entries.map(({ slot }) => slot))
  const events = new Map((await rooms.listEvents(entries.map(({ event }) => event))).map((one) => [one.event, one]))
  const state = new Map(entries.map(({ event }, index) => [keys[index]!, events.get(event)!.eventId]))
  const joined = (await names.texts([...(await rooms.listJoinedUsers(room.room))])) as UserId[]
  const servers = new Set<string>(joined.map((user) => serverNameOf(user)))
  return { place, state, joined: joined.sort(), servers }
}

/** The newest 1000 events that the server's own users sent and it accepted. */
export async function listOwn(place: Place, roomId: RoomId): Promise<StoredEvent[]> {
  const { rooms, names } = place.server.program.components
  const room = await rooms.findRoom(roomId)
  if (room === undefined) return []
  const events = await rooms.listTimeline(room.room, { direction: 'backwards', limit: 1000 })
  const senders = (await names.texts(events.map(({ sender }) => sender))) as UserId[]
  return events.filter((_, index) => serverNameOf(senders[index]!) === (place.name as ServerName))
}

/** How two views differ; empty: not at all. */
export function differencesOf(one: View, other: View): string[] {
  const keys = new Set([...one.state.keys(), ...other.state.keys()])
  const found: string[] = []
  for (const key of keys) {
    const [a, b] = [one.state.get(key), other.state.get(key)]
    if (a !== b) found.push(`${JSON.stringify(key)}: ${a} on ${one.place.name}, ${b} on ${other.place.name}`)
  }
  if (one.joined.join() !== other.joined.join()) found.push(`joined: ${one.joined} and ${other.joined}`)
  return found
}
