/** Key backups on the server. Spec: client-server-api#server-side-key-backups. */

import { isJsonObject, type JsonObject, type JsonValue, jsonString } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import {
  type BackupRow,
  type BackupSessionRow,
  countSessions,
  findBackup,
  findBackupSession,
  findLastVersion,
  insertBackup,
  listBackupSessions,
  listRanks,
  listRoomSessions,
  markBackupDeleted,
  removeBackupSession,
  removeBackupSessions,
  removeRoomSessions,
  type SessionRank,
  updateAuth,
  updateEtag,
  upsertBackupSession,
} from './backup-table.ts'
import { badParameter, type DeviceContext } from './device-context.ts'
import type { BackupPlace, BackupState, KeyBackup } from './devices.ts'
import { deviceLimits } from './limits.ts'

export function createKeyBackup(context: DeviceContext): KeyBackup {
  return { ...createVersions(context), ...createKeys(context) }
}

type Versions = 'createBackup' | 'requireBackup' | 'updateBackup' | 'removeBackup'

function createVersions(context: DeviceContext): Pick<KeyBackup, Versions> {
  const { store, turns } = context
  return {
    createBackup: (user, body) =>
      turns.run(user, async () => {
        const { algorithm, auth } = parseVersion(body)
        const version = (await findLastVersion(store.reader, user)) + 1
        await store.transact((tx) => insertBackup(tx, user, { version, algorithm, auth, etag: 0 }))
        return String(version)
      }),
    async requireBackup(user, version) {
      const row = await requireVersion(context, user, version)
      const state = await stateOf(context, user, row.version)
      return {
        algorithm: row.algorithm,
        auth_data: JSON.parse(row.auth),
        version: String(row.version),
        count: state.count,
        etag: state.etag,
      }
    },
    updateBackup: (user, version, body) =>
      turns.run(user, async () => {
        const { algorithm, auth } = parseVersion(body)
        const row = await requireVersion(context, user, version)
        if (row.algorithm !== algorithm) throw badParameter('The algorithm of a backup cannot be changed.')
        if (body.version !== undefined && body.version !== version)
          throw badParameter('The body names another version.')
        await store.transact((tx) => updateAuth(tx, user, row.version, auth))
      }),
    removeBackup: (user, version) =>
      turns.run(user, async () => {
        const row = await requireVersion(context, user, version)
        await store.transact((tx) => markBackupDeleted(tx, user, row.version))
      }),
  }
}

function createKeys(context: DeviceContext): Omit<KeyBackup, Versions> {
  const { store, turns } = context
  return {
    putBackupKeys: (user, version, rooms) =>
      turns.run(user, async () => {
        const given = parseRooms(rooms)
        const current = await requireVersion(context, user, undefined)
        if (current.version !== numberOf(version)) {
          const fields = { current_version: String(current.version) }
          throw new MatrixError('M_WRONG_ROOM_KEYS_VERSION', 'This is not the current backup.', fields)
        }
        const better = await chooseBetter(context, user, current.version, given)
        if (better.length > 0) {
          await store.transact((tx) => {
            for (const row of better) upsertBackupSession(tx, user, current.version, row)
            updateEtag(tx, user, current.version)
          })
        }
        return stateOf(context, user, current.version)
      }),
    async findBackupKeys(user, version, place) {
      const row = await requireVersion(context, user, version)
      return findKeysText(context, user, row.version, place)
    },
    removeBackupKeys: (user, version, place) =>
      turns.run(user, async () => {
        const row = await requireVersion(context, user, version)
        const { roomId, sessionId } = place
        await store.transact((tx) => {
          if (roomId === undefined) removeBackupSessions(tx, user, row.version)
          else if (sessionId === undefined) removeRoomSessions(tx, user, row.version, roomId)
          else removeBackupSession(tx, user, row.version, roomId, sessionId)
          updateEtag(tx, user, row.version)
        })
        return stateOf(context, user, row.version)
      }),
  }
}

