/** Requests that are slow, huge, deep or no proper text: refused at little cost, while others are answered as ever. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { buildXMatrix, type JsonObject, type JsonValue, requireRoomRules, signEvent } from '@parallax/protocol'
import { testAuthority } from '../../kit/authority.ts'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { slowestSend } from '../../kit/latency.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { type PeerLine, resultsOf, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
let peer: Peer
let ann: TestUser
let line: PeerLine
const ca = readFileSync(testAuthority().authority)

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  peer.answer = () => ({ status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Not here.' } })
  ann = await server.register('ann')
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', room_version: '11' })).room_id)
  line = startLine(peer, await joinAsPeer(peer, server, roomId))
})
after(async () => {
  await server.close()
  await peer.close()
})

/** Generous: a send takes some milliseconds, and a stall that users notice is one of seconds. */
const SEND_MS_MAX = 10_000
let transactions = 0
const nextPath = () => `/_matrix/federation/v1/send/hostile${++transactions}`

/** Sends a body byte for byte, signed as if it were `signed`. */
async function sendBytes(body: string | Uint8Array, signed: JsonValue = {}): Promise<string> {
  const uri = nextPath()
  const parts = { method: 'PUT', uri, origin: peer.name, destination: server.serverName as never, content: signed }
  const headers = { Authorization: buildXMatrix(parts, peer.signer), 'Content-Length': Buffer.byteLength(body) }
  const outgoing = request(`https://${server.serverName}${uri}`, { method: 'PUT', headers, ca, agent: false })
  // A server may answer, and hang up, before it has read a body that it will not take.
  outgoing.on('error', () => {})
  outgoing.end(body)
  const [reply] = (await once(outgoing, 'response')) as [IncomingMessage]
  const { errcode } = JSON.parse(String(await buffer(reply))) as JsonObject
  return `${reply.statusCode} ${errcode ?? ''}`.trim()
}

const transactionOf = (pdus: string, edus = '[]') =>
  `{"origin":"${peer.name}","origin_server_ts":1,"pdus":${pdus},"edus":${edus}}`

describe('a transaction is refused, as a whole,', () => {
  const bodies: Record<string, [() => string | Uint8Array, RegExp]> = {
    'that is no UTF-8': [() => Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), /^400 M_NOT_JSON$/],
    'that holds half a character': [() => transactionOf('[{"content":{"body":"\\ud800"}}]'), /^400 M_NOT_JSON$/],
    'that begins with a byte order mark': [() => `\ufeff${transactionOf('[]')}`, /^400 M_NOT_JSON$/],
    'that ends too early': [() => transactionOf('[').slice(0, 40), /^400 M_NOT_JSON$/],
    'that is nested without end': [() => transactionOf('['.repeat(200_000) + ']'.repeat(200_000)), /^400 M_NOT_JSON$/],
    'that is no object': [() => '[]', /^400 M_BAD_JSON$/],
    'that is larger than any': [() => transactionOf(`[${'0,'.repeat(6_500_000)}0]`), /^413 M_TOO_LARGE$/],
    'of too many events': [() => transactionOf(`[${'{},'.repeat(1_000_000)}{}]`), /^401 M_UNAUTHORIZED$/],
  }
  for (const [what, [body, expected]] of Object.entries(bodies)) {
    it(what, async () => {
      let answer = ''
      const slowestMs = await slowestSend(
        ann,
        line.room.roomId,
        sendBytes(body()).then((code) => {
          answer = code
        }),
      )
      assert.match(answer, expected)
      assert.ok(slowestMs < SEND_MS_MAX, `a send took ${Math.round(slowestMs)} ms`)
    })
  }
})

