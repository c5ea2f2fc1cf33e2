/** Rows of push rules: what a user changed of the defaults. */

import type { Reader, Writer } from '../store/index.ts'

export type PushRulesRow = { readonly rules: string; readonly position: number }

export async function findPushRules(reader: Reader, user: number): Promise<PushRulesRow | undefined> {
  return reader.first<PushRulesRow>`SELECT rules, position FROM push_rules WHERE user_number = ${user}`
}

export function upsertPushRules(tx: Writer, user: number, row: PushRulesRow): void {
  tx.run`
    INSERT INTO push_rules (user_number, rules, position) VALUES (${user}, ${row.rules}, ${row.position})
    ON CONFLICT (user_number) DO UPDATE SET rules = excluded.rules, position = excluded.position`
}

export function removePushRules(tx: Writer, user: number): void {
  tx.run`DELETE FROM push_rules WHERE user_number = ${user}`
}
