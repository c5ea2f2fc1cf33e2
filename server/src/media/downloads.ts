/** Handing files out, whole or in part, as they are or made smaller. Spec: client-server-api#content-repository. */

import { createHash } from 'node:crypto'
import type { ServerName } from '@parallax/protocol'
import { createKeyedQueue, MatrixError } from '../base/index.ts'
import type { Blobs, ByteRange } from '../blobs/index.ts'
import type { Arrivals } from './arrivals.ts'
import { contentHeaders, parseRange } from './content-headers.ts'
import { createFetchLanes, type FetchLanes } from './fetch-lanes.ts'
import { mediaLimits } from './limits.ts'
import type { FileWish, Media, MediaDeps, OpenedFile } from './media.ts'
import { findMedia, findThumbnail, insertMedia, insertThumbnail, type MediaRow } from './media-table.ts'
import type { Screen } from './screen.ts'
import { chooseSize, type Thumbnailer } from './thumbnail.ts'

type Downloads = Pick<Media, 'download' | 'thumbnail'>

/** Where files come from. */
type Sources = {
  readonly deps: MediaDeps
  readonly arrivals: Arrivals
  readonly lanes: FetchLanes
  readonly screen: Screen
}

type DownloadParts = Pick<Sources, 'arrivals' | 'screen'> & { readonly thumbnailer: Thumbnailer }

/** A row whose bytes are there. */
type StoredRow = MediaRow & { readonly sha256: string }

export function createDownloads(deps: MediaDeps, { arrivals, thumbnailer, screen }: DownloadParts): Downloads {
  const { store, blobs } = deps
  const making = createKeyedQueue<string>()
  const sources: Sources = { deps, arrivals, screen, lanes: createFetchLanes() }

  async function findOrMake(
    source: StoredRow,
    width: number,
    height: number,
    method: 'crop' | 'scale',
    moves: boolean,
  ) {
    const variant = `${width}x${height}-${method}${moves ? '-animated' : ''}`
    return making.run(`${source.sha256} ${variant}`, async () => {
      const known = await findThumbnail(store.reader, source.sha256, variant)
      if (known !== undefined) return known
      if (source.bytes > mediaLimits.pictureBytesMax) throw new MatrixError('M_TOO_LARGE', 'This picture is too large.')
      const picture = await blobs.readAll(source.sha256)
      const made = await thumbnailer.make(picture, source.contentType, { width, height, method }, moves)
      const receiver = await blobs.receive()
      await receiver.write(made.bytes)
      const row = { ...(await receiver.finish()), contentType: made.contentType }
      await store.transact((tx) => insertThumbnail(tx, source.sha256, variant, row))
      return row
    })
  }

  return {
    async download(wish) {
      const row = await requireFile(sources, wish)
      return open(deps, row, row.contentType, wish.fileName ?? row.fileName, wish)
    },
    async thumbnail(wish, size) {
      const source = await requireFile(sources, wish)
      const { width, height, method } = chooseSize(size)
      const made = await findOrMake(source, width, height, method, size.isAnimated)
      return open(deps, made, made.contentType, null, wish)
    },
  }
}

/** The file that is wished for; waits for one that is on its way, fetches that of another server once. */
async function requireFile({ deps, arrivals, lanes, screen }: Sources, wish: FileWish): Promise<StoredRow> {
  const { store, clock, isLocal, config } = deps
  const { serverName, mediaId, isOldPath = false } = wish
  if (isOldPath && !config.areOldPathsOpen) throw notFound()
  const find = () => findMedia(store.reader, serverName, mediaId)
  let row = await find()
  const waitMs = Math.min(Math.max(wish.timeoutMs ?? mediaLimits.waitMs, 0), mediaLimits.waitMaxMs)
  if (row === undefined && !isLocal(serverName as ServerName) && wish.isRemoteAllowed !== false) {
    row = await fetchOnce(deps, lanes, serverName as ServerName, mediaId, waitMs)
  }
  if (row?.sha256 === null && (row.expiresMs ?? 0) > clock.nowMs()) {
    await arrivals.wait(serverName, mediaId, waitMs)
    row = await find()
    if (row?.sha256 === null) throw new MatrixError('M_NOT_YET_UPLOADED', 'The file has not been uploaded yet.')
  }
  if (row === undefined || row.sha256 === null || row.isQuarantined) throw notFound()
  const found = row as StoredRow
  const place = { origin: serverName, mediaId, isLocal: isLocal(serverName as ServerName) }
  await screen.requireSafe(found, place, wish.reader)
  return found
}

function notFound(): MatrixError {
  return new MatrixError('M_NOT_FOUND', 'There is no such file.')
}

const fetching = createKeyedQueue<string>()

function fetchOnce(
  deps: MediaDeps,
  lanes: FetchLanes,
  origin: ServerName,
  mediaId: string,
  waitMs: number,
): Promise<MediaRow | undefined> {
  return fetching.run(`${origin}/${mediaId}`, async () => {
    const known = await findMedia(deps.store.reader, origin, mediaId)
    if (known !== undefined) return known
    const file = await lanes.run(origin, () => deps.fetchRemote(origin, mediaId, waitMs))
    if (file === undefined) return undefined
    const rest = { owner: null, createdMs: deps.clock.nowMs(), expiresMs: null, isQuarantined: false }
    const row = { origin, mediaId, ...file, ...rest }
    await deps.store.transact((tx) => insertMedia(tx, row))
    return row
  })
}

async function open(
  { blobs }: MediaDeps,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
  contentType: string,
  fileName: string | null,
  { range: rangeHeader, etag }: FileWish,
): Promise<OpenedFile> {
  const mark = `"${createHash('sha256').update(sha256).digest('base64url').slice(0, 22)}"`
  const headers = { ...contentHeaders(contentType, fileName), ETag: mark }
  const none = { bytes: 0, body: Buffer.alloc(0) }
  if (etag?.includes(mark)) return { status: 304, headers, ...none }
  const range = parseRange(rangeHeader, bytes)
  if (range === 'none') return { status: 416, headers: { ...headers, 'Content-Range': `bytes */${bytes}` }, ...none }
  if (range !== undefined) {
    const part = { ...headers, 'Content-Range': `bytes ${range.start}-${range.end}/${bytes}` }
    return { status: 206, headers: part, bytes: range.end - range.start + 1, body: pourOf(blobs, sha256, range) }
  }
  const whole = { start: 0, end: bytes - 1 }
  const body = bytes <= mediaLimits.wholeBytesMax ? await blobs.readAll(sha256) : pourOf(blobs, sha256, whole)
  return { status: 200, headers, bytes, body }
}

function pourOf(blobs: Blobs, sha256: string, range: ByteRange): OpenedFile['body'] {
  return (write) => blobs.pour(sha256, range, write)
}
