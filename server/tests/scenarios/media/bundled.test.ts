/** The bundled program has what is loaded late: pictures and outgoing requests. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import sharp from 'sharp'
import { registerAccount } from '../../kit/account.ts'
import { startServer } from '../../kit/server-process.ts'

test('a server of its own process makes a thumbnail and a preview', async () => {
  const site = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<head><title>Here</title></head>')
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  const server = await startServer({ HOMESERVER_ALLOW_PRIVATE_NETWORKS: '1' })
  try {
    const alice = await registerAccount(server.baseUrl, 'alice')
    const headers = { authorization: `Bearer ${alice.accessToken}`, 'content-type': 'image/png' }
    const picture = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'red' } })
      .png()
      .toBuffer()
    const init = { method: 'POST', headers, body: new Uint8Array(picture) }
    const uploaded = await fetch(`${server.baseUrl}/_matrix/media/v3/upload`, init)
    const place = ((await uploaded.json()) as { content_uri: string }).content_uri.slice(6)
    const base = `${server.baseUrl}/_matrix/client/v1/media`
    const thumbnail = await fetch(`${base}/thumbnail/${place}?width=32&height=32&method=crop`, { headers })
    assert.equal(thumbnail.status, 200)
    const url = encodeURIComponent(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
    const preview = await fetch(`${base}/preview_url?url=${url}`, { headers })
    assert.deepEqual(await preview.json(), { 'og:title': 'Here' })
  } finally {
    await server.close()
    site.close()
  }
})
