/** Rows of pushers: where a user's notifications go. */

import type { DeviceId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../store/index.ts'

/** One pusher of a user: they are told apart by application and key. */
export type PusherKey = { readonly user: number; readonly appId: string; readonly pushKey: string }

/** `content`: the pusher as its client sees it, JSON text. */
export type PusherRow = PusherKey & { readonly device: DeviceId; readonly content: string }

export function upsertPusher(tx: Writer, row: PusherRow): void {
  tx.run`
    INSERT INTO pusher (user_number, app_id, pushkey, device, content)
    VALUES (${row.user}, ${row.appId}, ${row.pushKey}, ${row.device}, ${row.content})
    ON CONFLICT (user_number, app_id, pushkey) DO UPDATE SET device = excluded.device, content = excluded.content`
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

/** JSON texts of a user's pushers, in order of application and key. */
export async function listPusherTexts(reader: Reader, user: number): Promise<string[]> {
  const rows = await reader.all<{ content: string }>`
    SELECT content FROM pusher WHERE user_number = ${user} ORDER BY app_id, pushkey`
  return rows.map(({ content }) => content)
}

export async function hasPusher(reader: Reader, { user, appId, pushKey }: PusherKey): Promise<boolean> {
  const row = await reader.first`
    SELECT device FROM pusher WHERE user_number = ${user} AND app_id = ${appId} AND pushkey = ${pushKey}`
  return row !== undefined
}
