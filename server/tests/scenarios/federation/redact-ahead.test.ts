/** Redactions of events that are not here yet. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { EventId, JsonObject } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { type PeerLine, resultsOf, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
let peer: Peer
let ann: TestUser
let bob: TestUser

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  ann = await server.register('ann')
  bob = await server.register('bob')
})
after(async () => {
  await server.close()
  await peer.close()
})

const encode = encodeURIComponent

async function openLine(version: string): Promise<PeerLine> {
  const body = { preset: 'public_chat', room_version: version }
  const roomId = String((await ann.ok('POST', 'createRoom', body)).room_id)
  await bob.ok('POST', `join/${encode(roomId)}`)
  return startLine(peer, await joinAsPeer(peer, server, roomId))
}

let last = 0
const redact = (user: TestUser, { room }: PeerLine, eventId: EventId) =>
  user.call('PUT', `rooms/${encode(room.roomId)}/redact/${encode(eventId)}/${++last}`, {})

for (const version of ['1', '10', '11', '12']) {
  it(`goes out by who may redact others, and counts once the event is here, version ${version}`, async () => {
    peer.answer = () => ({ status: 200, body: { pdus: {} } })
    const line = await openLine(version)
    const regretted = line.say('regretted')
    assert.equal(refusalOf(await redact(bob, line, regretted.eventId)), '404 M_NOT_FOUND')
    const answer = await redact(ann, line, regretted.eventId)
    assert.equal(answer.status, 200)
    const redaction = await waitFor('the redaction to go out', async () =>
      peer.asked
        .filter(({ path }) => path.includes('/v1/send/'))
        .flatMap(({ body }) => body.pdus as JsonObject[])
        .find(({ type, room_id: roomId }) => type === 'm.room.redaction' && roomId === line.room.roomId),
    )
    const named = redaction.redacts ?? (redaction.content as JsonObject).redacts
    assert.equal(named, regretted.eventId)
    await server.restart()
    assert.deepEqual(resultsOf(await sendTransaction(peer, server, [regretted])), { [regretted.eventId]: 'ok' })
    const shown = await ann.ok('GET', `rooms/${encode(line.room.roomId)}/event/${encode(regretted.eventId)}`)
    assert.deepEqual(shown.content, {})
    const because = (shown.unsigned as { redacted_because: JsonObject }).redacted_because
    assert.equal(because.event_id, answer.body.event_id)
  })
}

it('of an event of another room is refused', async () => {
  const [line, other] = [await openLine('11'), await openLine('11')]
  const elsewhere = other.say('elsewhere')
  await sendTransaction(peer, server, [elsewhere])
  assert.equal(refusalOf(await redact(ann, line, elsewhere.eventId)), '404 M_NOT_FOUND')
})

it('of an event of another room that comes later has no effect', async () => {
  const [line, other] = [await openLine('11'), await openLine('11')]
  const elsewhere = other.say('elsewhere')
  assert.equal((await redact(ann, line, elsewhere.eventId)).status, 200)
  await sendTransaction(peer, server, [elsewhere])
  const shown = await ann.ok('GET', `rooms/${encode(other.room.roomId)}/event/${encode(elsewhere.eventId)}`)
  assert.deepEqual(shown.content, elsewhere.content)
})
