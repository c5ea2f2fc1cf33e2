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

it('a thumbnail is given to other servers', async () => {
  const picture = await sharp({ create: { width: 200, height: 100, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  const [, mediaId] = (await upload(here, ann, picture, 'image/png')).split('/')
  const path = `/_matrix/federation/v1/media/thumbnail/${mediaId}?width=32&height=32&method=crop`
  const { status, headers, body } = await peer.ask(here.serverName, 'GET', path)
  assert.equal(status, 200)
  assert.match(headers?.['content-type'] ?? '', /^multipart\/mixed; boundary=/)
  assert.match(String(body), /Content-Type: image\//)
})

it('a file that is not here, or that is of a third server, is not given to other servers', async () => {
  const place = await upload(there, ben, 'x')
  await fetchRaw(here, downloadPath(place), ann)
  for (const mediaId of ['unknown', place.split('/')[1]!]) {
    const { status } = await peer.ask(here.serverName, 'GET', `/_matrix/federation/v1/media/download/${mediaId}`)
    assert.equal(status, 404)
  }
})
