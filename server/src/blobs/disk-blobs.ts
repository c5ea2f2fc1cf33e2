/** Blobs in a folder: `aa/bb/<64 hex digits>`, and `incoming/` for those that are being written. */

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { blobLimits } from './limits.ts'
import { type ByteRange, pourBlob, type WritePiece } from './pour-blob.ts'

export type StoredBlob = { readonly sha256: string; readonly bytes: number }

/** Takes the bytes of one blob; ends with `finish` or `abort`, whatever happens. */
export interface BlobReceiver {
  write(chunk: Uint8Array): Promise<void>
  /** The blob is on the disk when this resolves, and can be read. */
  finish(): Promise<StoredBlob>
  abort(): Promise<void>
}

export interface Blobs {
  receive(): Promise<BlobReceiver>
  /** All bytes of a small blob. Throws like `node:fs` if there is none. */
  readAll(sha256: string): Promise<Buffer>
  /** Hands over the bytes of a range, piece by piece. Throws like `node:fs` if there is none. */
  pour(sha256: string, range: ByteRange, write: WritePiece): Promise<void>
  pathOf(sha256: string): string
  remove(sha256: string): Promise<void>
  /** Names of blobs that are older than `beforeMs`, in small portions. */
  listOlder(beforeMs: number): AsyncIterable<readonly string[]>
}

/** Opens (or makes) the folder; what a crash left half written is removed. */
export function createDiskBlobs(folder: string): Blobs {
  const incoming = join(folder, 'incoming')
  rmSync(incoming, { recursive: true, force: true })
  mkdirSync(incoming, { recursive: true, mode: 0o700 })
  const pathOf = (sha256: string): string => join(folder, sha256.slice(0, 2), sha256.slice(2, 4), sha256)
  return {
    receive: () => receiveBlob(join(incoming, randomBytes(12).toString('hex')), pathOf),
    readAll: (sha256) => readFile(pathOf(sha256)),
    pour: (sha256, range, write) => pourBlob(pathOf(sha256), range, write),
    pathOf,
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
    listOlder: (beforeMs) => listOlder(folder, beforeMs),
  }
}

async function receiveBlob(place: string, pathOf: (sha256: string) => string): Promise<BlobReceiver> {
  const file = await open(place, 'wx', 0o600)
  const hash = createHash('sha256')
  let bytes = 0
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  async function flush(): Promise<void> {
    const pieces = waiting
    waiting = []
    waitingBytes = 0
    if (pieces.length > 0) await file.writev(pieces)
  }
  return {
    async write(chunk) {
      hash.update(chunk)
      bytes += chunk.length
      waiting.push(chunk)
      waitingBytes += chunk.length
      if (waitingBytes >= blobLimits.pieceBytes) await flush()
    },
    async finish() {
      await flush()
      await file.datasync()
      await file.close()
      const sha256 = hash.digest('hex')
      await moveIntoPlace(place, pathOf(sha256))
      return { sha256, bytes }
    },
    async abort() {
      await file.close()
      await rm(place, { force: true })
    },
  }
}

/** The rename is on the disk when its folder is. */
async function moveIntoPlace(from: string, to: string): Promise<void> {
  const folder = dirname(to)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await rename(from, to)
  const handle: FileHandle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* listOlder(folder: string, beforeMs: number): AsyncIterable<readonly string[]> {
  for (const first of await readdir(folder)) {
    if (first.length !== 2) continue
    for (const second of await readdir(join(folder, first))) {
      const names = await readdir(join(folder, first, second))
      const old: string[] = []
      for (const name of names) {
        const { mtimeMs } = await stat(join(folder, first, second, name))
        if (mtimeMs < beforeMs) old.push(name)
      }
      if (old.length > 0) yield old
    }
  }
}
