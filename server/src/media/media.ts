/** The media component as others see it. */

import type { ServerName, UserId } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Blobs, StoredBlob, WritePiece } from '../blobs/index.ts'
import type { OutgoingHttp } from '../remote/index.ts'
import type { Reputation } from '../reputation/index.ts'
import type { Store } from '../store/index.ts'
import type { ThumbnailWish } from './thumbnail.ts'

export type MediaConfig = {
  /** Largest file, in bytes. */
  readonly uploadBytesMax: number
  /** All files of one user together; 0: no bound. */
  readonly userBytesMax: number
  /** Whether the old paths, which know no users, answer at all. */
  readonly areOldPathsOpen: boolean
  readonly arePreviewsOn: boolean
}

/** A file of another server, stored as it came. */
export type RemoteFile = StoredBlob & {
  readonly contentType: string
  readonly fileName: string | null
}

export type MediaDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly blobs: Blobs
  readonly outgoing: OutgoingHttp
  readonly reputation: Pick<Reputation, 'requireSafeThings' | 'comparesPictures'>
  readonly config: MediaConfig
  readonly isLocal: (server: ServerName) => boolean
  /** Answers undefined if the other server has no such file. */
  readonly fetchRemote: (origin: ServerName, mediaId: string, timeoutMs: number) => Promise<RemoteFile | undefined>
}

export type Uploader = { readonly userId: UserId; readonly user: number }

/** Bytes on their way in. */
export type Incoming = {
  /** What the sender says that there are. */
  readonly announced: number | undefined
  readonly chunks: AsyncIterable<Uint8Array>
}

export type FileName = { readonly contentType: string | undefined; readonly fileName: string | undefined }

/** What to answer: a file, or a part of it. */
export type OpenedFile = {
  readonly status: 200 | 206 | 304 | 416
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: number
  /** All of it, or what hands it over piece by piece. */
  readonly body: Buffer | ((write: WritePiece) => Promise<void>)
}

export type FileWish = {
  readonly serverName: string
  readonly mediaId: string
  /** Instead of the name that the file was uploaded with. */
  readonly fileName?: string
  /** How long to wait for bytes that are on their way, ms. */
  readonly timeoutMs?: number | undefined
  readonly isRemoteAllowed?: boolean | undefined
  readonly range?: string | undefined
  readonly etag?: string | undefined
  /** The number of the user who asks, whose own lens may keep the file back. */
  readonly reader?: number
  /** The old paths, without a user. */
  readonly isOldPath?: boolean
}

export interface Media {
  readonly uploadBytesMax: number
  /** Throws MatrixError M_TOO_LARGE, M_FORBIDDEN, M_INVALID_PARAM, M_SAFETY. */
  upload(by: Uploader, name: FileName, incoming: Incoming): Promise<{ content_uri: string }>
  /** A name for bytes that follow. Throws M_LIMIT_EXCEEDED. */
  reserve(by: Uploader): Promise<{ content_uri: string; unused_expires_at: number }>
  /** The bytes of a name. Throws M_NOT_FOUND, M_FORBIDDEN, M_CANNOT_OVERWRITE_MEDIA and what `upload` throws. */
  fill(by: Uploader, place: FileWish, name: FileName, incoming: Incoming): Promise<object>
  /** Throws M_NOT_FOUND, M_NOT_YET_UPLOADED, M_TOO_LARGE, M_SAFETY. */
  download(wish: FileWish): Promise<OpenedFile>
  /** Throws as `download`, and M_UNKNOWN if the file is no picture that can be made smaller. */
  thumbnail(wish: FileWish, size: ThumbnailWish): Promise<OpenedFile>
  /** What a page says of itself. Throws M_NOT_FOUND, M_FORBIDDEN, M_LIMIT_EXCEEDED, M_UNKNOWN, M_SAFETY. */
  preview(by: Uploader, url: string): Promise<object>
  /** Hides every copy of a file, or shows it again. Throws M_NOT_FOUND. */
  quarantine(serverName: string, mediaId: string, isQuarantined: boolean): Promise<void>
  /** Removes expired names, and blobs that nothing is stored under. */
  sweep(): Promise<void>
  close(): void
}
