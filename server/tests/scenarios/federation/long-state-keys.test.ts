/**
 * State keys of up to 255 characters but more than 255 bytes: before room version 11 they have their place in the graph
 * and no effect, as on servers that count characters; since then they are no events. Our users may not send them.
 */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { eventIdOf, hashAndSignEvent, type JsonObject, requireRoomRules } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { answerFrom, type PeerLine, resultsOf, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

/** 280 bytes, 70 characters. */
const longKey = '💥'.repeat(70)
const encode = encodeURIComponent
let server: InProcess
let peer: Peer
let ann: TestUser

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  ann = await server.register('ann')
})
after(async () => {
  await server.close()
  await peer.close()
})

/** The next of the line: state that the peer may set, under the long key. */
function addLong(line: PeerLine) {
  const plain = line.add({ type: 'org.example.long', stateKey: 'short', content: {} })
  const rules = requireRoomRules(line.room.version)
  const { hashes: _hashes, signatures: _signatures, ...bare } = plain.pdu
  const pdu = hashAndSignEvent(rules, { ...bare, state_key: longKey } as JsonObject, peer.signer)
  const event = { ...plain, eventId: eventIdOf(rules, pdu), stateKey: longKey, pdu }
  line.events.delete(plain.eventId)
  line.state.delete(JSON.stringify(['org.example.long', 'short']))
  line.events.set(event.eventId, event)
  line.tips = [event.eventId]
  return event
}

async function openLine(version: string): Promise<PeerLine> {
  const levels = { state_default: 0 }
  const request = { preset: 'public_chat', room_version: version, power_level_content_override: levels }
  const roomId = String((await ann.ok('POST', 'createRoom', request)).room_id)
  return startLine(peer, await joinAsPeer(peer, server, roomId))
}

const longState = ({ room }: PeerLine) =>
  ann.call('GET', `rooms/${encode(room.roomId)}/state/org.example.long/${encode(longKey)}`)

it('before version 11, in a gap: what follows it arrives, and nobody sees it', async () => {
  const line = await openLine('10')
  const long = addLong(line)
  const next = line.say('after it')
  answerFrom(peer, line)
  assert.deepEqual(resultsOf(await sendTransaction(peer, server, [next])), { [next.eventId]: 'ok' })
  const path = `rooms/${encode(line.room.roomId)}/event`
  await waitFor('what follows', async () => {
    return (await ann.call('GET', `${path}/${encode(next.eventId)}`)).status === 200 ? true : undefined
  })
  assert.equal((await ann.call('GET', `${path}/${encode(long.eventId)}`)).status, 404)
  assert.equal((await longState(line)).status, 404)
  const stored = await server.program.components.rooms.findEvent(long.eventId)
  assert.equal(stored?.outcome, 2)
})

it('since version 11: it is refused', async () => {
  const line = await openLine('11')
  const long = addLong(line)
  const results = resultsOf(await sendTransaction(peer, server, [long]))
  assert.match(results[long.eventId]!, /state_key: longer than 255 bytes/)
  assert.equal(await server.program.components.rooms.findEvent(long.eventId), undefined)
})

it('is refused from our own users in every version', async () => {
  for (const version of ['10', '11']) {
    const line = await openLine(version)
    const path = `rooms/${encode(line.room.roomId)}/state/org.example.long/${encode(longKey)}`
    assert.equal(refusalOf(await ann.call('PUT', path, {})), '413 M_TOO_LARGE')
  }
})
