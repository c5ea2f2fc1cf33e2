/**
 * An event rests on another that only its sender has, and the sender cannot be asked just then: that the other servers
 * of the room know nothing is no reason to drop it. Found by the simulation (seed 7587).
 */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { answerFrom, resultsOf, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
let sender: Peer
let other: Peer

before(async () => {
  server = await startFederated()
  sender = await startPeer()
  other = await startPeer(9)
})
after(async () => {
  await server.close()
  await Promise.all([sender.close(), other.close()])
})

it('is asked again later', async () => {
  const ann = await server.register('ann')
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await joinAsPeer(other, server, roomId)
  const line = startLine(sender, await joinAsPeer(sender, server, roomId))
  const missed = line.add({ content: { msgtype: 'm.text', body: 'missed' } })
  const sent = line.say('sent', { prevEvents: [missed.eventId] })
  const asked: string[] = []
  sender.answer = () => undefined
  other.answer = ({ path }) => {
    asked.push(path.split('/')[4]!)
    if (!path.includes('get_missing_events')) return { status: 404, body: { errcode: 'M_NOT_FOUND' } }
    return { status: 200, body: { events: [] } }
  }
  assert.deepEqual(resultsOf(await sendTransaction(sender, server, [sent])), { [sent.eventId]: 'ok' })
  await waitFor('the other server to be asked', () => (asked.includes('get_missing_events') ? true : undefined))
  answerFrom(sender, line)
  let polls = 0
  const path = (eventId: string) => `rooms/${encodeURIComponent(roomId)}/event/${encodeURIComponent(eventId)}`
  await waitFor('the event', async () => {
    if (++polls % 20 === 0) server.clock.turn(60_000)
    return (await ann.call('GET', path(sent.eventId))).status === 200 ? true : undefined
  })
  assert.equal((await ann.call('GET', path(missed.eventId))).status, 200)
})
