/**
 * Events as clients see them, as objects and, in hot paths, as text around the stored text of the content.
 * Spec: client-server-api#room-event-format, client-server-api#stripped-state.
 */

import { jsonString } from '../json/canonical.ts'
import type { JsonObject } from '../json/json.ts'
import type { RoomEvent } from './room-event.ts'

export type ClientEventOptions = {
  /** False where the room is clear from the context, as in `/sync`. Default true. */
  readonly withRoomId?: boolean
}

/** The event in the format for clients; `unsigned` is ours to fill (age, transaction ID, previous content, …). */
export function clientEvent(event: RoomEvent, unsigned?: JsonObject, options: ClientEventOptions = {}): JsonObject {
  return {
    content: clientContent(event),
    event_id: event.eventId,
    origin_server_ts: event.originServerTs,
    ...(options.withRoomId !== false && { room_id: event.roomId }),
    sender: event.sender,
    ...(event.stateKey !== undefined && { state_key: event.stateKey }),
    type: event.type,
    // v11 3.2.2: `redacts` is put back for older clients
    ...(event.redacts !== undefined && { redacts: event.redacts }),
    ...(unsigned !== undefined && { unsigned }),
  }
}

/** JSON text of `clientEvent`, given the JSON text of the event's content (of `clientContent`) and of `unsigned`. */
export function clientEventText(
  event: RoomEvent,
  contentText: string,
  unsignedText?: string,
  options: ClientEventOptions = {},
): string {
  const { eventId, originServerTs, roomId, sender, stateKey, type, redacts } = event
  let text = `{"content":${contentText},"event_id":${jsonString(eventId)},"origin_server_ts":${originServerTs}`
  if (options.withRoomId !== false) text += `,"room_id":${jsonString(roomId)}`
  text += `,"sender":${jsonString(sender)}`
  if (stateKey !== undefined) text += `,"state_key":${jsonString(stateKey)}`
  text += `,"type":${jsonString(type)}`
  if (redacts !== undefined) text += `,"redacts":${jsonString(redacts)}`
  return unsignedText === undefined ? `${text}}` : `${text},"unsigned":${unsignedText}}`
}

/** The content as clients get it: a redaction of versions 1–10 names its target here too, for newer clients. */
export function clientContent(event: RoomEvent): JsonObject {
  const { content, redacts } = event
  return redacts === undefined || content.redacts !== undefined ? content : { ...content, redacts }
}

/** The stripped form of a state event, as in invites and knocks: content, sender, state key and type. */
export function strippedStateEvent(event: RoomEvent): JsonObject {
  return { content: event.content, sender: event.sender, state_key: event.stateKey ?? '', type: event.type }
}
