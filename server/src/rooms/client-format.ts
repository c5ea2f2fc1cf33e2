/** The client format of stored events, spliced from their text. Spec: client-server-api#room-event-format. */

import { canonicalJson, type JsonObject } from '@parallax/protocol'
import type { Veil } from './lenses.ts'
import type { StoredEvent } from './rooms.ts'
import { headerOf } from './views/event-header.ts'
import { isHidden, veiledBody, veilText } from './views/veil.ts'

/** What goes into `unsigned`; texts are JSON. */
export type UnsignedParts = {
  /** Now, ms: gives `age`. */
  readonly nowMs?: number
  readonly transactionId?: string
  /** The event that was replaced in this slot: gives `replaces_state`, and `prev_content` unless it is hidden. */
  readonly replaced?: StoredEvent | undefined
  /** True: the viewer may not see what was replaced. */
  readonly isReplacedHidden?: boolean
  /** JSON text of the redaction in client format: gives `redacted_because`. */
  readonly redactedBecause?: string | undefined
  /** The viewer's membership at the event, what the event itself changes included. */
  readonly membership?: string | undefined
  /** JSON text of `m.relations`. */
  readonly relations?: string | undefined
  /** What the viewer's lens does to it. */
  readonly veil?: Veil | undefined
}

/** The event's JSON text as clients get it. `withRoomId` false: as in /sync, where the room is known. */
export function clientEventText(event: StoredEvent, unsigned: UnsignedParts = {}, withRoomId = true): string {
  const shown = isHidden(unsigned.veil)
    ? veiledBody(event)
    : event.body.endsWith(redactionEnd)
      ? redactionBody(event)
      : event.body
  const body = withRoomId ? shown : withoutRoomId(shown)
  return `{${body},"event_id":${JSON.stringify(event.eventId)}${unsignedText(event, unsigned)}}`
}

/** The `content` of a stored event as JSON text. */
export function contentText(event: StoredEvent): string {
  return event.body.slice('"content":'.length, event.body.lastIndexOf(',"origin_server_ts":'))
}

/** The whole PDU's JSON text as other servers get it (canonical order is not kept; signatures do not need it). */
export function pduText(event: StoredEvent, veil?: Veil): string {
  if (isHidden(veil)) return `{${veiledBody(event)},${event.rest},"unsigned":{${veilText(veil!)}}}`
  return `{${isHashedCreate(event.body) ? withoutRoomId(event.body) : event.body},${event.rest}}`
}

const redactionEnd = ',"type":"m.room.redaction"'

/** v11 3.2.2: clients find the target of a redaction at the top level and in the content, whatever the version. */
function redactionBody(event: StoredEvent): string {
  const content: JsonObject = JSON.parse(contentText(event))
  const { redacts: onTop }: JsonObject = JSON.parse(`{${event.rest}}`)
  const target = onTop ?? content.redacts
  if (typeof target !== 'string') return event.body
  const around = event.body.slice(event.body.lastIndexOf(',"origin_server_ts":'))
  return `"content":${canonicalJson({ ...content, redacts: target })}${around},"redacts":${JSON.stringify(target)}`
}

/** The create event of version 12, whose room ID is its own hash: it is not on the wire. */
function isHashedCreate(body: string): boolean {
  return body.endsWith(',"type":"m.room.create"') && !body.slice(...roomIdPlace(body)).includes(':')
}

/**
 * Where the room ID stands: the last `,"room_id":"` is that of the event itself, whatever the content and the texts
 * after it hold, for in those quotes are escaped.
 */
function roomIdPlace(body: string): [from: number, to: number] {
  const from = body.lastIndexOf(',"room_id":"') + ',"room_id":"'.length
  return [from, body.indexOf('"', from)]
}

function unsignedText(event: StoredEvent, parts: UnsignedParts): string {
  const members: string[] = []
  if (parts.nowMs !== undefined) members.push(`"age":${Math.max(0, parts.nowMs - event.ts)}`)
  if (parts.transactionId !== undefined) members.push(`"transaction_id":${JSON.stringify(parts.transactionId)}`)
  if (parts.replaced !== undefined) {
    if (parts.isReplacedHidden !== true) {
      // NOTSPEC: clients of Synapse look at who set it.
      const { sender } = headerOf(parts.replaced)
      members.push(`"prev_content":${contentText(parts.replaced)},"prev_sender":${JSON.stringify(sender)}`)
    }
    members.push(`"replaces_state":${JSON.stringify(parts.replaced.eventId)}`)
  }
  if (parts.redactedBecause !== undefined) members.push(`"redacted_because":${parts.redactedBecause}`)
  if (parts.membership !== undefined) members.push(`"membership":${JSON.stringify(parts.membership)}`)
  // What relates to a hidden message (an edit of it) would tell what it says.
  if (parts.relations !== undefined && !isHidden(parts.veil)) members.push(`"m.relations":${parts.relations}`)
  if (parts.veil !== undefined) members.push(veilText(parts.veil))
  return members.length === 0 ? '' : `,"unsigned":{${members.join(',')}}`
}

function withoutRoomId(body: string): string {
  const [from, to] = roomIdPlace(body)
  return body.slice(0, from - ',"room_id":"'.length) + body.slice(to + 1)
}
