/** Cleaning: names that expired without bytes, thumbnails of nothing, blobs that a crash left without a name. */

import { mediaLimits } from './limits.ts'
import type { MediaDeps } from './media.ts'
import { listUsedBlobs, removeExpiredMedia, removeOldPreviews, removeOrphanThumbnails } from './media-table.ts'

/** Goes through everything once. Young blobs are left alone: their row may be on its way. */
export async function sweepMedia({ store, clock, blobs }: MediaDeps): Promise<void> {
  const nowMs = clock.nowMs()
  await store.transact((tx) => {
    removeExpiredMedia(tx, nowMs)
    removeOrphanThumbnails(tx)
    removeOldPreviews(tx, nowMs - mediaLimits.previewAgeMs)
  })
  for await (const names of blobs.listOlder(nowMs - mediaLimits.orphanAgeMs)) {
    const used = await listUsedBlobs(store.longReader, names)
    for (const name of names) if (!used.has(name)) await blobs.remove(name)
  }
}
