/** What the endpoints of files share: parameters, and how a component's file is answered. */

import Type, { type Static } from 'typebox'
import { type Call, type EndpointDeclaration, fileReply, type Reply } from '../../http/index.ts'
import type { FileWish, OpenedFile } from '../../media/index.ts'

export const fileParams = Type.Object({
  serverName: Type.String({ pattern: '^[A-Za-z0-9.:\\[\\]-]{1,255}$' }),
  mediaId: Type.String({ pattern: '^[A-Za-z0-9_-]{1,255}$' }),
})

export const namedFileParams = Type.Object({ ...fileParams.properties, fileName: Type.String() })

const timeoutMs = Type.Optional(Type.Integer({ minimum: 0 }))

export const waitQuery = Type.Object({ timeout_ms: timeoutMs })

/** The old paths; where a redirect would be allowed, the file itself is the answer. */
export const oldFileQuery = Type.Object({
  timeout_ms: timeoutMs,
  allow_remote: Type.Optional(Type.Boolean()),
  allow_redirect: Type.Optional(Type.Boolean()),
})

const sizeProperties = {
  width: Type.Integer({ minimum: 1, maximum: 65_536 }),
  height: Type.Integer({ minimum: 1, maximum: 65_536 }),
  method: Type.Optional(Type.Union([Type.Literal('crop'), Type.Literal('scale')])),
  animated: Type.Optional(Type.Boolean()),
}

export const thumbnailQuery = Type.Object({ ...waitQuery.properties, ...sizeProperties })
export const oldThumbnailQuery = Type.Object({ ...oldFileQuery.properties, ...sizeProperties })

type FileQuery = { readonly timeout_ms?: number | undefined; readonly allow_remote?: boolean | undefined }

type FileCall = Pick<Call<EndpointDeclaration>, 'headers'> & {
  readonly params: { readonly serverName: string; readonly mediaId: string; readonly fileName?: string }
  readonly query: FileQuery
}

/** What a request wishes for. */
export function fileWishOf({ params, query, headers }: FileCall): FileWish {
  return {
    ...params,
    timeoutMs: query.timeout_ms,
    isRemoteAllowed: query.allow_remote,
    range: headers.range as string | undefined,
    etag: headers['if-none-match'] as string | undefined,
  }
}

/** The wish of an old path, which knows no user. */
export function oldFileWishOf(call: FileCall): FileWish {
  return { ...fileWishOf(call), isOldPath: true }
}

/** The size that a query of the two schemas above asks for. */
export function thumbnailWishOf({ width, height, method, animated }: Static<typeof thumbnailQuery>) {
  return { width, height, method: method ?? ('scale' as const), isAnimated: animated ?? false }
}

export async function answerFile(opening: Promise<OpenedFile>): Promise<Reply> {
  return fileReply(await opening)
}

export const uploadQuery = Type.Object({ filename: Type.Optional(Type.String()) })

/** What the sender calls its file. */
export function fileNameOf(call: { headers: Call<EndpointDeclaration>['headers']; query: Static<typeof uploadQuery> }) {
  return { contentType: call.headers['content-type'] as string | undefined, fileName: call.query.filename }
}

export const previewQuery = Type.Object({ url: Type.String(), ts: Type.Optional(Type.Integer()) })
