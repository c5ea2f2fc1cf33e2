/**
 * Events of other servers that rest on a time before somebody joined, and arrive after: who joined sees them only if
 * the room shows its past. Spec: client-server-api#room-history-visibility.
 */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
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

async function openLine(visibility: string): Promise<PeerLine> {
  const content = { history_visibility: visibility }
  const initialState = [{ type: 'm.room.history_visibility', state_key: '', content }]
  const body = { preset: 'public_chat', initial_state: initialState }
  const roomId = String((await ann.ok('POST', 'createRoom', body)).room_id)
  return startLine(peer, await joinAsPeer(peer, server, roomId))
}

type Timeline = { timeline?: { events: { content: { body?: string } }[] }; unread_notifications?: object }
type SyncBody = { next_batch: string; rooms?: { join?: Record<string, Timeline> } }

async function readNew(user: TestUser, line: PeerLine, since: string): Promise<{ texts: unknown[]; part?: Timeline }> {
  const { rooms } = (await user.ok('GET', `sync?since=${since}`)) as SyncBody
  const part = rooms?.join?.[line.room.roomId]
  const texts = (part?.timeline?.events ?? []).flatMap(({ content }) => content.body ?? [])
  return part === undefined ? { texts } : { texts, part }
}

async function isNotifiedOf(user: TestUser, eventId: string): Promise<boolean> {
  const { notifications } = await user.ok('GET', 'notifications')
  return (notifications as { event: { event_id: string } }[]).some(({ event }) => event.event_id === eventId)
}

describe('a message that rests on what was before a join', () => {
  for (const [visibility, seen] of [
    ['joined', []],
    ['invited', []],
    ['shared', ['late']],
    ['world_readable', ['late']],
  ] as const) {
    it(`${seen.length === 0 ? 'is hidden from' : 'is shown to'} who joined meanwhile: ${visibility}`, async () => {
      const line = await openLine(visibility)
      const path = `rooms/${encode(line.room.roomId)}`
      await bob.ok('POST', `${path}/join`, {})
      const since = String(((await bob.ok('GET', 'sync')) as SyncBody).next_batch)
      const annSince = String(((await ann.ok('GET', 'sync')) as SyncBody).next_batch)
      await bob.ok('GET', 'notifications')
      const late = line.say('late')
      assert.deepEqual(resultsOf(await sendTransaction(peer, server, [late], [])), { [late.eventId]: 'ok' })
      await waitFor('ann to see it', async () =>
        (await readNew(ann, line, annSince)).texts.includes('late') ? true : undefined,
      )
      const { texts, part } = await readNew(bob, line, since)
      assert.deepEqual(texts, seen)
      if (seen.length === 0) assert.deepEqual(part?.unread_notifications ?? {}, {})
      assert.equal(await isNotifiedOf(bob, late.eventId), seen.length > 0)
      const { chunk } = await bob.ok('GET', `${path}/messages?dir=b&limit=20`)
      const shown = (chunk as { content: { body?: string } }[]).flatMap(({ content }) => content.body ?? [])
      assert.deepEqual(shown, seen)
      assert.equal((await bob.call('GET', `${path}/event/${encode(late.eventId)}`)).status, seen.length ? 200 : 404)
    })
  }
})
