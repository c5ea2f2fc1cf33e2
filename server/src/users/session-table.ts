/** Rows of sessions (logged-in devices) and their access tokens. */

import type { DeviceId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../store/index.ts'
import type { SessionRow } from './users.ts'

export type NewSession = {
  readonly user: number
  readonly device: DeviceId
  readonly displayName: string | null
  readonly createdMs: number
}

/** A session that exists keeps its name unless a new one is given. */
export function upsertSession(tx: Writer, row: NewSession): void {
  tx.run`
    INSERT INTO session (user_number, device, display_name, created_ms)
    VALUES (${row.user}, ${row.device}, ${row.displayName}, ${row.createdMs})
    ON CONFLICT (user_number, device)
    DO UPDATE SET display_name = coalesce(excluded.display_name, session.display_name)`
}

export function updateSessionName(tx: Writer, user: number, device: DeviceId, displayName: string | null): void {
  tx.run`UPDATE session SET display_name = ${displayName} WHERE user_number = ${user} AND device = ${device}`
}

export type Seen = { readonly ms: number; readonly ip: string; readonly agent: string | null }

export function updateSeen(tx: Writer, user: number, device: DeviceId, seen: Seen): void {
  tx.run`
    UPDATE session SET last_seen_ms = ${seen.ms}, last_seen_ip = ${seen.ip}, last_seen_agent = ${seen.agent}
    WHERE user_number = ${user} AND device = ${device}`
}

type RawSession = {
  device: DeviceId
  display_name: string | null
  last_seen_ms: number | null
  last_seen_ip: string | null
  last_seen_agent: string | null
}

function toSession(row: RawSession): SessionRow {
  return {
    deviceId: row.device,
    displayName: row.display_name,
    lastSeenMs: row.last_seen_ms ?? undefined,
    lastSeenIp: row.last_seen_ip ?? undefined,
    lastSeenAgent: row.last_seen_agent ?? undefined,
  }
}

/** Sessions of a user in order of the device ID. */
export async function listSessions(reader: Reader, user: number): Promise<SessionRow[]> {
  const rows = await reader.all<RawSession>`
    SELECT device, display_name, last_seen_ms, last_seen_ip, last_seen_agent FROM session
    WHERE user_number = ${user} ORDER BY device`
  return rows.map(toSession)
}

/** Devices of many users, by user. */
export async function listDeviceIds(reader: Reader, users: readonly number[]): Promise<Map<number, DeviceId[]>> {
  const rows = await reader.all<{ user_number: number; device: DeviceId }>`
    SELECT user_number, device FROM session WHERE user_number IN ${anyOf(users)}`
  const byUser = new Map<number, DeviceId[]>()
  for (const { user_number: user, device } of rows) {
    const devices = byUser.get(user)
    if (devices === undefined) byUser.set(user, [device])
    else devices.push(device)
  }
  return byUser
}

export async function findSession(reader: Reader, user: number, device: DeviceId): Promise<SessionRow | undefined> {
  const row = await reader.first<RawSession>`
    SELECT device, display_name, last_seen_ms, last_seen_ip, last_seen_agent FROM session
    WHERE user_number = ${user} AND device = ${device}`
  return row && toSession(row)
}

export function removeSessions(tx: Writer, user: number, devices: readonly DeviceId[]): void {
  tx.run`DELETE FROM access_token WHERE user_number = ${user} AND device IN ${anyOf(devices)}`
  tx.run`DELETE FROM session WHERE user_number = ${user} AND device IN ${anyOf(devices)}`
}

export function removeTokensOfSession(tx: Writer, user: number, device: DeviceId): void {
  tx.run`DELETE FROM access_token WHERE user_number = ${user} AND device = ${device}`
}

export type TokenRow = {
  readonly tokenHash: string
  readonly user: number
  readonly device: DeviceId
  readonly expiresMs: number | null
  readonly refreshHash: string | null
  readonly refreshExpiresMs: number | null
  /** Token of the same session that goes when this one is used. */
  readonly replaces: string | null
}

type RawToken = {
  token_hash: string
  user_number: number
  device: DeviceId
  expires_ms: number | null
  refresh_hash: string | null
  refresh_expires_ms: number | null
  replaces: string | null
}

function toToken(row: RawToken): TokenRow {
  return {
    tokenHash: row.token_hash,
    user: row.user_number,
    device: row.device,
    expiresMs: row.expires_ms,
    refreshHash: row.refresh_hash,
    refreshExpiresMs: row.refresh_expires_ms,
    replaces: row.replaces,
  }
}

export function insertToken(tx: Writer, row: TokenRow): void {
  tx.run`
    INSERT INTO access_token (token_hash, user_number, device, expires_ms, refresh_hash, refresh_expires_ms, replaces)
    VALUES (${row.tokenHash}, ${row.user}, ${row.device}, ${row.expiresMs}, ${row.refreshHash},
      ${row.refreshExpiresMs}, ${row.replaces})`
}

export async function findToken(reader: Reader, tokenHash: string): Promise<TokenRow | undefined> {
  const row = await reader.first<RawToken>`
    SELECT token_hash, user_number, device, expires_ms, refresh_hash, refresh_expires_ms, replaces
    FROM access_token WHERE token_hash = ${tokenHash}`
  return row && toToken(row)
}

export async function findTokenByRefresh(reader: Reader, refreshHash: string): Promise<TokenRow | undefined> {
  const row = await reader.first<RawToken>`
    SELECT token_hash, user_number, device, expires_ms, refresh_hash, refresh_expires_ms, replaces
    FROM access_token WHERE refresh_hash = ${refreshHash}`
  return row && toToken(row)
}

/** The token is in use now: the one that it replaces goes. */
export function confirmToken(tx: Writer, tokenHash: string, replaces: string): void {
  tx.run`DELETE FROM access_token WHERE token_hash = ${replaces}`
  tx.run`UPDATE access_token SET replaces = NULL WHERE token_hash = ${tokenHash}`
}

/** Successors that nobody used. */
export function removeSuccessors(tx: Writer, user: number, device: DeviceId, tokenHash: string): void {
  tx.run`DELETE FROM access_token WHERE user_number = ${user} AND device = ${device} AND replaces = ${tokenHash}`
}
