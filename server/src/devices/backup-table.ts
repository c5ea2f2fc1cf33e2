/** Rows of key backups: versions and the sessions in them. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'

/** `auth` is JSON text. */
export type BackupRow = {
  readonly version: number
  readonly algorithm: string
  readonly auth: string
  readonly etag: number
}

/** The newest backup that is not deleted, or that version of it. */
export async function findBackup(reader: Reader, user: number, version?: number): Promise<BackupRow | undefined> {
  if (version !== undefined) {
    return reader.first<BackupRow>`
      SELECT version, algorithm, auth, etag FROM key_backup
      WHERE user_number = ${user} AND version = ${version} AND is_deleted = 0`
  }
  return reader.first<BackupRow>`
    SELECT version, algorithm, auth, etag FROM key_backup
    WHERE user_number = ${user} AND is_deleted = 0 ORDER BY version DESC LIMIT 1`
}

/** The highest version that ever was; 0: none. */
export async function findLastVersion(reader: Reader, user: number): Promise<number> {
  const row = await reader.first<{ version: number | null }>`
    SELECT MAX(version) AS version FROM key_backup WHERE user_number = ${user}`
  return row?.version ?? 0
}

export function insertBackup(tx: Writer, user: number, row: BackupRow): void {
  tx.run`
    INSERT INTO key_backup (user_number, version, algorithm, auth, etag, is_deleted)
    VALUES (${user}, ${row.version}, ${row.algorithm}, ${row.auth}, ${row.etag}, 0)`
}

export function updateAuth(tx: Writer, user: number, version: number, auth: string): void {
  tx.run`UPDATE key_backup SET auth = ${auth} WHERE user_number = ${user} AND version = ${version}`
}

export function updateEtag(tx: Writer, user: number, version: number): void {
  tx.run`UPDATE key_backup SET etag = etag + 1 WHERE user_number = ${user} AND version = ${version}`
}

/** The version stays taken; its sessions go. */
export function markBackupDeleted(tx: Writer, user: number, version: number): void {
  tx.run`
    UPDATE key_backup SET is_deleted = 1, auth = '{}' WHERE user_number = ${user} AND version = ${version}`
  tx.run`DELETE FROM key_backup_session WHERE user_number = ${user} AND version = ${version}`
}

export function removeBackups(tx: Writer, user: number): void {
  tx.run`DELETE FROM key_backup_session WHERE user_number = ${user}`
  tx.run`DELETE FROM key_backup WHERE user_number = ${user}`
}

export async function countSessions(reader: Reader, user: number, version: number): Promise<number> {
  const row = await reader.first<{ count: number }>`
    SELECT COUNT(*) AS count FROM key_backup_session WHERE user_number = ${user} AND version = ${version}`
  return row?.count ?? 0
}

/** What decides which of two keys of a session is better. */
export type SessionRank = {
  readonly first_message_index: number
  readonly forwarded_count: number
  readonly is_verified: number
}

/** `content` is the whole key, JSON text. */
export type BackupSessionRow = SessionRank & {
  readonly room_id: string
  readonly session_id: string
  readonly content: string
}

export async function listRanks(
  reader: Reader,
  user: number,
  version: number,
  sessionIds: readonly string[],
): Promise<(SessionRank & { room_id: string; session_id: string })[]> {
  return reader.all<SessionRank & { room_id: string; session_id: string }>`
    SELECT room_id, session_id, first_message_index, forwarded_count, is_verified FROM key_backup_session
    WHERE user_number = ${user} AND version = ${version} AND session_id IN ${anyOf(sessionIds)}`
}

export function upsertBackupSession(tx: Writer, user: number, version: number, row: BackupSessionRow): void {
  tx.run`
    INSERT INTO key_backup_session (user_number, version, room_id, session_id, first_message_index, forwarded_count,
      is_verified, content)
    VALUES (${user}, ${version}, ${row.room_id}, ${row.session_id}, ${row.first_message_index},
      ${row.forwarded_count}, ${row.is_verified}, ${row.content})
    ON CONFLICT (user_number, version, room_id, session_id)
    DO UPDATE SET first_message_index = excluded.first_message_index, forwarded_count = excluded.forwarded_count,
      is_verified = excluded.is_verified, content = excluded.content`
}

type StoredSession = { room_id: string; session_id: string; content: string }

/** In order of room and session. */
export async function listBackupSessions(reader: Reader, user: number, version: number): Promise<StoredSession[]> {
  return reader.all<StoredSession>`
    SELECT room_id, session_id, content FROM key_backup_session
    WHERE user_number = ${user} AND version = ${version} ORDER BY room_id, session_id`
}

export async function listRoomSessions(
  reader: Reader,
  user: number,
  version: number,
  roomId: string,
): Promise<StoredSession[]> {
  return reader.all<StoredSession>`
    SELECT room_id, session_id, content FROM key_backup_session
    WHERE user_number = ${user} AND version = ${version} AND room_id = ${roomId} ORDER BY session_id`
}

export async function findBackupSession(
  reader: Reader,
  user: number,
  version: number,
  place: { readonly roomId: string; readonly sessionId: string },
): Promise<string | undefined> {
  const row = await reader.first<{ content: string }>`
    SELECT content FROM key_backup_session
    WHERE user_number = ${user} AND version = ${version} AND room_id = ${place.roomId}
      AND session_id = ${place.sessionId}`
  return row?.content
}

export function removeBackupSessions(tx: Writer, user: number, version: number): void {
  tx.run`DELETE FROM key_backup_session WHERE user_number = ${user} AND version = ${version}`
}

export function removeRoomSessions(tx: Writer, user: number, version: number, roomId: string): void {
  tx.run`
    DELETE FROM key_backup_session WHERE user_number = ${user} AND version = ${version} AND room_id = ${roomId}`
}

export function removeBackupSession(tx: Writer, user: number, version: number, roomId: string, sessionId: string) {
  tx.run`
    DELETE FROM key_backup_session
    WHERE user_number = ${user} AND version = ${version} AND room_id = ${roomId} AND session_id = ${sessionId}`
}
