/**
 * Events of a third server, told by another, while the third one's keys cannot be had: they are not refused, as nobody
 * would send them again, but wait until the keys are there. Found by the simulation (seeds 173 and 187).
 */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { createSigner, type RoomEvent, type Signer, type UserId } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { keyDocumentOf, type Peer, startPeer } from '../../kit/peer.ts'
import { answerFrom, resultsOf, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
let teller: Peer
let ann: TestUser
const silentOnes: Peer[] = []

before(async () => {
  server = await startFederated()
  teller = await startPeer()
  ann = await server.register('ann')
})
after(async () => {
  await server.close()
  await Promise.all([teller, ...silentOnes].map((peer) => peer.close()))
})

async function startSilent(): Promise<Peer> {
  const silent = await startPeer(10)
  silentOnes.push(silent)
  silent.keyDocument = () => ({})
  return silent
}

/** Tells of the join of a user of the silent server, and of a message that follows it. */
async function tellJoin(silent: Peer, signer: Signer): Promise<{ join: RoomEvent; next: RoomEvent; path: string }> {
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  const room = await joinAsPeer(teller, server, roomId)
  const userId = `@sil:${silent.name}` as UserId
  const content = { membership: 'join' }
  const join = startLine({ ...silent, signer }, room).add({
    ...{ type: 'm.room.member', sender: userId, stateKey: userId, content },
  })
  const line = startLine(teller, room)
  line.events.set(join.eventId, join)
  line.tips = [join.eventId]
  line.depth = join.depth
  const next = line.say('after the join')
  answerFrom(teller, line)
  const answer = await sendTransaction(teller, server, [join, next])
  assert.deepEqual(resultsOf(answer), { [join.eventId]: 'ok', [next.eventId]: 'ok' })
  return { join, next, path: `rooms/${encodeURIComponent(roomId)}` }
}

async function isKnown(path: string, { eventId }: RoomEvent): Promise<boolean> {
  return (await ann.call('GET', `${path}/event/${encodeURIComponent(eventId)}`)).status === 200
}

/** Turns the clock a minute, and again each second: requests that are under way then would count as too slow. */
async function waitWhileTurning(what: string, isThere: () => Promise<boolean>): Promise<void> {
  let polls = 0
  await waitFor(what, async () => {
    if (++polls % 40 === 0) server.clock.turn(61_000)
    return (await isThere()) ? true : undefined
  })
}

it('takes an event whose keys come later, and what follows it', async () => {
  const silent = await startSilent()
  const { join, next, path } = await tellJoin(silent, silent.signer)
  assert.equal(await isKnown(path, join), false)
  silent.keyDocument = () => keyDocumentOf(silent.name, silent.key)
  await waitWhileTurning('both events', async () => (await isKnown(path, join)) && (await isKnown(path, next)))
  const { joined } = await ann.ok('GET', `${path}/joined_members`)
  assert.ok(Object.hasOwn(joined as object, join.sender))
})

it('drops it when the keys show that another signed it', async () => {
  const silent = await startSilent()
  const { join, next, path } = await tellJoin(silent, createSigner(silent.name, teller.key))
  silent.keyDocument = () => keyDocumentOf(silent.name, silent.key)
  const { reader } = server.program.components.store
  await waitWhileTurning('nothing waits', async () => (await reader.all`SELECT position FROM inbox_event`).length === 0)
  assert.equal(await isKnown(path, join), false)
  assert.equal(await isKnown(path, next), false)
})
