/** Rows of devices' identity keys. */

import type { DeviceId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../store/index.ts'

/** `keys` is JSON text as it was uploaded. */
export type DeviceKeyRow = { readonly user: number; readonly device: DeviceId; readonly keys: string }

export async function findDeviceKeys(reader: Reader, user: number, device: string): Promise<string | undefined> {
  const row = await reader.first<{ keys: string }>`
    SELECT keys FROM device_key WHERE user_number = ${user} AND device = ${device}`
  return row?.keys
}

/** In order of user and device. */
export async function listDeviceKeys(reader: Reader, users: readonly number[]): Promise<DeviceKeyRow[]> {
  const rows = await reader.all<{ user_number: number; device: DeviceId; keys: string }>`
    SELECT user_number, device, keys FROM device_key WHERE user_number IN ${anyOf(users)}
    ORDER BY user_number, device`
  return rows.map(({ user_number: user, device, keys }) => ({ user, device, keys }))
}

export function upsertDeviceKeys(tx: Writer, row: DeviceKeyRow): void {
  tx.run`
    INSERT INTO device_key (user_number, device, keys) VALUES (${row.user}, ${row.device}, ${row.keys})
    ON CONFLICT (user_number, device) DO UPDATE SET keys = excluded.keys`
}

/** Identity, one-time and fallback keys of these devices. */
export function removeKeysOfDevices(tx: Writer, user: number, devices: readonly DeviceId[]): void {
  tx.run`DELETE FROM device_key WHERE user_number = ${user} AND device IN ${anyOf(devices)}`
  tx.run`DELETE FROM one_time_key WHERE user_number = ${user} AND device IN ${anyOf(devices)}`
  tx.run`DELETE FROM fallback_key WHERE user_number = ${user} AND device IN ${anyOf(devices)}`
}
