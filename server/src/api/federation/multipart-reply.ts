/** A file as other servers get it: `multipart/mixed`, metadata first. Spec: server-server-api#content-repository. */

import { randomBytes } from 'node:crypto'
import { fileReply, type Pour, type Reply } from '../../http/index.ts'
import type { FileWish, OpenedFile } from '../../media/index.ts'

export type MediaQuestion = {
  readonly server: { readonly destination: string }
  readonly params: { readonly mediaId: string }
  readonly query: { readonly timeout_ms?: number | undefined }
}

/** The wish of another server, which asks for files of ours only. */
export function ownFileWish({ server, params, query }: MediaQuestion): FileWish {
  return {
    serverName: server.destination,
    mediaId: params.mediaId,
    timeoutMs: query.timeout_ms,
    isRemoteAllowed: false,
  }
}

/** The two parts, the file's bytes passed on as they are read. */
export async function multipartReply(opening: Promise<OpenedFile>): Promise<Reply> {
  const { headers, body, bytes } = await opening
  const boundary = randomBytes(16).toString('hex')
  const told = Object.entries(headers).filter(([name]) => partHeaders.has(name.toLowerCase()))
  const lines = told.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const start = Buffer.from(
    `--${boundary}\r\nContent-Type: application/json\r\n\r\n{}\r\n--${boundary}\r\n${lines}\r\n`,
    'latin1',
  )
  const end = Buffer.from(`\r\n--${boundary}--\r\n`)
  const whole = Buffer.isBuffer(body) ? Buffer.concat([start, body, end]) : joined(start, body, end)
  return fileReply({
    status: 200,
    headers: { 'Content-Type': `multipart/mixed; boundary=${boundary}` },
    body: whole,
    bytes: start.length + bytes + end.length,
  })
}

const partHeaders: ReadonlySet<string> = new Set(['content-type', 'content-disposition'])

function joined(start: Buffer, pourBody: Pour, end: Buffer): Pour {
  return async (write) => {
    await write(start)
    await pourBody(write)
    await write(end)
  }
}
