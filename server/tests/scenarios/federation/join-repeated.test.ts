/** The reply to a join is lost: the same event is sent again, as the user is joined there already. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'
import { hostRoom, letIn } from '../../kit/peer-hosts.ts'

let server: InProcess
let peer: Peer
let bob: TestUser

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  bob = await server.register('bob')
})
after(async () => {
  await server.close()
  await peer.close()
})

/** Joins a room of the peer, which answers the first requests to join so; what it was sent. */
async function join(...answers: PeerAnswer[]): Promise<{ refusal: string; paths: string[] }> {
  const room = hostRoom(peer)
  letIn(peer, room)
  const inner = peer.answer
  const paths: string[] = []
  peer.answer = (request) => {
    if (!request.path.includes('/send_join/')) return inner(request)
    return paths.push(request.path) > answers.length ? inner(request) : answers[paths.length - 1]
  }
  const path = `join/${encodeURIComponent(room.roomId)}?via=${encodeURIComponent(peer.name)}`
  return { refusal: refusalOf(await bob.call('POST', path)), paths }
}

const badGateway: PeerAnswer = { status: 502, body: {} }

it('joins at the third time, with the same event', async () => {
  const { refusal, paths } = await join(badGateway, badGateway)
  assert.equal(refusal, '200 undefined')
  assert.equal(paths.length, 3)
  assert.equal(new Set(paths).size, 1)
})

it('gives up after that', async () => {
  const { refusal, paths } = await join(badGateway, badGateway, badGateway)
  assert.equal(refusal, '502 M_UNKNOWN')
  assert.equal(paths.length, 3)
})

it('takes no for an answer', async () => {
  const { refusal, paths } = await join({ status: 403, body: { errcode: 'M_FORBIDDEN', error: 'No.' } })
  assert.equal(refusal, '403 M_FORBIDDEN')
  assert.equal(paths.length, 1)
})
