/** Files of many pieces, many at a time: each reader gets its own file's bytes, whoever breaks off. */

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, test } from 'node:test'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { downloadPath, fetchRaw, upload } from './kit.ts'

let server: InProcess
let alice: TestUser

before(async () => {
  server = await startInProcess()
  alice = await server.register('alice')
})

after(() => server.close())

async function bytesOf(answer: Response): Promise<Buffer> {
  return Buffer.from(await answer.arrayBuffer())
}

test('downloads at the same time, some of them broken off, do not mix their bytes', async () => {
  const files = Array.from({ length: 6 }, (_, index) => randomBytes(1_200_000 + index * 300_001))
  const places = await Promise.all(files.map((bytes) => upload(server, alice, bytes)))
  const leave = async (place: string): Promise<void> => {
    const leaving = new AbortController()
    const answer = await fetchRaw(server, downloadPath(place), alice, { signal: leaving.signal })
    await answer.body!.getReader().read()
    leaving.abort()
  }
  for (let round = 0; round < 3; round++) {
    const left = places.map(leave)
    const got = await Promise.all(
      places.map(async (place) => bytesOf(await fetchRaw(server, downloadPath(place), alice))),
    )
    await Promise.all(left)
    for (const [index, bytes] of got.entries()) assert.ok(bytes.equals(files[index]!), `file ${index}`)
  }
})

test('a part that begins and ends within pieces', async () => {
  const bytes = randomBytes(2_000_000)
  const place = await upload(server, alice, bytes)
  const answer = await fetchRaw(server, downloadPath(place), alice, { headers: { range: 'bytes=500000-1700000' } })
  assert.equal(answer.status, 206)
  assert.ok((await bytesOf(answer)).equals(bytes.subarray(500_000, 1_700_001)))
})

test('the same bytes, uploaded many times at once, are one file that all names give', async () => {
  const bytes = randomBytes(900_000)
  const places = await Promise.all(Array.from({ length: 6 }, () => upload(server, alice, bytes)))
  assert.equal(new Set(places).size, places.length)
  for (const place of places) {
    assert.ok((await bytesOf(await fetchRaw(server, downloadPath(place), alice))).equals(bytes))
  }
})
