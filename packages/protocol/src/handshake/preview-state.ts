/** State events that come along with an invite or the reply to a knock. Spec: server-server-api#inviting-to-a-room. */

import { ProtocolError } from '../errors.ts'
import { parsePdu } from '../event/parse-pdu.ts'
import type { RoomEvent } from '../event/room-event.ts'
import type { RoomId } from '../ids.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { handshakeLimits } from './limits.ts'

export type PreviewState = {
  /** Entries that are whole events of the room: their signatures and hashes are still to be judged. */
  readonly events: readonly RoomEvent[]
  /** Entries that only have the stripped form (older servers, versions 1–11), as clients get them. */
  readonly stripped: readonly JsonObject[]
}

/**
 * The entries, at most `previewEventsMax`. Version 12 and later: each must be a whole event of the room and the create
 * event must be among them, else `bad-event`. Before, stripped events pass too and what is malformed is left out.
 */
export function parsePreviewState(rules: RoomRules, roomId: RoomId, json: JsonValue | undefined): PreviewState {
  if (json !== undefined && !Array.isArray(json)) fail('room state: not a list')
  const entries = json ?? []
  if (entries.length > handshakeLimits.previewEventsMax) fail('room state: too many events')
  const isStrict = rules.eventFormat === 12
  const events: RoomEvent[] = []
  const stripped: JsonObject[] = []
  for (const entry of entries) {
    const event = isStrict ? parsePdu(rules, entry, { roomId }) : findEvent(rules, entry, roomId)
    if (event === undefined) pushStripped(stripped, entry)
    else if (event.stateKey !== undefined) events.push(event)
    else if (isStrict) fail('room state: not all are state events')
  }
  if (isStrict && !events.some(isCreate)) fail('room state: no create event')
  return { events, stripped }
}

function findEvent(rules: RoomRules, entry: JsonValue, roomId: RoomId): RoomEvent | undefined {
  try {
    return parsePdu(rules, entry, { roomId })
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function pushStripped(stripped: JsonObject[], entry: JsonValue): void {
  if (!isJsonObject(entry) || !isJsonObject(entry.content)) return
  const { type, state_key, sender, content } = entry
  if (typeof type !== 'string' || typeof state_key !== 'string' || typeof sender !== 'string') return
  stripped.push({ content, sender, state_key, type })
}

function isCreate(event: RoomEvent): boolean {
  return event.type === 'm.room.create' && event.stateKey === ''
}

function fail(message: string): never {
  throw new ProtocolError('bad-event', message)
}
