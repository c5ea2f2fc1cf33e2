/** Rows of OpenID tokens. */

import type { Reader, Writer } from '../store/index.ts'

export function insertOpenIdToken(tx: Writer, tokenHash: string, user: number, expiresMs: number): void {
  tx.run`INSERT INTO openid_token (token_hash, user_number, expires_ms) VALUES (${tokenHash}, ${user}, ${expiresMs})`
}

export function removeExpiredOpenIdTokens(tx: Writer, nowMs: number): void {
  tx.run`DELETE FROM openid_token WHERE expires_ms <= ${nowMs}`
}

export function removeOpenIdTokens(tx: Writer, user: number): void {
  tx.run`DELETE FROM openid_token WHERE user_number = ${user}`
}

/** The user of a token that has not expired. */
export async function findOpenIdUser(reader: Reader, tokenHash: string, nowMs: number): Promise<number | undefined> {
  const row = await reader.first<{ user_number: number }>`
    SELECT user_number FROM openid_token WHERE token_hash = ${tokenHash} AND expires_ms > ${nowMs}`
  return row?.user_number
}