describe('an event with odd texts', () => {
  const rules = requireRoomRules('11')
  /** Hashed and signed rightly, whatever it holds. */
  const odd = (content: JsonObject, change: JsonObject = {}) => {
    const event = line.say('odd', { prevEvents: line.tips })
    return signEvent(rules, { ...event.pdu, content: { ...event.content, ...content }, ...change }, peer.signer)
  }

  it('costs its neighbours nothing', async () => {
    const good = line.say('good, \u0000 and \u{1f30d}')
    const events = [
      odd({}, { type: 'x'.repeat(256) }),
      odd({}, { type: 7 }),
      odd({}, { state_key: `${'\u{1f30d}'.repeat(64)}x` }),
      odd({}, { depth: -1 }),
      odd({}, { origin_server_ts: 'now' }),
      odd({}, { sender: `@:${peer.name}`.repeat(30) }),
      odd({}, { prev_events: Array.from({ length: 21 }, (_, index) => `$${index}`) }),
      odd({}, { auth_events: Array.from({ length: 11 }, (_, index) => `$${index}`) }),
      odd({}, { prev_events: [[7, {}]] }),
      odd({}, { __proto__: null, constructor: 7, hashes: { sha256: 7 } }),
      odd({}, { signatures: [] }),
    ]
    const answer = await sendTransaction(peer, server, [...events, good])
    assert.equal(answer.status, 200)
    assert.equal(resultsOf(answer)[good.eventId], 'ok')
    const path = (id: string) => `rooms/${encodeURIComponent(line.room.roomId)}/event/${encodeURIComponent(id)}`
    assert.equal((await ann.ok('GET', path(good.eventId))).event_id, good.eventId)
    for (const [id, result] of Object.entries(resultsOf(answer))) {
      if (id === good.eventId || result === 'ok') continue
      assert.equal((await ann.call('GET', path(id))).status, 404, result)
    }
  })
})

describe('a body that comes drop by drop', () => {
  it('from many connections at once holds up nobody else', async () => {
    const sockets = await Promise.all(Array.from({ length: 150 }, () => openSlowly()))
    try {
      const drip = async () => {
        for (let round = 0; round < 5; round++) {
          for (const socket of sockets) socket.write('0')
          const answer = await sendTransaction(peer, server, [line.say(`beside ${round}`)])
          assert.equal(answer.status, 200)
        }
      }
      const slowestMs = await slowestSend(ann, line.room.roomId, drip())
      assert.ok(slowestMs < SEND_MS_MAX, `a send took ${Math.round(slowestMs)} ms`)
    } finally {
      for (const socket of sockets) socket.destroy()
    }
  })

  async function openSlowly(): Promise<TLSSocket> {
    const port = Number(server.serverName.split(':')[1])
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    socket.write(`PUT ${nextPath()} HTTP/1.1\r\nHost: ${server.serverName}\r\nContent-Length: 1000000\r\n\r\n`)
    return socket
  }
})

describe('a request whose sender is not proven', () => {
  /** Sends a header, and so much of a body that never ends; what is answered, and how to hang up. */
  async function sendEndless(origin: string, bytes: number) {
    const uri = nextPath()
    const parts = { method: 'PUT', uri, origin: peer.name, destination: server.serverName as never, content: {} }
    const header = buildXMatrix(parts, peer.signer).replace(peer.name, origin)
    const outgoing = request(`https://${server.serverName}${uri}`, {
      ...{ method: 'PUT', ca, agent: false },
      headers: { Authorization: header, 'Content-Length': 12_000_000 },
    })
    outgoing.on('error', () => {})
    const reply = once(outgoing, 'response').then(([response]) => (response as IncomingMessage).statusCode)
    reply.catch(() => {})
    await new Promise((resolve) => outgoing.write(Buffer.alloc(bytes, ' '), resolve))
    return { reply, end: () => outgoing.destroy() }
  }

  it('is refused before its body is read if no key of that server can be had', async () => {
    const { reply, end } = await sendEndless('localhost:1', 1)
    assert.equal(await reply, 401)
    end()
  })

  it('holds no more memory than its address may; others are answered, and so is it once it has hung up', async () => {
    // Signed with the peer's key, but the body is another: that shows at its end only.
    const open = await Promise.all(Array.from({ length: 5 }, () => sendEndless(peer.name, 11_900_000)))
    assert.equal(await Promise.race(open.map(({ reply }) => reply)), 429)
    const slowestMs = await slowestSend(ann, line.room.roomId, Promise.resolve())
    assert.ok(slowestMs < SEND_MS_MAX)
    for (const { end } of open) end()
    const small = line.say('here I am')
    await waitFor('room for another body', async () => {
      return (await sendTransaction(peer, server, [small])).status === 200 || undefined
    })
    assert.equal(resultsOf(await sendTransaction(peer, server, [small]))[small.eventId], 'ok')
  })
})
