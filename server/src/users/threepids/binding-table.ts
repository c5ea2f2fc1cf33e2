/** Rows of the addresses that identity servers were told of for our users. */

import type { Reader, Writer } from '../../store/index.ts'

export type BindingRow = { readonly medium: string; readonly address: string; readonly server: string }

export async function listBindings(reader: Reader, user: number): Promise<BindingRow[]> {
  const rows = await reader.all<{ medium: string; address: string; id_server: string }>`
    SELECT medium, address, id_server FROM threepid_binding WHERE user_number = ${user}
    ORDER BY medium, address, id_server`
  return rows.map(({ medium, address, id_server: server }) => ({ medium, address, server }))
}

export function upsertBinding(tx: Writer, user: number, { medium, address, server }: BindingRow): void {
  tx.run`
    INSERT INTO threepid_binding (user_number, medium, address, id_server)
    VALUES (${user}, ${medium}, ${address}, ${server}) ON CONFLICT DO NOTHING`
}

export function removeBinding(tx: Writer, user: number, { medium, address, server }: BindingRow): void {
  tx.run`
    DELETE FROM threepid_binding
    WHERE user_number = ${user} AND medium = ${medium} AND address = ${address} AND id_server = ${server}`
}

export function removeBindings(tx: Writer, user: number): void {
  tx.run`DELETE FROM threepid_binding WHERE user_number = ${user}`
}
