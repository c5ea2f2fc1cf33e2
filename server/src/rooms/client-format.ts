/** The client format of stored events, spliced from their text. Spec: client-server-api#room-event-format. */

import type { StoredEvent } from './rooms.ts'

/** What goes into `unsigned`; texts are JSON. */
export type UnsignedParts = {
  /** Now, ms: gives `age`. */
  readonly nowMs?: number
  readonly transactionId?: string
  /** The event that was replaced in this slot: gives `prev_content` and `replaces_state`. */
  readonly replaced?: StoredEvent | undefined
  /** JSON text of the redaction in client format: gives `redacted_because`. */
  readonly redactedBecause?: string | undefined
  /** The viewer's membership at the event. */
  readonly membership?: string | undefined
  /** JSON text of `m.relations`. */
  readonly relations?: string | undefined
}

/** The event's JSON text as clients get it. `withRoomId` false: as in /sync, where the room is known. */
export function clientEventText(event: StoredEvent, unsigned: UnsignedParts = {}, withRoomId = true): string {
  const body = withRoomId ? event.body : withoutRoomId(event.body)
  return `{${body},"event_id":${JSON.stringify(event.eventId)}${unsignedText(event, unsigned)}}`
}

/** The `content` of a stored event as JSON text. */
export function contentText(event: StoredEvent): string {
  return event.body.slice('"content":'.length, event.body.lastIndexOf(',"origin_server_ts":'))
}

/** The whole PDU's JSON text as other servers get it (canonical order is not kept; signatures do not need it). */
export function pduText(event: StoredEvent): string {
  return `{${isHashedCreate(event.body) ? withoutRoomId(event.body) : event.body},${event.rest}}`
}

/** The create event of version 12, whose room ID is its own hash: it is not on the wire. */
function isHashedCreate(body: string): boolean {
  return body.endsWith(',"type":"m.room.create"') && /,"room_id":"![\w-]+","sender":/.test(body)
}

function unsignedText(event: StoredEvent, parts: UnsignedParts): string {
  const members: string[] = []
  if (parts.nowMs !== undefined) members.push(`"age":${Math.max(0, parts.nowMs - event.ts)}`)
  if (parts.transactionId !== undefined) members.push(`"transaction_id":${JSON.stringify(parts.transactionId)}`)
  if (parts.replaced !== undefined) {
    members.push(`"prev_content":${contentText(parts.replaced)}`)
    members.push(`"replaces_state":${JSON.stringify(parts.replaced.eventId)}`)
  }
  if (parts.redactedBecause !== undefined) members.push(`"redacted_because":${parts.redactedBecause}`)
  if (parts.membership !== undefined) members.push(`"membership":${JSON.stringify(parts.membership)}`)
  if (parts.relations !== undefined) members.push(`"m.relations":${parts.relations}`)
  return members.length === 0 ? '' : `,"unsigned":{${members.join(',')}}`
}

/**
 * `body` ends in `"room_id":"…","sender":…`: the last `,"room_id":"` before the sender is ours, whatever the content
 * holds.
 */
function withoutRoomId(body: string): string {
  const from = body.lastIndexOf(',"room_id":"')
  const to = body.indexOf('","sender":', from) + 1
  return body.slice(0, from) + body.slice(to)
}
