/** Bytes by their hash, on disk. Knows nothing of what they are. */

export { type BlobReceiver, type Blobs, createDiskBlobs, type StoredBlob } from './disk-blobs.ts'
export type { ByteRange, WritePiece } from './pour-blob.ts'
