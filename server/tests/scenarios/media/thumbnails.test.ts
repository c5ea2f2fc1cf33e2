/** Pictures made smaller, and those that would rather make the server larger. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import sharp from 'sharp'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { fetchRaw, upload } from './kit.ts'

let server: InProcess
let alice: TestUser

before(async () => {
  server = await startInProcess()
  alice = await server.register('alice')
})

after(() => server.close())

const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: { r: 10, g: 120, b: 60 } } })

async function thumbnail(place: string, query: string) {
  const answer = await fetchRaw(server, `/_matrix/client/v1/media/thumbnail/${place}?${query}`, alice)
  const bytes = Buffer.from(await answer.arrayBuffer())
  return { answer, bytes }
}

test('a picture is cropped or scaled to the next usual size', async () => {
  const place = await upload(server, alice, await picture(1000, 500).jpeg().toBuffer(), 'image/jpeg')
  for (const [query, width, height] of [
    ['width=20&height=30&method=crop', 32, 32],
    ['width=96&height=96&method=crop', 96, 96],
    ['width=300&height=200&method=scale', 320, 160],
    ['width=640&height=480', 640, 320],
    ['width=5000&height=5000', 800, 400],
  ] as const) {
    const { answer, bytes } = await thumbnail(place, query)
    assert.equal(answer.status, 200, query)
    assert.equal(answer.headers.get('content-type'), 'image/jpeg')
    const shown = await sharp(bytes).metadata()
    assert.deepEqual([shown.width, shown.height], [width, height], query)
  }
})

test('a small picture is not blown up, and stands as its camera held it', async () => {
  const small = await upload(server, alice, await picture(50, 40).png().toBuffer(), 'image/png')
  const { bytes } = await thumbnail(small, 'width=640&height=480&method=scale')
  assert.equal((await sharp(bytes).metadata()).width, 50)
  const turned = await picture(400, 200).withMetadata({ orientation: 6 }).jpeg().toBuffer()
  const place = await upload(server, alice, turned, 'image/jpeg')
  const upright = await sharp((await thumbnail(place, 'width=300&height=200&method=scale')).bytes).metadata()
  assert.ok(upright.height > upright.width)
})

test('an animation moves if that is asked for', async () => {
  const frames = await Promise.all(
    [0, 1, 2].map((n) =>
      picture(200, 200)
        .tint({ r: 80 * n, g: 0, b: 0 })
        .png()
        .toBuffer(),
    ),
  )
  const gif = await sharp(frames, { join: { animated: true } })
    .gif({ delay: [100, 100, 100] })
    .toBuffer()
  const place = await upload(server, alice, gif, 'image/gif')
  const moving = await thumbnail(place, 'width=96&height=96&method=crop&animated=true')
  assert.equal(moving.answer.headers.get('content-type'), 'image/webp')
  assert.equal((await sharp(moving.bytes).metadata()).pages, 3)
  const still = await thumbnail(place, 'width=96&height=96&method=crop')
  assert.equal((await sharp(still.bytes).metadata()).pages ?? 1, 1)
})

test('bombs, programs and lies are no pictures, and cost little', async () => {
  const bomb = await sharp({ create: { width: 12_000, height: 12_000, channels: 3, background: 'black' } })
    .png({ compressionLevel: 9 })
    .toBuffer()
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
  for (const [bytes, type] of [
    [bomb, 'image/png'],
    [svg, 'image/svg+xml'],
    [svg, 'image/png'],
    ['not a picture', 'image/jpeg'],
    ['%PDF-1.7', 'application/pdf'],
  ] as const) {
    const place = await upload(server, alice, bytes, type)
    const start = performance.now()
    const { answer, bytes: body } = await thumbnail(place, 'width=96&height=96&method=crop')
    assert.deepEqual([answer.status, JSON.parse(body.toString()).errcode], [400, 'M_UNKNOWN'], type)
    assert.ok(performance.now() - start < 2_000)
  }
})

test('a size is needed, and must be one', async () => {
  const place = await upload(server, alice, 'x', 'image/png')
  for (const query of ['', 'width=1', 'width=0&height=1', 'width=a&height=b', 'width=1&height=1&method=stretch']) {
    assert.equal((await thumbnail(place, query)).answer.status, 400, query)
  }
})
