/** Parsing of EDUs from other servers. Spec: server-server-api#edus. */

import type { ServerName } from '../ids.ts'
import { isJsonObject, type JsonObject } from '../json/json.ts'
import { isEventIdText } from '../parse-ids.ts'
import type { Edu, PresenceEdu, PresenceState, ReceiptEdu, RemotePresence, RemoteReceipt, TypingEdu } from './edu.ts'
import {
  failEdu,
  findText,
  isCount,
  isRoomIdValue,
  isUserOf,
  requireObject,
  requireOwnUser,
  requireText,
} from './fields.ts'
import { eduLimits } from './limits.ts'
import { parseDeviceList, parseSigningKey, parseToDevice } from './parse-device-edu.ts'

const parsers: ReadonlyMap<string, (content: JsonObject, origin: ServerName) => Edu> = new Map<
  string,
  (content: JsonObject, origin: ServerName) => Edu
>([
  ['m.typing', parseTyping],
  ['m.receipt', parseReceipts],
  ['m.presence', parsePresence],
  ['m.device_list_update', parseDeviceList],
  ['m.signing_key_update', parseSigningKey],
  ['m.direct_to_device', parseToDevice],
])

/**
 * The EDU that `origin` sent; undefined: its type is not known. Of lists, entries about users of other servers are left
 * out; an EDU about one such user, and everything malformed, throws `bad-edu`.
 */
export function parseEdu(json: unknown, origin: ServerName): Edu | undefined {
  if (!isJsonObject(json)) failEdu('An EDU is a JSON object')
  const type = requireText(json, 'edu_type', eduLimits.typeBytesMax)
  const content = requireObject(json, 'content')
  return parsers.get(type)?.(content, origin)
}

function parseTyping(content: JsonObject, origin: ServerName): TypingEdu {
  if (!isRoomIdValue(content.room_id)) failEdu('room_id: not a room ID')
  if (typeof content.typing !== 'boolean') failEdu('typing: not a boolean')
  const userId = requireOwnUser(content, 'user_id', origin)
  return { kind: 'typing', roomId: content.room_id, userId, isTyping: content.typing }
}

function parseReceipts(content: JsonObject, origin: ServerName): ReceiptEdu {
  const rooms = Object.entries(content)
  if (rooms.length > eduLimits.receiptRoomsMax) failEdu('receipts of too many rooms')
  const receipts: RemoteReceipt[] = []
  for (const [roomId, byType] of rooms) {
    if (!isRoomIdValue(roomId)) continue
    const read = isJsonObject(byType) ? byType['m.read'] : undefined
    for (const [userId, entry] of isJsonObject(read) ? Object.entries(read) : []) {
      const receipt = isUserOf(userId, origin) ? readReceipt(entry) : undefined
      if (receipt !== undefined && isUserOf(userId, origin)) receipts.push({ roomId, userId, ...receipt })
      if (receipts.length > eduLimits.receiptsMax) failEdu('too many receipts')
    }
  }
  return { kind: 'receipt', receipts }
}

/** What one entry says; undefined: it is malformed. Of several event IDs the last one counts. */
function readReceipt(entry: unknown): Pick<RemoteReceipt, 'eventId' | 'ts' | 'threadId'> | undefined {
  if (!isJsonObject(entry) || !Array.isArray(entry.event_ids)) return undefined
  const eventId = entry.event_ids.at(-1)
  if (typeof eventId !== 'string' || !isEventIdText(eventId)) return undefined
  const about = isJsonObject(entry.data) ? entry.data : {}
  const { ts, thread_id: threadId } = about
  if (threadId !== undefined && !isThreadId(threadId)) return undefined
  return { eventId, ts: isCount(ts) ? ts : 0, threadId }
}

function isThreadId(value: unknown): value is string {
  return typeof value === 'string' && (value === 'main' || isEventIdText(value))
}

function parsePresence(content: JsonObject, origin: ServerName): PresenceEdu {
  if (!Array.isArray(content.push)) failEdu('push: not a list')
  if (content.push.length > eduLimits.presencePushMax) failEdu('push: too many updates')
  const updates: RemotePresence[] = []
  for (const entry of content.push) {
    if (!isJsonObject(entry) || !isUserOf(entry.user_id, origin) || !isPresence(entry.presence)) continue
    updates.push({
      userId: entry.user_id,
      presence: entry.presence,
      statusMessage: findText(entry, 'status_msg', eduLimits.statusMessageBytesMax),
      lastActiveAgoMs: isCount(entry.last_active_ago) ? entry.last_active_ago : 0,
      isCurrentlyActive: entry.currently_active === true,
    })
  }
  return { kind: 'presence', updates }
}

function isPresence(value: unknown): value is PresenceState {
  return value === 'online' || value === 'unavailable' || value === 'offline'
}
