/**
 * Parsing of EDUs about devices. Spec: server-server-api#device-management,
 * server-server-api#send-to-device-messaging.
 */

import type { DeviceId, ServerName, UserId } from '../ids.ts'
import { isJsonObject, type JsonObject } from '../json/json.ts'
import { idLimits, isUserIdText } from '../parse-ids.ts'
import { fitsBytes } from '../utf8-length.ts'
import type { DeviceListEdu, SigningKeyEdu, ToDeviceEdu, ToDeviceMessage } from './edu.ts'
import {
  failEdu,
  findObject,
  findText,
  isCount,
  requireCount,
  requireObject,
  requireOwnUser,
  requireText,
} from './fields.ts'
import { eduLimits } from './limits.ts'

/** The content of an `m.device_list_update`; throws `bad-edu`. */
export function parseDeviceList(content: JsonObject, origin: ServerName): DeviceListEdu {
  return {
    kind: 'device-list',
    userId: requireOwnUser(content, 'user_id', origin),
    deviceId: requireText(content, 'device_id', idLimits.deviceIdBytesMax) as DeviceId,
    streamId: requireCount(content, 'stream_id'),
    prevIds: readPrevIds(content),
    isDeleted: content.deleted === true,
    displayName: findText(content, 'device_display_name', eduLimits.displayNameBytesMax),
    keys: findObject(content, 'keys'),
  }
}

/** The content of an `m.signing_key_update`; throws `bad-edu`. */
export function parseSigningKey(content: JsonObject, origin: ServerName): SigningKeyEdu {
  return {
    kind: 'signing-key',
    userId: requireOwnUser(content, 'user_id', origin),
    masterKey: findObject(content, 'master_key'),
    selfSigningKey: findObject(content, 'self_signing_key'),
  }
}

/** The content of an `m.direct_to_device`; throws `bad-edu`. */
export function parseToDevice(content: JsonObject, origin: ServerName): ToDeviceEdu {
  const byUser = Object.entries(requireObject(content, 'messages'))
  if (byUser.length > eduLimits.toDeviceUsersMax) failEdu('messages: to too many users')
  const messages: ToDeviceMessage[] = []
  for (const [userId, byDevice] of byUser) {
    if (!isUserIdText(userId) || !isJsonObject(byDevice)) continue
    pushMessages(messages, userId, byDevice)
  }
  return {
    kind: 'to-device',
    sender: requireOwnUser(content, 'sender', origin),
    type: requireText(content, 'type', eduLimits.typeBytesMax),
    messageId: requireText(content, 'message_id', eduLimits.messageIdBytesMax),
    messages,
  }
}

function pushMessages(messages: ToDeviceMessage[], userId: UserId, byDevice: JsonObject): void {
  for (const [deviceId, content] of Object.entries(byDevice)) {
    if (!isJsonObject(content) || !fitsBytes(deviceId, idLimits.deviceIdBytesMax)) continue
    if (messages.length >= eduLimits.toDeviceMessagesMax) failEdu('messages: too many')
    messages.push({ userId, deviceId: deviceId as DeviceId, content })
  }
}

function readPrevIds(content: JsonObject): readonly number[] {
  const prevIds = content.prev_id ?? []
  if (!Array.isArray(prevIds) || !prevIds.every(isCount)) failEdu('prev_id: not a list of integers')
  if (prevIds.length > eduLimits.prevIdsMax) failEdu('prev_id: too many')
  return prevIds
}
