/**
 * What somebody outside is shown of a room: some of its state, as whole events. Spec:
 * client-server-api#stripped-state.
 */

import { type JsonObject, type PreviewState, type RoomEvent, stateKeyOf } from '@parallax/protocol'
import type { KnownRoom, Rooms } from '../../rooms/index.ts'

const previewTypes = [
  'm.room.create',
  'm.room.join_rules',
  'm.room.name',
  'm.room.avatar',
  'm.room.topic',
  'm.room.canonical_alias',
  'm.room.encryption',
] as const

/** The events, the create event first. */
export async function listPreview(rooms: Rooms, { room }: KnownRoom): Promise<RoomEvent[]> {
  const events = await Promise.all(previewTypes.map((type) => rooms.findStateEvent(room, type, '')))
  return events.filter((event) => event !== undefined)
}

/** What came with an invite, in the form in which clients are shown it; each type and state key once. */
export function strippedOf({ events, stripped }: PreviewState): JsonObject[] {
  const shown = new Map<string, JsonObject>()
  for (const entry of stripped) shown.set(stateKeyOf(String(entry.type), String(entry.state_key)), entry)
  for (const { content, sender, stateKey, type, eventId, originServerTs } of events) {
    const more = type === 'm.room.create' ? { event_id: eventId, origin_server_ts: originServerTs } : {}
    shown.set(stateKeyOf(type, stateKey!), { content, sender, state_key: stateKey!, type, ...more })
  }
  return [...shown.values()]
}
