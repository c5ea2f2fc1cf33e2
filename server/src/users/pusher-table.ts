/** Rows of pushers: where a user's notifications go. */

import type { DeviceId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../store/index.ts'

/** One pusher of a user: they are told apart by application and key. */
export type PusherKey = { readonly user: number; readonly appId: string; readonly pushKey: string }

/** `content`: the pusher as its client sees it, JSON text. `setMs`: when it was set last. */
export type PusherRow = PusherKey & { readonly device: DeviceId; readonly content: string; readonly setMs: number }

export function upsertPusher(tx: Writer, row: PusherRow): void {
  tx.run`
    INSERT INTO pusher (user_number, app_id, pushkey, device, content, set_ms)
    VALUES (${row.user}, ${row.appId}, ${row.pushKey}, ${row.device}, ${row.content}, ${row.setMs})
    ON CONFLICT (user_number, app_id, pushkey) DO UPDATE SET
      device = excluded.device, content = excluded.content, set_ms = excluded.set_ms`
}

export function removePusher(tx: Writer, { user, appId, pushKey }: PusherKey): void {
  tx.run`DELETE FROM pusher WHERE user_number = ${user} AND app_id = ${appId} AND pushkey = ${pushKey}`
}

/** Takes the key away from all other users. */
export function removePushersOfOthers(tx: Writer, { user, appId, pushKey }: PusherKey): void {
  tx.run`DELETE FROM pusher WHERE app_id = ${appId} AND pushkey = ${pushKey} AND user_number <> ${user}`
}

export function removePushersOfDevices(tx: Writer, user: number, devices: readonly DeviceId[]): void {
  tx.run`DELETE FROM pusher WHERE user_number = ${user} AND device IN ${anyOf(devices)}`
}

type RawPusher = { app_id: string; pushkey: string; device: DeviceId; content: string; set_ms: number }

/** In order of application and key. None while the account is locked: its notifications would still be read. */
export async function listPushers(reader: Reader, user: number): Promise<PusherRow[]> {
  const rows = await reader.all<RawPusher>`
    SELECT app_id, pushkey, device, content, set_ms FROM pusher
    WHERE user_number = ${user}
      AND NOT EXISTS (SELECT 1 FROM account WHERE account.user_number = pusher.user_number AND state = 'locked')
    ORDER BY app_id, pushkey`
  return rows.map((row) => ({
    user,
    appId: row.app_id,
    pushKey: row.pushkey,
    device: row.device,
    content: row.content,
    setMs: row.set_ms,
  }))
}

/** Users who have the same key of the same application. */
export async function listOwners(reader: Reader, { appId, pushKey }: PusherKey): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT user_number FROM pusher WHERE app_id = ${appId} AND pushkey = ${pushKey}`
  return rows.map((row) => row.user_number)
}
