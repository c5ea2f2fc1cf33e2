/** Files that are fetched from the server where they were uploaded, between two of ours. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import sharp from 'sharp'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { downloadPath, fetchRaw, upload } from '../media/kit.ts'

let here: InProcess
let there: InProcess
let peer: Peer
let ann: TestUser
let ben: TestUser

before(async () => {
  here = await startFederated()
  there = await startFederated()
  peer = await startPeer()
  ann = await here.register('ann')
  ben = await there.register('ben')
})
after(async () => {
  await Promise.all([here.close(), there.close()])
  await peer.close()
})

it('a file of another server is shown, small or large, once and again', async () => {
  for (const size of [0, 5, 3_000_000]) {
    const bytes = Buffer.alloc(size, 'abc')
    const place = await upload(here, ann, bytes, 'text/plain', 'notes.txt')
    for (const round of [1, 2]) {
      const answer = await fetchRaw(there, downloadPath(place), ben)
      assert.equal(answer.status, 200, `${size} bytes, round ${round}`)
      assert.equal(answer.headers.get('content-type'), 'text/plain')
      assert.match(answer.headers.get('content-disposition') ?? '', /notes\.txt/)
      assert.ok(Buffer.from(await answer.arrayBuffer()).equals(bytes))
    }
  }
})

const nameOf = async (place: string, user: TestUser, server: InProcess) => {
  const answer = await fetchRaw(server, downloadPath(place), user)
  return [answer.status, answer.headers.get('content-disposition')]
}

it('a file keeps its name on the way from its server, whatever signs it is written with', async () => {
  for (const name of ['plain.txt', 'two words.txt', 'a;b.txt', 'say "hi".txt', '\u2615 caf\u00e9 🐔.txt']) {
    const place = await upload(here, ann, 'x', 'text/plain', name)
    assert.deepEqual(await nameOf(place, ben, there), await nameOf(place, ann, here), name)
  }
})

/** Answers as another kind of server does; its paths as they were asked. */
async function fetchScripted(answer: Peer['answer']) {
  const mediaId = `file${String(Math.random()).slice(2)}`
  const from = peer.asked.length
  peer.answer = answer
  const reply = await fetchRaw(there, downloadPath(`${peer.name}/${mediaId}`), ben)
  const asked = peer.asked.slice(from).filter(({ path }) => path.includes(mediaId))
  return { status: reply.status, headers: reply.headers, text: await reply.text(), asked }
}

const plain = (text: string, disposition: string) => ({
  ...{ status: 200, body: null, bytes: Buffer.from(text) },
  headers: { 'content-type': 'text/plain', 'content-disposition': disposition },
})
const isOldPath = (path: string) => path.startsWith('/_matrix/media/v3/download/')

it('a server that knows only the old paths is asked by them, unsigned and for its own files only', async () => {
  for (const unknown of [
    { status: 404, body: { errcode: 'M_UNRECOGNIZED', error: '' } },
    { status: 400, body: 'what?' },
    { status: 404, body: null },
  ]) {
    const { status, text, headers, asked } = await fetchScripted(({ path }) =>
      isOldPath(path) ? plain('old', 'inline; filename="o.txt"') : unknown,
    )
    assert.deepEqual([status, text, headers.get('content-disposition')], [200, 'old', 'inline; filename=o.txt'])
    const last = asked.at(-1)!
    assert.equal(last.headers.authorization, undefined)
    assert.match(last.path, /allow_remote=false/)
  }
})

it('a server that has no such file is not asked a second time', async () => {
  const { status, asked } = await fetchScripted(({ path }) =>
    isOldPath(path) ? plain('old', 'inline') : { status: 404, body: { errcode: 'M_NOT_FOUND', error: '' } },
  )
  assert.equal(status, 404)
  assert.equal(asked.length, 1)
})

it('a file that its server keeps elsewhere is fetched from there, over TLS', async () => {
  const elsewhere = (location: string) => ({
    ...{ status: 200, body: null, headers: { 'content-type': 'multipart/mixed; boundary=x' } },
    bytes: Buffer.from(
      `--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x\r\nLocation: ${location}\r\n\r\n\r\n--x--`,
    ),
  })
  const found = await fetchScripted(({ path }) =>
    path === '/store' ? plain('far', 'inline') : elsewhere(`https://${peer.name}/store`),
  )
  assert.deepEqual([found.status, found.text], [200, 'far'])
  const open = await fetchScripted(({ path }) =>
    path === '/store' ? plain('far', 'inline') : elsewhere(`http://${peer.name}/store`),
  )
  assert.equal(open.status, 404)
})

it('a thumbnail is given to other servers', async () => {
  const picture = await sharp({ create: { width: 200, height: 100, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  const [, mediaId] = (await upload(here, ann, picture, 'image/png')).split('/')
  const path = `/_matrix/federation/v1/media/thumbnail/${mediaId}?width=32&height=32&method=crop`
  const { status, headers, body } = await peer.ask(here.serverName, 'GET', path)
  assert.equal(status, 200)
  assert.match(headers?.['content-type'] ?? '', /^multipart\/mixed; boundary=/)
  assert.match(String(body), /Content-Type: image\/png/)
})

it('a file that is not here, or that is of a third server, is not given to other servers', async () => {
  const place = await upload(there, ben, 'x')
  await fetchRaw(here, downloadPath(place), ann)
  for (const mediaId of ['unknown', place.split('/')[1]!]) {
    const { status } = await peer.ask(here.serverName, 'GET', `/_matrix/federation/v1/media/download/${mediaId}`)
    assert.equal(status, 404)
  }
})

const multipart = (rest: Uint8Array | string) => ({
  ...{ status: 200, body: null, headers: { 'content-type': 'multipart/mixed; boundary=x' } },
  bytes: Buffer.concat([Buffer.from('--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x\r\n'), Buffer.from(rest)]),
})

it('a multipart answer is taken apart as it comes, wherever its bytes are cut', async () => {
  const file = Buffer.alloc(300_000, '\r\n--')
  const whole = Buffer.concat([Buffer.from('Content-Type: text/plain\r\n\r\n'), file, Buffer.from('\r\n--x--')])
  assert.equal((await fetchScripted(() => multipart(whole))).text, String(file))
  for (const empty of ['A: b\r\n\r\n--x--', 'A: b\r\n\r\n\r\n--x--']) {
    const { status, text } = await fetchScripted(() => multipart(empty))
    assert.deepEqual([status, text], [200, ''])
  }
  for (const broken of ['', 'A: b\r\n\r\nno end', 'A: b\r\n', 'a'.repeat(200_000), 'A: b\r\n\r\nx\r\n-']) {
    assert.match(String((await fetchScripted(() => multipart(broken))).status), /^(404|502)$/)
  }
})

it('large files from many places at once are never held in memory, and what has no end is not kept', async () => {
  const answer = multipart(Buffer.concat([Buffer.from('A: b\r\n\r\n'), Buffer.alloc(20_000_000)]))
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }, 5)
  const statuses = await Promise.all(Array.from({ length: 24 }, async () => (await fetchScripted(() => answer)).status))
  clearInterval(look)
  assert.deepEqual(new Set(statuses), new Set([404]))
  assert.ok(most < 150_000_000, `${Math.round(most / 1e6)} MB of 480 MB were held`)
})

it('a file that is larger than this server takes is refused while it comes', async () => {
  const answer = multipart(Buffer.concat([Buffer.from('A: b\r\n\r\n'), Buffer.alloc(51 * 1024 * 1024)]))
  assert.equal((await fetchScripted(() => answer)).status, 502)
})
