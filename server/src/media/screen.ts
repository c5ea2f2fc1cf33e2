/**
 * Files that the server's lens, or a reader's own, keeps back: by their bytes (SHA-256), by what pictures look like
 * (PDQ), by name and server. Pictures are compared only where somebody listens to a feed that names any.
 */

import type { Blobs, StoredBlob } from '../blobs/index.ts'
import type { NamedThing, Reputation } from '../reputation/index.ts'
import type { Store } from '../store/index.ts'
import { mediaLimits } from './limits.ts'
import { findPicture, insertPicture } from './media-table.ts'
import type { Thumbnailer } from './thumbnail.ts'

export type ScreenedFile = StoredBlob & { readonly contentType: string }

export interface Screen {
  /** Throws MatrixError M_SAFETY; `place`: the name of the file, if it has one; `reader`: who wants to see it. */
  requireSafe(file: ScreenedFile, place?: Place, reader?: number): Promise<void>
  /** Of a page. Throws M_SAFETY. */
  requireSafePage(url: string, reader: number): Promise<void>
}

type Place = { readonly origin: string; readonly mediaId: string; readonly isLocal: boolean }

type ScreenDeps = {
  readonly store: Store
  readonly blobs: Blobs
  readonly reputation: Pick<Reputation, 'requireSafeThings' | 'comparesPictures'>
}

export function createScreen(deps: ScreenDeps, thumbnailer: Thumbnailer): Screen {
  const { reputation } = deps
  return {
    async requireSafe(file, place, reader) {
      const picture = (await reputation.comparesPictures(reader)) ? await findLook(deps, thumbnailer, file) : ''
      const things: NamedThing[] = [
        { kind: 'media', id: `sha256:${file.sha256}` },
        ...(picture === '' ? [] : [{ kind: 'media', id: `pdq:${picture}` } as const]),
        ...(place === undefined ? [] : [{ kind: 'media', id: `mxc://${place.origin}/${place.mediaId}` } as const]),
        ...(place === undefined || place.isLocal ? [] : [{ kind: 'server', id: place.origin } as const]),
      ]
      await reputation.requireSafeThings(things, reader)
    },
    requireSafePage: (url, reader) => reputation.requireSafeThings([{ kind: 'url', id: url }], reader),
  }
}

/** The perceptual hash of a picture, worked out once; '' for what is none, or shows too little to be compared. */
async function findLook({ store, blobs }: ScreenDeps, thumbnailer: Thumbnailer, file: ScreenedFile): Promise<string> {
  const known = await findPicture(store.reader, file.sha256)
  if (known !== undefined) return known
  const isSmall = file.bytes <= mediaLimits.pictureBytesMax
  const look = isSmall ? await thumbnailer.look(await blobs.readAll(file.sha256), file.contentType) : undefined
  const hash = look === undefined || look.quality < mediaLimits.lookQualityMin ? '' : look.hash
  await store.transact((tx) => insertPicture(tx, file.sha256, hash))
  return hash
}
