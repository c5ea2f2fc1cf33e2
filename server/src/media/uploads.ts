/** Taking files in: at once, or under a name reserved before. Spec: client-server-api#content-repository. */

import { randomBytes } from 'node:crypto'
import type { ServerName } from '@parallax/protocol'
import { createKeyedQueue, MatrixError } from '../base/index.ts'
import type { StoredBlob } from '../blobs/index.ts'
import { StoreError } from '../store/index.ts'
import type { Arrivals } from './arrivals.ts'
import { mediaLimits } from './limits.ts'
import type { FileName, Incoming, Media, MediaDeps, Uploader } from './media.ts'
import { countMediaOf, type Filling, findMedia, insertMedia, requireFilling } from './media-table.ts'
import type { Screen } from './screen.ts'

type Uploads = Pick<Media, 'upload' | 'reserve' | 'fill'>

export function createUploads(deps: MediaDeps, arrivals: Arrivals, screen: Screen): Uploads {
  const { store, clock } = deps
  // One after another for each user, so that the quota cannot be passed by two uploads at once.
  const turns = createKeyedQueue<number>()
  // Without a quota they share a commit.
  const inTurn = (by: Uploader, work: () => Promise<void>): Promise<void> =>
    deps.config.userBytesMax === 0 ? work() : turns.run(by.user, work)

  async function reserve(by: Uploader): Promise<{ content_uri: string; unused_expires_at: number }> {
    const { pending } = await countMediaOf(store.reader, by.user)
    if (pending >= mediaLimits.pendingMax) {
      const fields = { retry_after_ms: 60_000 }
      throw new MatrixError('M_LIMIT_EXCEEDED', 'Upload to the names that you have before you ask for more.', fields)
    }
    const mediaId = createMediaId()
    const expiresMs = clock.nowMs() + mediaLimits.pendingMs
    const empty = { sha256: null, bytes: 0, contentType: '', fileName: null }
    await store.transact((tx) => insertMedia(tx, { ...rowOf(by, mediaId, clock.nowMs()), ...empty, expiresMs }))
    return { content_uri: `mxc://${serverOf(by)}/${mediaId}`, unused_expires_at: expiresMs }
  }

  return {
    async upload(by, name, incoming) {
      const checked = checkName(name)
      const stored = await receive(deps, by, incoming)
      const mediaId = createMediaId()
      // Bytes without a name are swept away.
      await screen.requireSafe({ ...stored, ...checked })
      await inTurn(by, async () => {
        await requireRoom(deps, by, stored.bytes)
        const row = { ...rowOf(by, mediaId, clock.nowMs()), ...stored, ...checked, expiresMs: null }
        await store.transact((tx) => insertMedia(tx, row))
      })
      return { content_uri: `mxc://${serverOf(by)}/${mediaId}` }
    },
    reserve: (by) => turns.run(by.user, () => reserve(by)),
    async fill(by, { serverName, mediaId }, name, incoming) {
      const checked = checkName(name)
      const row = deps.isLocal(serverName as ServerName)
        ? await findMedia(store.reader, serverName, mediaId)
        : undefined
      const isExpired = row?.expiresMs != null && row.expiresMs <= clock.nowMs()
      if (row === undefined || isExpired)
        throw new MatrixError('M_NOT_FOUND', 'This name was never given, or has expired.')
      if (row.owner !== by.user) throw new MatrixError('M_FORBIDDEN', 'This name was given to somebody else.')
      if (row.sha256 !== null) throw overwrites()
      const stored = await receive(deps, by, incoming)
      await screen.requireSafe({ ...stored, ...checked })
      await inTurn(by, async () => {
        await requireRoom(deps, by, stored.bytes)
        await fillOnce(deps, serverName, mediaId, { ...stored, ...checked })
      })
      arrivals.tell(serverName, mediaId)
      return {}
    },
  }
}

function serverOf({ userId }: Uploader): string {
  return userId.slice(userId.indexOf(':') + 1)
}

/** 144 random bits: whoever knows the name may have the file. */
export function createMediaId(): string {
  return randomBytes(18).toString('base64url')
}

function rowOf(by: Uploader, mediaId: string, nowMs: number) {
  return { origin: serverOf(by), mediaId, owner: by.user, createdMs: nowMs, isQuarantined: false }
}

function overwrites(): MatrixError {
  return new MatrixError('M_CANNOT_OVERWRITE_MEDIA', 'Something was uploaded to this name already.')
}

async function fillOnce({ store }: MediaDeps, origin: string, mediaId: string, filling: Filling): Promise<void> {
  try {
    await store.transact((tx) => requireFilling(tx, origin, mediaId, filling))
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'conflict') throw overwrites()
    throw error
  }
}

async function requireRoom({ store, config }: MediaDeps, by: Uploader, bytes: number): Promise<void> {
  if (config.userBytesMax === 0) return
  const { bytes: used } = await countMediaOf(store.reader, by.user)
  if (used + bytes > config.userBytesMax) {
    throw new MatrixError('M_FORBIDDEN', `All your files together may have ${config.userBytesMax} bytes.`)
  }
}

/** Refuses what is announced as too large before the first byte, and what turns out to be at the first too many. */
async function receive(deps: MediaDeps, by: Uploader, { announced, chunks }: Incoming): Promise<StoredBlob> {
  const { uploadBytesMax } = deps.config
  if (announced !== undefined && announced > uploadBytesMax) throw tooLarge(uploadBytesMax)
  await requireRoom(deps, by, announced ?? 0)
  const receiver = await deps.blobs.receive()
  try {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > uploadBytesMax) throw tooLarge(uploadBytesMax)
      await receiver.write(chunk)
    }
  } catch (error) {
    await receiver.abort()
    throw error
  }
  return receiver.finish()
}

function tooLarge(bytesMax: number): MatrixError {
  return new MatrixError('M_TOO_LARGE', `A file must not be larger than ${bytesMax} bytes.`)
}

/** What a sender may call a file: printable types of the usual form, names without control characters. */
function checkName({ contentType, fileName }: FileName): { contentType: string; fileName: string | null } {
  const type = contentType?.trim() || 'application/octet-stream'
  if (type.length > mediaLimits.contentTypeMax || !/^[\w.+-]+\/[\w.+*-]+(\s*;[\x20-\x7e]*)?$/.test(type)) {
    throw new MatrixError('M_INVALID_PARAM', 'That is no content type.')
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  const name = fileName?.replaceAll(/[\u0000-\u001f\u007f]/g, '').slice(0, mediaLimits.fileNameMax)
  return { contentType: type, fileName: name || null }
}