/** The newest version, or that one. */
async function requireVersion({ store }: DeviceContext, user: number, version: string | undefined): Promise<BackupRow> {
  const row = await findBackup(store.reader, user, version === undefined ? undefined : numberOf(version))
  if (row === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no such backup.')
  return row
}

async function stateOf({ store }: DeviceContext, user: number, version: number): Promise<BackupState> {
  const row = await findBackup(store.reader, user, version)
  return { etag: String(row?.etag ?? 0), count: await countSessions(store.reader, user, version) }
}

/** -1 for what is no version: there is none of that number. */
function numberOf(version: string): number {
  return /^[1-9]\d{0,14}$/.test(version) ? Number(version) : -1
}

function parseVersion({ algorithm, auth_data: authData }: JsonObject): { algorithm: string; auth: string } {
  if (algorithm === undefined || authData === undefined) {
    throw new MatrixError('M_MISSING_PARAM', 'algorithm and auth_data are needed.')
  }
  if (typeof algorithm !== 'string' || algorithm.length > 255 || !isJsonObject(authData)) {
    throw new MatrixError('M_BAD_JSON', 'algorithm must be a string and auth_data an object.')
  }
  const auth = JSON.stringify(authData)
  if (auth.length > deviceLimits.backupAuthBytesMax) throw new MatrixError('M_TOO_LARGE', 'auth_data is too large.')
  return { algorithm, auth }
}

function parseRooms(rooms: JsonObject): BackupSessionRow[] {
  const rows: BackupSessionRow[] = []
  for (const [roomId, room] of Object.entries(rooms)) {
    const sessions = isJsonObject(room) ? room.sessions : undefined
    if (!isJsonObject(sessions)) throw new MatrixError('M_BAD_JSON', 'The sessions of a room must be an object.')
    for (const [sessionId, key] of Object.entries(sessions)) rows.push(parseSession(roomId, sessionId, key))
  }
  return rows
}

function parseSession(roomId: string, sessionId: string, key: JsonValue | undefined): BackupSessionRow {
  if (!isJsonObject(key)) throw new MatrixError('M_BAD_JSON', 'The key of a session must be an object.')
  const { first_message_index, forwarded_count, is_verified, session_data } = key
  const isComplete = isIndex(first_message_index) && isIndex(forwarded_count) && typeof is_verified === 'boolean'
  if (!isComplete || !isJsonObject(session_data)) {
    throw new MatrixError(
      'M_BAD_JSON',
      'A key has first_message_index, forwarded_count (integers), is_verified (boolean) and session_data (object).',
    )
  }
  const content = JSON.stringify({ first_message_index, forwarded_count, is_verified, session_data })
  if (content.length > deviceLimits.backupSessionBytesMax) throw new MatrixError('M_TOO_LARGE', 'A key is too large.')
  const rank = { first_message_index, forwarded_count, is_verified: is_verified ? 1 : 0 }
  return { room_id: roomId, session_id: sessionId, ...rank, content }
}

function isIndex(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

async function chooseBetter(
  context: DeviceContext,
  user: number,
  version: number,
  given: readonly BackupSessionRow[],
): Promise<BackupSessionRow[]> {
  const ids = given.map((row) => row.session_id)
  const stored = new Map<string, SessionRank>()
  for (const row of await listRanks(context.store.reader, user, version, ids)) {
    stored.set(`${row.room_id}\n${row.session_id}`, row)
  }
  return given.filter((row) => {
    const before = stored.get(`${row.room_id}\n${row.session_id}`)
    return before === undefined || isBetter(row, before)
  })
}

/** Spec: client-server-api#backup-algorithm: verified first, then the lower index, then the fewer forwards. */
function isBetter(key: SessionRank, before: SessionRank): boolean {
  if (key.is_verified !== before.is_verified) return key.is_verified > before.is_verified
  if (key.first_message_index !== before.first_message_index) {
    return key.first_message_index < before.first_message_index
  }
  return key.forwarded_count < before.forwarded_count
}

async function findKeysText(
  { store: { reader } }: DeviceContext,
  user: number,
  version: number,
  { roomId, sessionId }: BackupPlace,
): Promise<string> {
  if (roomId === undefined) {
    const byRoom = Map.groupBy(await listBackupSessions(reader, user, version), (row) => row.room_id)
    const rooms = [...byRoom].map(([room, rows]) => `${jsonString(room)}:${sessionsText(rows)}`)
    return `{"rooms":{${rooms.join(',')}}}`
  }
  if (sessionId === undefined) return sessionsText(await listRoomSessions(reader, user, version, roomId))
  const content = await findBackupSession(reader, user, version, { roomId, sessionId })
  if (content === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no key of this session.')
  return content
}

function sessionsText(rows: readonly { session_id: string; content: string }[]): string {
  return `{"sessions":{${rows.map((row) => `${jsonString(row.session_id)}:${row.content}`).join(',')}}}`
}
