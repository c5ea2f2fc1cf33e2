/** Rows of other servers' keys, and the documents that told them. */

import type { KeyId, ServerName } from '@parallax/protocol'
import type { Reader, Writer } from '../../store/index.ts'

/** A key and until when what it signs counts, ms: for old keys, when they expired. */
export type KnownKey = { readonly keyId: KeyId; readonly publicKey: string; readonly validUntilMs: number }

export type StoredDocument = {
  /** JSON text as the server signed it. */
  readonly body: string
  readonly validUntilMs: number
}

export function upsertKey(tx: Writer, server: ServerName, key: KnownKey): void {
  tx.run`
    INSERT INTO server_key (server, key_id, public_key, valid_until_ms)
    VALUES (${server}, ${key.keyId}, ${key.publicKey}, ${key.validUntilMs})
    ON CONFLICT (server, key_id) DO UPDATE SET public_key = excluded.public_key,
      valid_until_ms = excluded.valid_until_ms`
}

export async function listKeys(reader: Reader, server: ServerName): Promise<KnownKey[]> {
  const rows = await reader.all<{ key_id: KeyId; public_key: string; valid_until_ms: number }>`
    SELECT key_id, public_key, valid_until_ms FROM server_key WHERE server = ${server}`
  return rows.map((row) => ({ keyId: row.key_id, publicKey: row.public_key, validUntilMs: row.valid_until_ms }))
}

export function upsertDocument(tx: Writer, server: ServerName, document: StoredDocument): void {
  tx.run`
    INSERT INTO server_key_document (server, body, valid_until_ms)
    VALUES (${server}, ${document.body}, ${document.validUntilMs})
    ON CONFLICT (server) DO UPDATE SET body = excluded.body, valid_until_ms = excluded.valid_until_ms`
}

/** Servers whose documents are valid at a time. */
export async function listValidServers(reader: Reader, validAtMs: number, limit: number): Promise<ServerName[]> {
  const rows = await reader.all<{ server: ServerName }>`
    SELECT server FROM server_key_document WHERE valid_until_ms > ${validAtMs} ORDER BY valid_until_ms DESC
    LIMIT ${limit}`
  return rows.map(({ server }) => server)
}

export async function findDocument(reader: Reader, server: ServerName): Promise<StoredDocument | undefined> {
  const row = await reader.first<{ body: string; valid_until_ms: number }>`
    SELECT body, valid_until_ms FROM server_key_document WHERE server = ${server}`
  return row && { body: row.body, validUntilMs: row.valid_until_ms }
}
