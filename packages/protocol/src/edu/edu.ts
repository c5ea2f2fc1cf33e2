/** The ephemeral messages that servers send each other, parsed. Spec: server-server-api#edus. */

import type { DeviceId, EventId, RoomId, UserId } from '../ids.ts'
import type { JsonObject } from '../json/json.ts'

export type TypingEdu = {
  readonly kind: 'typing'
  readonly roomId: RoomId
  readonly userId: UserId
  readonly isTyping: boolean
}

/** One user's receipt of one room. */
export type RemoteReceipt = {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly eventId: EventId
  /** Milliseconds since the epoch. */
  readonly ts: number
  /** A thread's root, `main`, or undefined: the receipt is unthreaded. */
  readonly threadId: string | undefined
}

export type ReceiptEdu = { readonly kind: 'receipt'; readonly receipts: readonly RemoteReceipt[] }

export type PresenceState = 'online' | 'unavailable' | 'offline'

export type RemotePresence = {
  readonly userId: UserId
  readonly presence: PresenceState
  readonly statusMessage: string | undefined
  /** Milliseconds. */
  readonly lastActiveAgoMs: number
  readonly isCurrentlyActive: boolean
}

export type PresenceEdu = { readonly kind: 'presence'; readonly updates: readonly RemotePresence[] }

export type DeviceListEdu = {
  readonly kind: 'device-list'
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly streamId: number
  /** At most `prevIdsMax`. */
  readonly prevIds: readonly number[]
  readonly isDeleted: boolean
  readonly displayName: string | undefined
  /** The device's keys as sent: their signatures are not yet verified. */
  readonly keys: JsonObject | undefined
}

export type SigningKeyEdu = {
  readonly kind: 'signing-key'
  readonly userId: UserId
  /** As sent: signatures are not yet verified. */
  readonly masterKey: JsonObject | undefined
  readonly selfSigningKey: JsonObject | undefined
}

export type ToDeviceMessage = {
  readonly userId: UserId
  /** A device, or `*`: all of the user's. */
  readonly deviceId: DeviceId | '*'
  readonly content: JsonObject
}

export type ToDeviceEdu = {
  readonly kind: 'to-device'
  readonly sender: UserId
  readonly type: string
  /** Unique among the origin's messages: the same one again is dropped. */
  readonly messageId: string
  readonly messages: readonly ToDeviceMessage[]
}

export type Edu = TypingEdu | ReceiptEdu | PresenceEdu | DeviceListEdu | SigningKeyEdu | ToDeviceEdu
