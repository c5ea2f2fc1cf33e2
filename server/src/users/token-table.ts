/** Rows of tokens that are used once or a few times: for logging in, for setting up, for registering. */

import type { Reader, Returned, Writer } from '../store/index.ts'

export function insertLoginToken(tx: Writer, tokenHash: string, user: number, expiresMs: number): void {
  tx.run`INSERT INTO login_token (token_hash, user_number, expires_ms) VALUES (${tokenHash}, ${user}, ${expiresMs})`
}

/** Takes the token: `rows` is empty if it does not exist (any more). Expired ones go too. */
export function takeLoginToken(tx: Writer, tokenHash: string, nowMs: number): Returned<{ user_number: number }> {
  tx.run`DELETE FROM login_token WHERE expires_ms <= ${nowMs}`
  return tx.returning<{ user_number: number }>`
    DELETE FROM login_token WHERE token_hash = ${tokenHash} RETURNING user_number`
}

export function removeLoginTokens(tx: Writer, user: number): void {
  tx.run`DELETE FROM login_token WHERE user_number = ${user}`
}

/** Forgets earlier ones. */
export function replaceSetupToken(tx: Writer, tokenHash: string, nowMs: number): void {
  tx.run`DELETE FROM setup_token`
  tx.run`INSERT INTO setup_token (token_hash, created_ms) VALUES (${tokenHash}, ${nowMs})`
}

/** True if this is the setup token, made after that time. */
export async function hasSetupToken(reader: Reader, tokenHash: string, madeAfterMs: number): Promise<boolean> {
  const row = await reader.first`
    SELECT created_ms FROM setup_token WHERE token_hash = ${tokenHash} AND created_ms > ${madeAfterMs}`
  return row !== undefined
}

/** Undoes the whole transaction (StoreError 'conflict') if the token does not exist any more. */
export function requireSetupToken(tx: Writer, tokenHash: string): void {
  tx.require`DELETE FROM setup_token WHERE token_hash = ${tokenHash}`
}

export function insertRegistrationToken(tx: Writer, token: string, usesMax: number | null, expiresMs: number | null) {
  tx.run`
    INSERT INTO registration_token (token, uses, uses_max, expires_ms) VALUES (${token}, 0, ${usesMax}, ${expiresMs})`
}

/** True if the token may be used once more. */
export async function isRegistrationTokenValid(reader: Reader, token: string, nowMs: number): Promise<boolean> {
  const row = await reader.first<{ token: string }>`
    SELECT token FROM registration_token
    WHERE token = ${token} AND (uses_max IS NULL OR uses < uses_max) AND (expires_ms IS NULL OR expires_ms > ${nowMs})`
  return row !== undefined
}

/** Undoes the whole transaction (StoreError 'conflict') if the token is used up. */
export function useRegistrationToken(tx: Writer, token: string): void {
  tx.require`
    UPDATE registration_token SET uses = uses + 1 WHERE token = ${token} AND (uses_max IS NULL OR uses < uses_max)`
}
