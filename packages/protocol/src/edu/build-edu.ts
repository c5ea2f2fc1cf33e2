/** Our own EDUs in the format that other servers take. Spec: server-server-api#edus. */

import type { JsonObject, JsonValue } from '../json/json.ts'
import type { Edu, RemotePresence, RemoteReceipt, ToDeviceMessage } from './edu.ts'

/** The EDU as it is sent: `edu_type` and `content`. The inverse of `parseEdu`. */
export function buildEdu(edu: Edu): JsonObject {
  switch (edu.kind) {
    case 'typing':
      return wrap('m.typing', { room_id: edu.roomId, user_id: edu.userId, typing: edu.isTyping })
    case 'receipt':
      return wrap('m.receipt', receiptContent(edu.receipts))
    case 'presence':
      return wrap('m.presence', { push: edu.updates.map(presenceEntry) })
    case 'device-list':
      return wrap('m.device_list_update', {
        user_id: edu.userId,
        device_id: edu.deviceId,
        stream_id: edu.streamId,
        prev_id: [...edu.prevIds],
        ...(edu.isDeleted && { deleted: true }),
        ...optional('device_display_name', edu.displayName),
        ...optional('keys', edu.keys),
      })
    case 'signing-key':
      return wrap('m.signing_key_update', {
        user_id: edu.userId,
        ...optional('master_key', edu.masterKey),
        ...optional('self_signing_key', edu.selfSigningKey),
      })
    case 'to-device':
      return wrap('m.direct_to_device', {
        sender: edu.sender,
        type: edu.type,
        message_id: edu.messageId,
        messages: messagesContent(edu.messages),
      })
  }
}

function wrap(type: string, content: JsonObject): JsonObject {
  return { edu_type: type, content }
}

function optional(key: string, value: JsonValue | undefined): JsonObject {
  return value === undefined ? {} : { [key]: value }
}

function presenceEntry(update: RemotePresence): JsonObject {
  return {
    user_id: update.userId,
    presence: update.presence,
    last_active_ago: update.lastActiveAgoMs,
    currently_active: update.isCurrentlyActive,
    ...optional('status_msg', update.statusMessage),
  }
}

/**
 * Receipts in as few groups as EDUs are needed for them: an EDU has room for one receipt of a user in a room, and of
 * several threads each counts. In order, the first of each user and room in the first group.
 */
export function groupReceipts(receipts: readonly RemoteReceipt[]): RemoteReceipt[][] {
  const groups: RemoteReceipt[][] = []
  const counts = new Map<string, number>()
  for (const receipt of receipts) {
    const key = `${receipt.roomId} ${receipt.userId}`
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    groups[count] ??= []
    groups[count].push(receipt)
  }
  return groups
}

/** At most one receipt of a user in a room, see `groupReceipts`: of several, the last one is sent. */
function receiptContent(receipts: readonly RemoteReceipt[]): JsonObject {
  const byRoom = new Map<string, Map<string, JsonObject>>()
  for (const { roomId, userId, eventId, ts, threadId } of receipts) {
    const byUser = byRoom.get(roomId) ?? new Map<string, JsonObject>()
    byRoom.set(roomId, byUser.set(userId, { event_ids: [eventId], data: { ts, ...optional('thread_id', threadId) } }))
  }
  return Object.fromEntries([...byRoom].map(([roomId, byUser]) => [roomId, { 'm.read': Object.fromEntries(byUser) }]))
}

function messagesContent(messages: readonly ToDeviceMessage[]): JsonObject {
  const byUser = new Map<string, Map<string, JsonObject>>()
  for (const { userId, deviceId, content } of messages) {
    const byDevice = byUser.get(userId) ?? new Map<string, JsonObject>()
    byUser.set(userId, byDevice.set(deviceId, content))
  }
  return Object.fromEntries([...byUser].map(([userId, byDevice]) => [userId, Object.fromEntries(byDevice)]))
}
