/** Files of users: uploads, downloads, thumbnails, previews of pages. */

export { createMedia } from './create-media.ts'
export { createFetchRemote } from './fetch-remote.ts'
export type { FileWish, Media, MediaConfig, OpenedFile } from './media.ts'
