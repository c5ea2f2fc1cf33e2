/** Previews of pages on a real site; and sites that would use them to look around. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'
import { downloadPath, fetchRaw } from './kit.ts'

let server: InProcess
let walled: InProcess
let alice: TestUser
let stranger: TestUser
let site: Server
let base: string
let asked = 0

const pages: Record<string, [type: string, body: string | Buffer]> = {
  '/og': [
    'text/html; charset=utf-8',
    '<head><title>x</title><meta property="og:title" content="Bohnen &amp; Erbsen">' +
      '<meta property="og:image" content="/i.png"></head>',
  ],
  '/plain': [
    'text/html',
    '<head><meta charset="windows-1252"><title>  Caf\xe9  am   See </title>' +
      '<meta name="description" content="Kuchen"></head>',
  ],
  '/embed': ['text/html', '<head><link rel="alternate" type="application/json+oembed" href="/oembed.json"></head>'],
  '/oembed.json': ['application/json', '{"title":"A video","author_name":"Ann","html":"<script>"}'],
  '/text': ['text/plain', 'no page'],
}

before(async () => {
  const image = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  pages['/i.png'] = ['image/png', image]
  site = createServer((request, response) => {
    asked++
    if (request.url === '/loop') return response.writeHead(302, { location: '/loop' }).end()
    if (request.url === '/endless') return void endless(response)
    if (request.url === '/hang') return void response.writeHead(200, { 'content-type': 'text/html' }).write('<title>')
    if (request.url === '/packed') {
      response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' })
      return response.end(gzipSync(Buffer.alloc(200_000_000, ' ')))
    }
    const away = /^\/to\?(.+)$/.exec(request.url!)?.[1]
    if (away !== undefined) return response.writeHead(302, { location: decodeURIComponent(away) }).end()
    const page = pages[request.url!]
    if (page === undefined) return response.writeHead(404).end()
    response.writeHead(200, { 'content-type': page[0] })
    response.end(typeof page[1] === 'string' ? Buffer.from(page[1], 'latin1') : page[1])
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  server = await startInProcess({}, 'outgoing: { allowRanges: [127.0.0.1/32] }\n')
  walled = await startInProcess()
  alice = await server.register('alice')
  stranger = await walled.register('stranger')
})

after(async () => {
  site.closeAllConnections()
  site.close()
  await server.close()
  await walled.close()
})

function endless(response: import('node:http').ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' })
  const timer = setInterval(() => response.write(' '.repeat(65_536)), 1)
  response.on('close', () => clearInterval(timer))
}

const preview = (url: string, user = alice) =>
  user.call('GET', `/_matrix/client/v1/media/preview_url?url=${encodeURIComponent(url)}`)

test('a page says what it is, with its picture', async () => {
  const { body } = await preview(`${base}/og`)
  assert.equal(body['og:title'], 'Bohnen & Erbsen')
  assert.deepEqual([body['og:image:width'], body['og:image:height'], body['og:image:type']], [30, 20, 'image/png'])
  const place = String(body['og:image']).slice(6)
  assert.equal((await fetchRaw(server, downloadPath(place), alice)).headers.get('content-type'), 'image/png')
})

test('a page that says little still has a title, in its own charset', async () => {
  const { body } = await preview(`${base}/plain`)
  assert.deepEqual(body, { 'og:title': 'Café am See', 'og:description': 'Kuchen' })
})

test('a description elsewhere is asked for, and its markup left there', async () => {
  assert.deepEqual((await preview(`${base}/embed`)).body, { 'og:title': 'A video', 'og:author': 'Ann' })
})

test('what is no page has no preview; a preview is made once an hour', async () => {
  assert.deepEqual((await preview(`${base}/text`)).body, {})
  const before = asked
  assert.deepEqual((await preview(`${base}/text`)).body, {})
  assert.equal(asked, before)
})

test('this server looks at nothing private, and at nothing for ever', async () => {
  const before = asked
  for (const url of [
    `${base}/og`,
    'http://localhost/',
    'http://[::1]/',
    'http://169.254.169.254/latest',
    'http://10.0.0.1/',
  ]) {
    const { status, body } = await preview(url, stranger)
    assert.ok(status === 403 || status === 502, `${url}: ${status}`)
    assert.ok(body.errcode === 'M_FORBIDDEN' || body.errcode === 'M_UNKNOWN', url)
  }
  assert.equal(asked, before)
  assert.equal((await preview(`${base}/loop`)).status, 502)
  assert.equal((await preview(`${base}/endless`)).status, 502)
  for (const url of ['file:///etc/passwd', 'ftp://x.example/', 'nonsense', 'http://a:b@x.example/']) {
    assert.equal((await preview(url)).status, 400, url)
  }
})

test('a site that is allowed leads to no place that is not', async () => {
  const before = asked
  const { port } = new URL(base)
  const inside = [
    `http://127.0.0.2:${port}/og`,
    `http://[::1]:${port}/og`,
    'http://169.254.169.254/',
    'http://0.0.0.0/',
  ]
  for (const url of [
    ...inside,
    `http://[::ffff:127.0.0.2]:${port}/og`,
    'file:///etc/passwd',
    '//user:word@x.example',
  ]) {
    const { status, body } = await preview(`${base}/to?${encodeURIComponent(url)}`)
    assert.ok(status === 403 || status === 502, `${url}: ${status} ${JSON.stringify(body)}`)
  }
  assert.equal(asked, before + inside.length + 3)
})

test('a site that answers for ever, or more than it says, costs little', async () => {
  const before = asked
  const waiting = preview(`${base}/hang`)
  await waitFor('the question', () => (asked > before ? true : undefined))
  server.clock.turn(60_000)
  assert.equal((await waiting).status, 502)
  const packed = await preview(`${base}/packed`)
  assert.ok(packed.status === 502 || (packed.status === 200 && Object.keys(packed.body).length === 0))
})
