/** Rows of media and thumbnails. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'

export type MediaRow = {
  readonly origin: string
  readonly mediaId: string
  /** The uploader's number; null for other servers' media. */
  readonly owner: number | null
  readonly createdMs: number
  /** Until when the bytes may be uploaded; null once they were. */
  readonly expiresMs: number | null
  readonly sha256: string | null
  readonly bytes: number
  readonly contentType: string
  readonly fileName: string | null
  readonly isQuarantined: boolean
}

type RawMedia = {
  origin: string
  media_id: string
  owner: number | null
  created_ms: number
  expires_ms: number | null
  sha256: string | null
  bytes: number
  content_type: string
  file_name: string | null
  quarantined: number
}

export async function findMedia(reader: Reader, origin: string, mediaId: string): Promise<MediaRow | undefined> {
  const row = await reader.first<RawMedia>`SELECT * FROM media WHERE origin = ${origin} AND media_id = ${mediaId}`
  return (
    row && {
      origin: row.origin,
      mediaId: row.media_id,
      owner: row.owner,
      createdMs: row.created_ms,
      expiresMs: row.expires_ms,
      sha256: row.sha256,
      bytes: row.bytes,
      contentType: row.content_type,
      fileName: row.file_name,
      isQuarantined: row.quarantined === 1,
    }
  )
}

export function insertMedia(tx: Writer, row: MediaRow): void {
  tx.run`
    INSERT INTO media (origin, media_id, owner, created_ms, expires_ms, sha256, bytes, content_type, file_name,
      quarantined)
    VALUES (${row.origin}, ${row.mediaId}, ${row.owner}, ${row.createdMs}, ${row.expiresMs}, ${row.sha256},
      ${row.bytes}, ${row.contentType}, ${row.fileName}, ${row.isQuarantined ? 1 : 0})
    ON CONFLICT (origin, media_id) DO NOTHING`
}

export type Filling = Pick<MediaRow, 'sha256' | 'bytes' | 'contentType' | 'fileName'>

/** Gives a name its bytes; a conflict if it has some already. */
export function requireFilling(tx: Writer, origin: string, mediaId: string, filling: Filling): void {
  tx.require`
    UPDATE media SET sha256 = ${filling.sha256}, bytes = ${filling.bytes}, content_type = ${filling.contentType},
      file_name = ${filling.fileName}, expires_ms = NULL
    WHERE origin = ${origin} AND media_id = ${mediaId} AND sha256 IS NULL`
}

/** Names without bytes, and bytes in all, of a user. */
export async function countMediaOf(reader: Reader, owner: number): Promise<{ pending: number; bytes: number }> {
  const row = await reader.first<{ pending: number; total: number | null }>`
    SELECT COUNT(expires_ms) AS pending, CAST(COALESCE(SUM(bytes), 0) AS INTEGER) AS total FROM media
    WHERE owner = ${owner}`
  return { pending: row?.pending ?? 0, bytes: Number(row?.total ?? 0) }
}

export function removeExpiredMedia(tx: Writer, nowMs: number): void {
  tx.run`DELETE FROM media WHERE expires_ms <= ${nowMs}`
}

/** Hides every name of the bytes, or shows them again. */
export function updateQuarantine(tx: Writer, sha256: string, isQuarantined: boolean): void {
  tx.run`UPDATE media SET quarantined = ${isQuarantined ? 1 : 0} WHERE sha256 = ${sha256}`
}

export type ThumbnailRow = { readonly sha256: string; readonly bytes: number; readonly contentType: string }

export async function findThumbnail(
  reader: Reader,
  source: string,
  variant: string,
): Promise<ThumbnailRow | undefined> {
  const row = await reader.first<{ sha256: string; bytes: number; content_type: string }>`
    SELECT sha256, bytes, content_type FROM media_thumbnail WHERE source = ${source} AND variant = ${variant}`
  return row && { sha256: row.sha256, bytes: row.bytes, contentType: row.content_type }
}

export function insertThumbnail(tx: Writer, source: string, variant: string, row: ThumbnailRow): void {
  tx.run`
    INSERT INTO media_thumbnail (source, variant, sha256, bytes, content_type)
    VALUES (${source}, ${variant}, ${row.sha256}, ${row.bytes}, ${row.contentType})
    ON CONFLICT (source, variant) DO NOTHING`
}

/** What a picture looks like; '': nothing that could be compared; undefined: not known yet. */
export async function findPicture(reader: Reader, sha256: string): Promise<string | undefined> {
  const row = await reader.first<{ look: string }>`SELECT look FROM media_picture WHERE sha256 = ${sha256}`
  return row?.look
}

export function insertPicture(tx: Writer, sha256: string, look: string): void {
  tx.run`INSERT INTO media_picture (sha256, look) VALUES (${sha256}, ${look}) ON CONFLICT (sha256) DO NOTHING`
}

/** Thumbnails, and hashes of pictures, of bytes that have no name any more. */
export function removeOrphanThumbnails(tx: Writer): void {
  tx.run`DELETE FROM media_thumbnail WHERE source NOT IN (SELECT sha256 FROM media WHERE sha256 IS NOT NULL)`
  tx.run`DELETE FROM media_picture WHERE sha256 NOT IN (SELECT sha256 FROM media WHERE sha256 IS NOT NULL)`
}

/** Those of the blobs that something is stored under. */
export async function listUsedBlobs(reader: Reader, blobs: readonly string[]): Promise<Set<string>> {
  const rows = await reader.all<{ sha256: string }>`
    SELECT sha256 FROM media WHERE sha256 IN ${anyOf(blobs)}
    UNION SELECT sha256 FROM media_thumbnail WHERE sha256 IN ${anyOf(blobs)}`
  return new Set(rows.map(({ sha256 }) => sha256))
}

export async function findPreview(reader: Reader, url: string, sinceMs: number): Promise<string | undefined> {
  const row = await reader.first<{ preview: string }>`
    SELECT preview FROM url_preview WHERE url = ${url} AND fetched_ms > ${sinceMs}`
  return row?.preview
}

export function upsertPreview(tx: Writer, url: string, fetchedMs: number, preview: string): void {
  tx.run`
    INSERT INTO url_preview (url, fetched_ms, preview) VALUES (${url}, ${fetchedMs}, ${preview})
    ON CONFLICT (url) DO UPDATE SET fetched_ms = excluded.fetched_ms, preview = excluded.preview`
}

export function removeOldPreviews(tx: Writer, beforeMs: number): void {
  tx.run`DELETE FROM url_preview WHERE fetched_ms <= ${beforeMs}`
}
