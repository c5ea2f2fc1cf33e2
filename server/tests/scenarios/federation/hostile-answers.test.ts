/** A server that answers our questions with ways to where nobody may go, too much, too slowly, or nonsense. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { JsonValue } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { Answered, InProcess, TestUser } from '../../kit/in-process.ts'
import { slowestSend } from '../../kit/latency.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'

let server: InProcess
let peer: Peer
let ann: TestUser
let unrelated: string
/** A server of this machine that only listens to this machine. */
let inner: Server
let visits = 0

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  ann = await server.register('ann')
  unrelated = String((await ann.ok('POST', 'createRoom', {})).room_id)
  inner = createServer((_request, response) => {
    visits++
    response.end('{}')
  })
  inner.listen(0, '127.0.0.1')
  await once(inner, 'listening')
})
after(async () => {
  await server.close()
  await peer.close()
  inner.close()
})

const encode = encodeURIComponent
const asClient = '/_matrix/client/v1'
/** Questions that a user may make our server ask. */
const questions: Record<string, () => Promise<Answered>> = {
  'a profile': () => ann.call('GET', `profile/${encode(`@x:${peer.name}`)}`),
  'an alias': () => ann.call('GET', `directory/room/${encode(`#x:${peer.name}`)}`),
  'the public rooms': () => ann.call('GET', `publicRooms?server=${peer.name}`),
  'a way in': () => ann.call('POST', `join/${encode(`!x:${peer.name}`)}?via=${encode(peer.name)}`),
  'a knock': () => ann.call('POST', `knock/${encode(`!x:${peer.name}`)}?via=${encode(peer.name)}`),
  'an invitation': () =>
    ann.call('POST', `rooms/${encode(unrelated)}/invite`, { user_id: `@new${Math.random()}:${peer.name}` }),
  'a file': () => ann.call('GET', `${asClient}/media/download/${peer.name}/x${Math.random()}`),
  'a summary': () => ann.call('GET', `${asClient}/room_summary/${encode(`!x:${peer.name}`)}?via=${encode(peer.name)}`),
}

type Answer = PeerAnswer | undefined
const ok = (body: JsonValue): Answer => ({ status: 200, body })

function away(status: number): Answer {
  const location = `http://127.0.0.1:${(inner.address() as AddressInfo).port}/`
  return { status, body: {}, headers: { Location: location } }
}

const answers: Record<string, () => Answer> = {
  'a redirect to this machine': () => away(302),
  'a lasting redirect to this machine': () => away(308),
  'a redirect to itself': () => ({ status: 307, body: {}, headers: { Location: '/again' } }),
  'a list': () => ok([]),
  'a list of lists': () => ok([[[]]]),
  nothing: () => ok(null),
  'numbers for everything': () => ok({ displayname: 7, room_id: 7, servers: 7, chunk: 7, room_version: 7, event: 7 }),
  'half a character': () => ok({ displayname: '\ud800', room_id: '!\ud800' }),
  'more than it may': () => ok({ displayname: 'x'.repeat(5_000_000) }),
  'an end of the connection': () => undefined,
  'an error of no kind': () => ({ status: 418, body: 'teapot' }),
  'an error that would log us out': () => ({ status: 401, body: { errcode: 'M_UNKNOWN_TOKEN', error: 'Out.' } }),
}

describe('of a server that answers everything with', () => {
  for (const [what, answer] of Object.entries(answers)) {
    it(`${what}, users hear that there is nothing, and go on`, async () => {
      peer.answer = answer
      const ask = async () => {
        for (const [question, call] of Object.entries(questions)) {
          const { status, body } = await call()
          const isRefused = status >= 400 && status !== 401 && status !== 500 && typeof body.errcode === 'string'
          // A profile, or a list of rooms, of nothing is no harm.
          const isEmpty = status === 200 && JSON.stringify(body).length < 200
          assert.ok(isRefused || isEmpty, `${question}: ${status} ${JSON.stringify(body).slice(0, 200)}`)
        }
      }
      const slowestMs = await slowestSend(ann, unrelated, ask())
      assert.equal(visits, 0)
      assert.ok(slowestMs < 10_000, `a send took ${Math.round(slowestMs)} ms`)
      assert.equal((await ann.call('GET', 'account/whoami')).status, 200)
    })
  }
})
