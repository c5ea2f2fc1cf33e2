/** Bounds of blobs: what is held in memory on the way to the disk and back. */

export const blobLimits = {
  /** Bytes that are read or written in one step: each costs a turn of a thread. A slow reader holds two of them. */
  pieceBytes: 512 * 1024,
  /** Pieces kept to be used again, for all readers together: new memory costs more than what is copied into it. */
  sparePiecesMax: 8,
} as const
