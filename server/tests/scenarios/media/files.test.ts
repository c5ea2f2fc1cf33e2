/** Uploads and downloads: what comes back, what is refused, and what a browser is told. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { downloadPath, fetchRaw, upload } from './kit.ts'

let server: InProcess
let alice: TestUser
let bob: TestUser

before(async () => {
  server = await startInProcess({}, 'media: { uploadBytes: 1048576, userBytes: 3145728 }\n')
  alice = await server.register('alice')
  bob = await server.register('bob')
})

after(() => server.close())

async function errcodeOf(answer: Response): Promise<[number, string]> {
  return [answer.status, ((await answer.json()) as { errcode: string }).errcode]
}

test('a file comes back as it was, with its name, to whoever has an account', async () => {
  const bytes = randomBytes(700_000)
  const place = await upload(server, alice, bytes, 'image/png', 'Käse & "Brot".png')
  const answer = await fetchRaw(server, downloadPath(place), bob)
  assert.equal(answer.status, 200)
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes)
  assert.equal(answer.headers.get('content-type'), 'image/png')
  assert.equal(answer.headers.get('content-disposition'), "inline; filename*=utf-8''K%C3%A4se%20%26%20%22Brot%22.png")
  assert.match(answer.headers.get('content-security-policy')!, /^sandbox; default-src 'none'/)
  assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin')
  assert.deepEqual(await errcodeOf(await fetchRaw(server, downloadPath(place))), [401, 'M_MISSING_TOKEN'])
})

test('another name can be asked for', async () => {
  const place = await upload(server, alice, 'x', 'text/plain', 'one.txt')
  const answer = await fetchRaw(server, `${downloadPath(place)}/two%20words.txt`, bob)
  assert.equal(answer.headers.get('content-disposition'), 'inline; filename="two words.txt"')
})

test('what a browser would run is a download, whatever it calls itself', async () => {
  for (const type of ['text/html', 'image/svg+xml', 'application/xhtml+xml', 'application/javascript']) {
    const place = await upload(server, alice, '<script>alert(1)</script>', type, 'a.html')
    const answer = await fetchRaw(server, downloadPath(place), bob)
    assert.equal(answer.headers.get('content-disposition'), 'attachment; filename=a.html', type)
    assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  }
})

test('a part of a file, and a file that did not change', async () => {
  const place = await upload(server, alice, '0123456789', 'text/plain')
  const get = (headers: Record<string, string>) => fetchRaw(server, downloadPath(place), bob, { headers })
  const part = await get({ range: 'bytes=2-4' })
  assert.deepEqual([part.status, await part.text(), part.headers.get('content-range')], [206, '234', 'bytes 2-4/10'])
  assert.equal(await (await get({ range: 'bytes=-3' })).text(), '789')
  assert.equal((await get({ range: 'bytes=10-' })).status, 416)
  assert.equal(await (await get({ range: 'lines=1-2' })).text(), '0123456789')
  const etag = part.headers.get('etag')!
  assert.equal((await get({ 'if-none-match': etag })).status, 304)
})

test('a file that is too large is refused before it is read, and while it is', async () => {
  const init = (body: RequestInit['body']): RequestInit => ({ method: 'POST', body: body!, duplex: 'half' })
  const announced = await fetchRaw(server, '/_matrix/media/v3/upload', alice, init(Buffer.alloc(1_048_577)))
  assert.deepEqual(await errcodeOf(announced), [413, 'M_TOO_LARGE'])
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) })
  const outcome = await fetchRaw(server, '/_matrix/media/v3/upload', alice, init(endless)).then(
    errcodeOf,
    () => 'closed',
  )
  assert.ok(outcome === 'closed' || (outcome[0] === 413 && outcome[1] === 'M_TOO_LARGE'), String(outcome))
  assert.equal((await alice.ok('GET', '/_matrix/client/v1/media/config'))['m.upload.size'], 1_048_576)
})

test('a user cannot fill the disk', async () => {
  const carol = await server.register('carol')
  for (let file = 0; file < 3; file++) await upload(server, carol, Buffer.alloc(1_000_000, file))
  await assert.rejects(upload(server, carol, Buffer.alloc(1_000_000)), /M_FORBIDDEN/)
})

test('a name can be reserved, and is filled once, by its owner', async () => {
  const reserved = await alice.ok('POST', '/_matrix/media/v1/create')
  const place = String(reserved.content_uri).slice(6)
  const put = (user: TestUser) =>
    fetchRaw(server, `/_matrix/media/v3/upload/${place}`, user, { method: 'PUT', body: 'later' })
  const early = await fetchRaw(server, `${downloadPath(place)}?timeout_ms=0`, bob)
  assert.deepEqual(await errcodeOf(early), [504, 'M_NOT_YET_UPLOADED'])
  assert.deepEqual(await errcodeOf(await put(bob)), [403, 'M_FORBIDDEN'])
  const waiting = fetchRaw(server, `${downloadPath(place)}?timeout_ms=10000`, bob)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal((await put(alice)).status, 200)
  assert.equal(await (await waiting).text(), 'later')
  assert.deepEqual(await errcodeOf(await put(alice)), [409, 'M_CANNOT_OVERWRITE_MEDIA'])
})

test('reserved names expire, and nobody has many', async () => {
  const dave = await server.register('dave')
  const reserved = await dave.ok('POST', '/_matrix/media/v1/create')
  for (let name = 1; name < 20; name++) await dave.ok('POST', '/_matrix/media/v1/create')
  const more = await dave.call('POST', '/_matrix/media/v1/create')
  assert.deepEqual([more.status, more.body.errcode], [429, 'M_LIMIT_EXCEEDED'])
  server.clock.turn(25 * 3_600_000)
  const place = String(reserved.content_uri).slice(6)
  const late = await fetchRaw(server, `/_matrix/media/v3/upload/${place}`, dave, { method: 'PUT', body: 'late' })
  assert.deepEqual(await errcodeOf(late), [404, 'M_NOT_FOUND'])
  await server.program.components.media.sweep()
  await dave.ok('POST', '/_matrix/media/v1/create')
})

test('the old paths answer nothing unless they are opened', async () => {
  const place = await upload(server, alice, 'x', 'text/plain')
  const old = await fetchRaw(server, `/_matrix/media/v3/download/${place}`)
  assert.deepEqual(await errcodeOf(old), [404, 'M_NOT_FOUND'])
})

test('files outlive a restart; what is quarantined is gone for everybody', async () => {
  const place = await upload(server, alice, 'kept', 'text/plain')
  await server.restart()
  assert.equal(await (await fetchRaw(server, downloadPath(place), bob)).text(), 'kept')
  const [serverName, mediaId] = place.split('/') as [string, string]
  await server.program.components.media.quarantine(serverName, mediaId, true)
  assert.equal((await fetchRaw(server, downloadPath(place), bob)).status, 404)
})

test('nonsense is refused with the right words', async () => {
  for (const path of ['test.example/..%2F..%2Fetc', 'test.example/no-such-name', 'other.example/name']) {
    assert.equal((await fetchRaw(server, downloadPath(path), bob)).status < 500, true, path)
  }
  const wrong = await fetchRaw(server, '/_matrix/media/v3/upload', alice, {
    method: 'POST',
    body: 'x',
    headers: { 'content-type': 'nonsense' },
  })
  assert.deepEqual(await errcodeOf(wrong), [400, 'M_INVALID_PARAM'])
})
