/** Rows of deliveries: how far each pusher has come. */

import type { Reader, Writer } from '../../store/index.ts'

export type DeliveryRow = {
  readonly user: number
  readonly appId: string
  readonly pushKey: string
  /** The last event that was delivered, or that need not be. */
  readonly doneTo: number
  /** The count of unread notifications that was told last. */
  readonly badge: number
  /** Failures since the last success, and when the next attempt may be. */
  readonly failures: number
  readonly retryMs: number
}

type RawRow = {
  user_number: number
  app_id: string
  pushkey: string
  done_to: number
  badge: number
  failures: number
  retry_ms: number
}

function toDelivery(row: RawRow): DeliveryRow {
  return {
    user: row.user_number,
    appId: row.app_id,
    pushKey: row.pushkey,
    doneTo: row.done_to,
    badge: row.badge,
    failures: row.failures,
    retryMs: row.retry_ms,
  }
}

export async function listDeliveries(reader: Reader, user: number): Promise<DeliveryRow[]> {
  return (await reader.all<RawRow>`SELECT * FROM push_delivery WHERE user_number = ${user}`).map(toDelivery)
}

/** Of the next users after one, by number; `limit` rows at most. */
export async function listDeliveriesAfter(reader: Reader, user: number, limit: number): Promise<DeliveryRow[]> {
  const rows = await reader.all<RawRow>`
    SELECT * FROM push_delivery WHERE user_number > ${user} ORDER BY user_number LIMIT ${limit}`
  return rows.map(toDelivery)
}

/** One that is there already stays as it is. */
export function insertDelivery(tx: Writer, row: DeliveryRow): void {
  tx.run`
    INSERT INTO push_delivery (user_number, app_id, pushkey, done_to, badge, failures, retry_ms)
    VALUES (${row.user}, ${row.appId}, ${row.pushKey}, ${row.doneTo}, ${row.badge}, ${row.failures}, ${row.retryMs})
    ON CONFLICT (user_number, app_id, pushkey) DO NOTHING`
}

/** One that is gone stays gone. */
export function updateDelivery(tx: Writer, row: DeliveryRow): void {
  tx.run`
    UPDATE push_delivery SET done_to = ${row.doneTo}, badge = ${row.badge}, failures = ${row.failures},
      retry_ms = ${row.retryMs}
    WHERE user_number = ${row.user} AND app_id = ${row.appId} AND pushkey = ${row.pushKey}`
}

export function removeDelivery(tx: Writer, { user, appId, pushKey }: DeliveryRow): void {
  tx.run`DELETE FROM push_delivery WHERE user_number = ${user} AND app_id = ${appId} AND pushkey = ${pushKey}`
}
