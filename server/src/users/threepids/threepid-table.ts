/** Rows of the addresses of accounts, and of those that are being confirmed. */

import type { Reader, Returned, Writer } from '../../store/index.ts'

export type ThreePidRow = {
  readonly medium: string
  readonly address: string
  readonly validatedMs: number
  readonly addedMs: number
}

export type ValidationRow = {
  readonly sid: string
  readonly purpose: string
  readonly clientSecret: string
  readonly address: string
  /** Null: no token can confirm it. */
  readonly tokenHash: string | null
  /** The last one for which a letter went out; -1: none did yet. */
  readonly attempt: number
  readonly nextLink: string | null
  readonly validatedMs: number | null
  readonly expiresMs: number
}

export async function listThreePids(reader: Reader, user: number): Promise<ThreePidRow[]> {
  const rows = await reader.all<{ medium: string; address: string; validated_ms: number; added_ms: number }>`
    SELECT medium, address, validated_ms, added_ms FROM threepid WHERE user_number = ${user} ORDER BY added_ms, address`
  return rows.map(({ medium, address, validated_ms: validatedMs, added_ms: addedMs }) => ({
    medium,
    address,
    validatedMs,
    addedMs,
  }))
}

export async function findThreePidUser(reader: Reader, medium: string, address: string): Promise<number | undefined> {
  const row = await reader.first<{ user_number: number }>`
    SELECT user_number FROM threepid WHERE medium = ${medium} AND address = ${address}`
  return row?.user_number
}

/** Undoes the transaction (StoreError 'unique') if the address belongs to an account. */
export function insertThreePid(tx: Writer, user: number, row: ThreePidRow): void {
  tx.run`
    INSERT INTO threepid (medium, address, user_number, validated_ms, added_ms)
    VALUES (${row.medium}, ${row.address}, ${user}, ${row.validatedMs}, ${row.addedMs})`
}

export function removeThreePid(tx: Writer, user: number, medium: string, address: string): void {
  tx.run`DELETE FROM threepid WHERE user_number = ${user} AND medium = ${medium} AND address = ${address}`
}

export function removeThreePids(tx: Writer, user: number): void {
  tx.run`DELETE FROM threepid WHERE user_number = ${user}`
}

type RawValidation = {
  sid: string
  purpose: string
  client_secret: string
  address: string
  token_hash: string | null
  attempt: number
  next_link: string | null
  validated_ms: number | null
  expires_ms: number
}

function toValidation(row: RawValidation): ValidationRow {
  return {
    sid: row.sid,
    purpose: row.purpose,
    clientSecret: row.client_secret,
    address: row.address,
    tokenHash: row.token_hash,
    attempt: row.attempt,
    nextLink: row.next_link,
    validatedMs: row.validated_ms,
    expiresMs: row.expires_ms,
  }
}

export async function findValidation(reader: Reader, sid: string): Promise<ValidationRow | undefined> {
  const row = await reader.first<RawValidation>`
    SELECT sid, purpose, client_secret, address, token_hash, attempt, next_link, validated_ms, expires_ms
    FROM threepid_validation WHERE sid = ${sid}`
  return row && toValidation(row)
}

export async function findAsked(
  reader: Reader,
  { address, clientSecret, purpose }: Pick<ValidationRow, 'address' | 'clientSecret' | 'purpose'>,
): Promise<ValidationRow | undefined> {
  const row = await reader.first<RawValidation>`
    SELECT sid, purpose, client_secret, address, token_hash, attempt, next_link, validated_ms, expires_ms
    FROM threepid_validation
    WHERE address = ${address} AND client_secret = ${clientSecret} AND purpose = ${purpose}`
  return row && toValidation(row)
}

/** A new session, or a new token for the one that was asked for with the same; answers the session's ID. */
export function upsertValidation(tx: Writer, row: ValidationRow): Returned<{ sid: string }> {
  return tx.returning<{ sid: string }>`
    INSERT INTO threepid_validation (sid, purpose, client_secret, address, token_hash, attempt, next_link, validated_ms,
      expires_ms)
    VALUES (${row.sid}, ${row.purpose}, ${row.clientSecret}, ${row.address}, ${row.tokenHash}, ${row.attempt},
      ${row.nextLink}, ${row.validatedMs}, ${row.expiresMs})
    ON CONFLICT (address, client_secret, purpose) DO UPDATE SET token_hash = excluded.token_hash,
      next_link = excluded.next_link, expires_ms = excluded.expires_ms
    RETURNING sid`
}

export function updateAttempt(tx: Writer, sid: string, attempt: number): void {
  tx.run`UPDATE threepid_validation SET attempt = ${attempt} WHERE sid = ${sid} AND attempt < ${attempt}`
}

/** The token works once: undoes the transaction (StoreError 'conflict') if it is not the one of the session. */
export function updateValidated(tx: Writer, sid: string, tokenHash: string, nowMs: number): void {
  tx.require`
    UPDATE threepid_validation SET validated_ms = ${nowMs}, token_hash = NULL
    WHERE sid = ${sid} AND token_hash = ${tokenHash}`
}

/** Undoes the transaction (StoreError 'conflict') if somebody was faster. */
export function takeValidation(tx: Writer, sid: string): void {
  tx.require`DELETE FROM threepid_validation WHERE sid = ${sid}`
}

/** Ends all sessions of a purpose with this address. */
export function removeValidations(tx: Writer, purpose: string, address: string): void {
  tx.run`DELETE FROM threepid_validation WHERE address = ${address} AND purpose = ${purpose}`
}

/** Removes what has expired, and the oldest beyond `countMax`. */
export function pruneValidations(tx: Writer, nowMs: number, countMax: number): void {
  tx.run`DELETE FROM threepid_validation WHERE expires_ms <= ${nowMs}`
  tx.run`
    DELETE FROM threepid_validation WHERE expires_ms <= (
      SELECT expires_ms FROM threepid_validation ORDER BY expires_ms DESC LIMIT 1 OFFSET ${countMax})`
}
