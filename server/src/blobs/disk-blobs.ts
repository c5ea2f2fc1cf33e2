/** Blobs in a folder: `aa/bb/<64 hex digits>`, and `incoming/` for those that are being written. */

import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { keepPiece, takePiece } from './pieces.ts'
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
  const piece = takePiece()
  let bytes = 0
  let filled = 0
  async function flush(): Promise<void> {
    const full = piece.subarray(0, filled)
    filled = 0
    hash.update(full)
    for (let at = 0; at < full.length; ) at += (await file.write(full, at)).bytesWritten
  }
  async function abort(): Promise<void> {
    await file.close()
    await rm(place, { force: true })
  }
  return {
    async write(chunk) {
      bytes += chunk.length
      for (let at = 0; at < chunk.length; ) {
        const part = chunk.subarray(at, at + piece.length - filled)
        piece.set(part, filled)
        filled += part.length
        at += part.length
        if (filled === piece.length) await flush()
      }
    },
    async finish() {
      try {
        await flush()
        keepPiece(piece)
        const sha256 = hash.digest('hex')
        const target = pathOf(sha256)
        await Promise.all([file.datasync(), mkdir(dirname(target), { recursive: true, mode: 0o700 })])
        await moveIntoPlace(file, place, target)
        return { sha256, bytes }
      } catch (error) {
        await abort()
        throw error
      }
    },
    abort,
  }
}

/** The rename is on the disk when its folder is. */
async function moveIntoPlace(file: FileHandle, from: string, to: string): Promise<void> {
  await Promise.all([file.close(), rename(from, to)])
  const folder = await open(dirname(to), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
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
