/**
 * What media could reach at most on this machine: a server that knows nothing answers a generator of load in the place
 * of a homeserver. It reads bodies into memory, or (`MEDIA_CEILING=disk`) writes and flushes each first;
 * downloads are one buffer. `HOMESERVER_HTTP_PORT` and `HOMESERVER_BIND_ADDRESS` say where it listens; without a port
 * nothing is served and the line says so.
 */

import { type FileHandle, mkdtemp, open } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const { HOMESERVER_HTTP_PORT, HOMESERVER_BIND_ADDRESS, HOMESERVER_DATA_DIR, MEDIA_CEILING } = process.env
const folder = MEDIA_CEILING === 'disk' ? await mkdtemp(join(HOMESERVER_DATA_DIR ?? tmpdir(), 'ceiling-')) : undefined
const uploads: Buffer[] = []
let files = 0

async function take(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

async function keep(bytes: Buffer): Promise<void> {
  if (folder === undefined) return
  const file: FileHandle = await open(join(folder, String(files++)), 'wx')
  await file.write(bytes)
  await file.datasync()
  await file.close()
}

async function answerTo(request: IncomingMessage): Promise<Buffer | object> {
  const path = request.url ?? ''
  const body = await take(request)
  if (path.includes('/download/')) return uploads[Number(path.slice(path.lastIndexOf('/') + 1))]!
  if (path.includes('/upload')) {
    await keep(body)
    return { content_uri: `mxc://localhost/${uploads.push(body) - 1}` }
  }
  if (path.includes('/register') && request.method === 'GET') return { nonce: 'nonce' }
  return { user_id: '@a:localhost', access_token: 'a', device_id: 'A', versions: ['v1.11'] }
}

if (HOMESERVER_HTTP_PORT === undefined) {
  console.log(JSON.stringify({ bench: 'media-ceiling', skipped: 'HOMESERVER_HTTP_PORT is not set' }))
} else {
  const server = createServer(async (request, response) => {
    const answer = await answerTo(request)
    const bytes = Buffer.isBuffer(answer) ? answer : Buffer.from(JSON.stringify(answer))
    response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes)
  })
  server.listen(Number(HOMESERVER_HTTP_PORT), HOMESERVER_BIND_ADDRESS)
  process.on('SIGTERM', () => process.exit(0))
}
