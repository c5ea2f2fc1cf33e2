/** Builds the media component from its parts. */

import { MatrixError } from '../base/index.ts'
import { createArrivals } from './arrivals.ts'
import { createDownloads } from './downloads.ts'
import { mediaLimits } from './limits.ts'
import type { Media, MediaDeps } from './media.ts'
import { findMedia, updateQuarantine } from './media-table.ts'
import { createPreviews } from './previews.ts'
import { createScreen } from './screen.ts'
import { sweepMedia } from './sweep.ts'
import { createThumbnailer } from './thumbnail.ts'
import { createUploads } from './uploads.ts'

export function createMedia(deps: MediaDeps): Media {
  const arrivals = createArrivals()
  const thumbnailer = createThumbnailer()
  const screen = createScreen(deps, thumbnailer)
  const sweep = (): Promise<void> => sweepMedia(deps)
  const timer = setInterval(() => {
    sweep().catch((error) => deps.logger.error({ err: error }, 'cleaning of media failed'))
  }, mediaLimits.sweepMs)
  timer.unref()
  return {
    uploadBytesMax: deps.config.uploadBytesMax,
    ...createUploads(deps, arrivals, screen),
    ...createDownloads(deps, { arrivals, thumbnailer, screen }),
    ...createPreviews(deps, thumbnailer, screen),
    async quarantine(serverName, mediaId, isQuarantined) {
      const row = await findMedia(deps.store.reader, serverName, mediaId)
      const { sha256 } = row ?? {}
      if (sha256 == null) throw new MatrixError('M_NOT_FOUND', 'There is no such file.')
      await deps.store.transact((tx) => updateQuarantine(tx, sha256, isQuarantined))
    },
    sweep,
    close() {
      clearInterval(timer)
      arrivals.close()
    },
  }
}
