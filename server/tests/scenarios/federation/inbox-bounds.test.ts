/** Servers that send without end, out of order or about rooms that are not ours: each is taken for what it is. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  buildEvent,
  buildInviteBody,
  type EventId,
  type JsonObject,
  type RoomEvent,
  type RoomId,
  requireRoomRules,
  type UserId,
} from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'
import { answerFrom, type PeerLine, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

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

const encode = encodeURIComponent
const codeOf = ({ status, body }: PeerAnswer) => `${status} ${(body as JsonObject).errcode ?? ''}`.trim()

async function openLine(from = peer, request: object = {}): Promise<PeerLine> {
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })).room_id)
  return startLine(from, await joinAsPeer(from, server, roomId))
}

async function readTexts({ room }: PeerLine): Promise<unknown[]> {
  const page = await ann.ok('GET', `rooms/${encode(room.roomId)}/messages?dir=b&limit=500`)
  const events = (page.chunk as { type: string; content: { body?: string } }[]).reverse()
  return events.flatMap(({ type, content }) => (type === 'm.room.message' ? content.body : []))
}

describe('events out of order', () => {
  it('are put in order within a transaction, and over transactions by asking', async () => {
    const line = await openLine()
    const events = Array.from({ length: 6 }, (_, index) => line.say(`${index}`))
    const [a, b, c, d, e, f] = events as [RoomEvent, RoomEvent, RoomEvent, RoomEvent, RoomEvent, RoomEvent]
    answerFrom(peer, line)
    await sendTransaction(peer, server, [c, a, b])
    assert.deepEqual(await readTexts(line), ['0', '1', '2'])
    await Promise.all([sendTransaction(peer, server, [f]), sendTransaction(peer, server, [e, d])])
    await waitFor('all', async () => ((await readTexts(line)).length === 6 ? true : undefined))
    assert.deepEqual(await readTexts(line), ['0', '1', '2', '3', '4', '5'])
  })

  it('that follow each other in a circle are left out', async () => {
    const line = await openLine(peer, { room_version: '1' })
    const [one, two] = ['one', 'two'].map((name) => `$${name}-${Date.now()}:${peer.name}` as EventId) as [
      EventId,
      EventId,
    ]
    line.events.set(two, line.room.join)
    const first = line.say('first', { eventId: one, prevEvents: [two] })
    const second = line.say('second', { eventId: two, prevEvents: [one] })
    answerFrom(peer, line)
    assert.equal((await sendTransaction(peer, server, [first, second])).status, 200)
    await sendTransaction(peer, server, [line.say('after')])
    assert.deepEqual(await readTexts(line), ['after'])
  })

  it('of a fork are resolved when they arrive', async () => {
    const line = await openLine()
    await ann.ok('PUT', `rooms/${encode(line.room.roomId)}/send/m.room.message/fork`, { body: 'of ann' })
    const member = {
      type: 'm.room.member',
      stateKey: line.userId,
      content: { membership: 'join', displayname: 'Fork' },
    }
    await sendTransaction(peer, server, [line.add(member), line.say('of pat')])
    assert.deepEqual(await readTexts(line), ['of ann', 'of pat'])
    const members = await ann.ok('GET', `rooms/${encode(line.room.roomId)}/joined_members`)
    assert.equal((members.joined as Record<string, JsonObject>)[line.userId]?.display_name, 'Fork')
  })
})

describe('a server that sends what it does not explain', () => {
  it('is refused when too much of it waits; others are not', async () => {
    const flooder = await startPeer(12)
    try {
      const [line, other] = [await openLine(flooder), await openLine()]
      flooder.answer = () => undefined
      const nowhere = { prevEvents: [`$${'n'.repeat(42)}A` as EventId] }
      let code = ''
      for (let sent = 0; sent < 60 && code !== '429 M_LIMIT_EXCEEDED'; sent++) {
        const events = Array.from({ length: 50 }, (_, index) => line.say(`${sent} ${index}`, nowhere))
        const answer = await sendTransaction(flooder, server, events)
        code = codeOf(answer)
        if (code !== '200') assert.ok(Number((answer.body as JsonObject).retry_after_ms) > 0)
      }
      assert.equal(code, '429 M_LIMIT_EXCEEDED')
      const startMs = performance.now()
      await sendTransaction(peer, server, [other.say('beside')])
      assert.deepEqual(await readTexts(other), ['beside'])
      assert.ok(performance.now() - startMs < 2000)
      assert.deepEqual(await readTexts(line), [])
    } finally {
      await flooder.close()
    }
  })
})

describe('an invite of a room that nobody here is in', () => {
  async function invite(
    sender: UserId,
  ): Promise<{ roomId: RoomId; member: RoomEvent; leave: (by: UserId) => RoomEvent }> {
    const rules = requireRoomRules('11')
    const roomId = `!${Date.now()}${Math.random()}:${peer.name}` as RoomId
    const shared = { roomId, originServerTs: Date.now(), authEvents: [] }
    const content = { room_version: '11' }
    const create = buildEvent(
      rules,
      { ...shared, type: 'm.room.create', stateKey: '', sender, content, depth: 1, prevEvents: [] },
      peer.signer,
    )
    const of = (by: UserId, membership: string, prev: EventId, depth: number) =>
      buildEvent(
        rules,
        {
          ...{ ...shared, type: 'm.room.member', stateKey: ann.userId, sender: by, content: { membership } },
          ...{ depth, prevEvents: [prev] },
        },
        peer.signer,
      )
    const member = of(sender, 'invite', create.eventId, 2)
    const path = `/_matrix/federation/v2/invite/${encode(roomId)}/${encode(member.eventId)}`
    const answer = await peer.ask(server.serverName, 'PUT', path, buildInviteBody(rules, member, [create]))
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return { roomId, member, leave: (by) => of(by, 'leave', member.eventId, 3) }
  }

  const roomsOf = async (since = '') =>
    (await ann.ok('GET', `sync?${since}filter={"room":{"include_leave":true}}`)).rooms as Record<string, JsonObject>

  it('is taken back by whoever sent it, and by nobody else', async () => {
    const sender = `@pat:${peer.name}` as UserId
    const { roomId, leave } = await invite(sender)
    assert.ok((await roomsOf()).invite?.[roomId])
    await sendTransaction(peer, server, [leave(`@other:${peer.name}` as UserId)])
    const forged = leave(sender)
    await sendTransaction(peer, server, [{ ...forged.pdu, signatures: {} }])
    assert.ok((await roomsOf()).invite?.[roomId])
    const since = String((await ann.ok('GET', 'sync')).next_batch)
    await sendTransaction(peer, server, [forged])
    const rooms = await roomsOf(`since=${since}&`)
    assert.equal(rooms.invite?.[roomId], undefined)
    assert.ok(rooms.leave?.[roomId])
  })
})
