/**
 * The devices component as others see it: keys, one-time keys, cross-signing, key backup, to-device messages and
 * device lists. `user` is an interned number; positions are those of the journal.
 */

import type { DeviceId, JsonObject, RoomId, ServerName, ToDeviceEdu, UserId } from '@parallax/protocol'
import type { Position } from '../journal/index.ts'
import type { Authenticated, Caller } from '../users/index.ts'
import type { ToServerRow } from './to-server-table.ts'

export interface DeviceList {
  /** As the client-server API shows them. */
  listDevices(user: number): Promise<JsonObject[]>
  findDevice(user: number, device: DeviceId): Promise<JsonObject | undefined>
  /** Throws M_NOT_FOUND, M_TOO_LARGE. */
  renameDevice(caller: Caller, device: DeviceId, displayName: string | undefined): Promise<void>
  /** Asks for the password; then the devices are gone with their tokens, keys and messages. */
  deleteDevices(
    caller: Caller,
    devices: readonly DeviceId[],
    auth: JsonObject | undefined,
  ): Promise<Authenticated<undefined>>
  /** Logs devices out and removes all that is theirs. */
  removeDevices(user: number, devices: readonly DeviceId[]): Promise<void>
  /** Logs all devices out, perhaps but one. */
  removeAllDevices(user: number, except?: DeviceId): Promise<void>
  /** Removes cross-signing keys, backups, dehydrated device and all devices. */
  removeEverything(user: number): Promise<void>
  /** Devices or keys of another server's user changed: those who share rooms with the user are told. */
  receiveChange(user: number): Promise<void>
  /** Users (all servers') whose devices or cross-signing keys changed at a position in (after, upTo]. */
  listChangedUsers(after: Position, upTo: Position): Promise<number[]>
  /** Users whose master key this user signed at a position in (after, upTo]: its devices should ask for their keys. */
  listSignedUsers(signer: number, after: Position, upTo: Position): Promise<number[]>
}

export interface Keys {
  /** Body and reply of `/keys/upload`. */
  uploadKeys(caller: Caller, body: JsonObject): Promise<JsonObject>
  /** JSON text of the reply to `/keys/query`. */
  queryKeys(viewer: Caller, body: JsonObject): Promise<string>
  /** JSON text of the reply to `/keys/claim`. */
  claimKeys(body: JsonObject): Promise<string>
  /** JSON texts for sync: `{"signed_curve25519":20}` and `["signed_curve25519"]`. */
  findKeyCounts(user: number, device: DeviceId): Promise<KeyCounts>
  /** Asks for the password where the spec wants it. */
  uploadCrossSigning(caller: Caller, body: JsonObject): Promise<Authenticated<undefined>>
  uploadSignatures(caller: Caller, body: JsonObject): Promise<JsonObject>
}

/** What other servers are told; each answers JSON text. */
export interface KeysForServers {
  /** Throws M_BAD_JSON, M_INVALID_PARAM. */
  queryKeysForServer(body: JsonObject): Promise<string>
  /** Throws M_BAD_JSON, M_INVALID_PARAM. */
  claimKeysForServer(body: JsonObject): Promise<string>
  /** Throws M_NOT_FOUND. */
  listDevicesForServer(userId: UserId): Promise<string>
}

export type KeyCounts = { readonly oneTimeKeys: string; readonly unusedFallbacks: string }

/** `text` is the event as a client sees it. */
export type ToDeviceMessage = { readonly position: Position; readonly text: string }

export interface ToDevice {
  /** `messages`: content by device ID or `*`, by user ID. Done once for each (device, transaction ID). */
  sendToDevice(caller: Caller, type: string, transactionId: string, messages: JsonObject): Promise<void>
  /** Messages of another server's user to devices of ours. Done once for each (origin, message ID). */
  receiveToDevice(origin: ServerName, edu: ToDeviceEdu): Promise<void>
  /** Waiting messages with a position in (after, upTo], in order; at most `limit` (100). */
  listToDevice(
    user: number,
    device: DeviceId,
    after: Position,
    upTo: Position,
    limit?: number,
  ): Promise<ToDeviceMessage[]>
  /** Messages to users of a server, by its number: the oldest ones that it has not taken. */
  listToServer(server: number, limit: number): Promise<ToServerRow[]>
  /** The server has taken everything up to here. */
  dropToServer(server: number, upTo: Position): Promise<void>
  /** Numbers of the servers that have not taken everything. */
  listWaitingServers(): Promise<number[]>
  /** The client has everything up to here: delivered no more, removed soon. Costs nothing if nothing waits. */
  dropToDevice(user: number, device: DeviceId, upTo: Position): Promise<void>
  /** Removes what was dropped; before the store is closed. */
  flushToDevice(): Promise<void>
}

export interface KeyBackup {
  createBackup(user: number, body: JsonObject): Promise<string>
  /** The newest backup without a version. Throws M_NOT_FOUND. */
  requireBackup(user: number, version?: string): Promise<JsonObject>
  updateBackup(user: number, version: string, body: JsonObject): Promise<void>
  removeBackup(user: number, version: string): Promise<void>
  /** Keeps the better of two keys of a session; throws M_WRONG_ROOM_KEYS_VERSION, M_NOT_FOUND. */
  putBackupKeys(user: number, version: string, rooms: JsonObject): Promise<BackupState>
  /** JSON text by place: all rooms, one room, one session. Throws M_NOT_FOUND. */
  findBackupKeys(user: number, version: string, place: BackupPlace): Promise<string>
  removeBackupKeys(user: number, version: string, place: BackupPlace): Promise<BackupState>
}

export type BackupPlace = { readonly roomId?: RoomId; readonly sessionId?: string }
export type BackupState = { readonly etag: string; readonly count: number }

/** MSC3814; every call throws M_UNRECOGNIZED unless the config allows it. */
export interface Dehydration {
  putDehydrated(caller: Caller, body: JsonObject): Promise<JsonObject>
  findDehydrated(caller: Caller): Promise<JsonObject>
  removeDehydrated(caller: Caller): Promise<JsonObject>
  listDehydratedEvents(caller: Caller, deviceId: DeviceId, body: JsonObject): Promise<string>
}

export type Devices = DeviceList & Keys & KeysForServers & ToDevice & KeyBackup & Dehydration

/** Users that share a room with this one, itself not among them. */
export type FindSharedUsers = (userId: UserId) => Promise<ReadonlySet<number>>
