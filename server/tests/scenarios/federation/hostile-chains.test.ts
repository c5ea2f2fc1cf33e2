/**
 * A server whose events rest on chains that are huge, deep, circular or without end: it is asked a bounded number of
 * times, its events are dropped, and who talks elsewhere does not notice.
 */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { EventId, JsonObject, JsonValue, RoomEvent } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { slowestSend } from '../../kit/latency.ts'
import { keyDocumentOf, type Peer, startPeer } from '../../kit/peer.ts'
import { type PeerLine, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
let peer: Peer
let ann: TestUser
let unrelated: string

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  // Time is turned on here.
  const validUntil = { valid_until_ts: Date.now() + 6 * 86_400_000 }
  peer.keyDocument = () => keyDocumentOf(peer.name, peer.key, validUntil)
  ann = await server.register('ann')
  unrelated = String((await ann.ok('POST', 'createRoom', {})).room_id)
})
after(async () => {
  await server.close()
  await peer.close()
})

const encode = encodeURIComponent

/** Generous: a send takes some milliseconds, and a stall that users notice is one of seconds. */
const SEND_MS_MAX = 10_000

async function openLine(version = '11'): Promise<PeerLine> {
  const body = { preset: 'public_chat', room_version: version }
  const roomId = String((await ann.ok('POST', 'createRoom', body)).room_id)
  return startLine(peer, await joinAsPeer(peer, server, roomId))
}

const isShown = async ({ room }: PeerLine, { eventId }: RoomEvent) =>
  (await ann.call('GET', `rooms/${encode(room.roomId)}/event/${encode(eventId)}`)).status === 200

async function isEmpty(): Promise<true | undefined> {
  const { store } = server.program.components
  return (await store.reader.all`SELECT position FROM inbox_event`).length === 0 ? true : undefined
}

/**
 * Sends an event, answering what is asked of it; answers how often that was, by operation. `isTriedAgain`: time passes
 * until it is given up.
 */
async function attack(
  events: readonly RoomEvent[],
  answer: (operation: string, body: JsonObject, path: string) => JsonValue | undefined,
  isTriedAgain = false,
): Promise<Record<string, number>> {
  const asked: Record<string, number> = {}
  peer.answer = ({ path, body }) => {
    const operation = path.split('?')[0]!.split('/')[4]!
    asked[operation] = (asked[operation] ?? 0) + 1
    const reply = answer(operation, body, path)
    return reply === undefined ? { status: 404, body: { errcode: 'M_NOT_FOUND' } } : { status: 200, body: reply }
  }
  const work = async () => {
    const startMs = performance.now()
    assert.equal((await sendTransaction(peer, server, events)).status, 200)
    // What it is asked for does not keep it waiting.
    assert.ok(performance.now() - startMs < 10_000)
    await waitFor('an empty queue', () => {
      if (isTriedAgain) server.clock.turn(1800_000)
      return isEmpty()
    })
  }
  const slowestMs = await slowestSend(ann, unrelated, work())
  assert.ok(slowestMs < SEND_MS_MAX, `a send took ${Math.round(slowestMs)} ms`)
  return asked
}

/** A member event of the sender that cites the one before it, as many times. */
function buildChain(line: PeerLine, length: number, end?: EventId): RoomEvent[] {
  const chain: RoomEvent[] = []
  const { authEvents } = line.say('model', { prevEvents: line.tips })
  const others = authEvents.filter((id) => id !== line.room.join.eventId)
  for (let index = 0; index < length; index++) {
    const before = chain.at(-1)?.eventId ?? end ?? line.room.join.eventId
    chain.push(
      line.add({
        ...{ type: 'm.room.member', stateKey: line.userId, content: { membership: 'join', index } },
        ...{ prevEvents: line.tips, authEvents: [...others, before] },
      }),
    )
  }
  return chain
}

const nowhere = (text: string) => `$${text.padEnd(42, 'n')}A` as EventId
const pdus = (events: readonly RoomEvent[]) => events.map(({ pdu }) => pdu)

describe('an event that cites', () => {
  it('a deep chain is asked about once, and judged by it', async () => {
    const line = await openLine()
    const chain = buildChain(line, 1_500)
    const { authEvents } = chain.at(-1)!
    const last = line.say('last', {
      prevEvents: line.tips,
      authEvents: [...authEvents.slice(0, -1), chain.at(-1)!.eventId],
    })
    const asked = await attack([last], (operation) =>
      operation === 'event_auth' ? { auth_chain: pdus([...chain].reverse()) } : undefined,
    )
    assert.equal(asked.event_auth, 1)
    assert.equal(await isShown(line, last), true)
    assert.ok(Object.values(asked).reduce((sum, count) => sum + count) <= 3, JSON.stringify(asked))
  })

  it('a chain without end is dropped after few questions', async () => {
    const line = await openLine()
    let count = 0
    const last = line.say('last', { prevEvents: line.tips, authEvents: [nowhere('first')] })
    const asked = await attack([last], (operation) => {
      if (operation === 'event_auth') return { auth_chain: pdus(buildChain(line, 50, nowhere(`x${++count}`))) }
      return undefined
    })
    assert.equal(await isShown(line, last), false)
    assert.ok((asked.event_auth ?? 0) <= 20, JSON.stringify(asked))
    assert.ok((asked.event ?? 0) <= 200, JSON.stringify(asked))
  })

  it('a chain of more events than any room has is dropped', async () => {
    const line = await openLine()
    const last = line.say('last', { prevEvents: line.tips, authEvents: [nowhere('first')] })
    const tooMany = Array.from({ length: 600_000 }, () => ({}))
    const answer = (operation: string) => (operation === 'event_auth' ? { auth_chain: tooMany } : undefined)
    const asked = await attack([last], answer, true)
    assert.equal(await isShown(line, last), false)
    // Six tries within half a day: what cannot be read may have been cut off on its way.
    assert.ok((asked.event_auth ?? 0) <= 12, JSON.stringify(asked))
  })

  it('what cites it in turn is dropped, and the next one is taken', async () => {
    // Only versions 1 and 2 let a server choose IDs, so that two events may cite each other.
    const line = await openLine('1')
    const [one, two] = ['one', 'two'].map((name) => `$${name}:${peer.name}` as EventId) as [EventId, EventId]
    const { authEvents } = line.say('model', { prevEvents: line.tips })
    const others = authEvents.filter((id) => id !== line.room.join.eventId)
    line.events.set(two, line.room.join)
    const citing = (eventId: EventId, other: EventId, index: number) =>
      line.add({
        ...{ type: 'm.room.member', stateKey: line.userId, content: { membership: 'join', index }, eventId },
        ...{ prevEvents: line.tips, authEvents: [...others, other] },
      })
    const circle = [citing(one, two, 1), citing(two, one, 2)]
    const last = line.say('last', { prevEvents: line.tips, authEvents: [...others, one] })
    const asked = await attack([last], (operation, _, path) => {
      if (operation === 'event_auth') return { auth_chain: pdus(circle) }
      const found = circle.find(({ eventId }) => path.includes(encode(eventId)))
      return operation === 'event' && found !== undefined ? { pdus: [found.pdu] } : undefined
    })
    assert.equal(await isShown(line, last), false)
    assert.ok(Object.values(asked).reduce((sum, count) => sum + count) <= 20, JSON.stringify(asked))
    const good = line.say('good')
    await sendTransaction(peer, server, [good])
    assert.equal(await isShown(line, good), true)
  })
})

describe('an event that follows', () => {
  it('what nobody tells, in many rooms at once, is dropped', async () => {
    const lines = await Promise.all(Array.from({ length: 8 }, () => openLine()))
    const events = lines.flatMap((line) =>
      Array.from({ length: 6 }, (_, index) => line.say(`${index}`, { prevEvents: [nowhere(`${index}`)] })),
    )
    const asked = await attack(events, () => undefined)
    for (const [index, line] of lines.entries()) assert.equal(await isShown(line, events[index * 6]!), false)
    assert.ok((asked.get_missing_events ?? 0) <= events.length, JSON.stringify(asked))
    assert.equal(asked.state_ids ?? 0, 0)
  })

  it('ever more that is told is dropped', async () => {
    const line = await openLine()
    let round = 0
    const last = line.say('last', { prevEvents: [nowhere('last')] })
    const asked = await attack([last], (operation) => {
      if (operation !== 'get_missing_events') return undefined
      round++
      const told = Array.from({ length: 20 }, (_, index) => {
        return line.say(`${round} ${index}`, { prevEvents: [nowhere(`${round}x${index}`)] })
      })
      return { events: pdus(told) }
    })
    assert.equal(await isShown(line, last), false)
    assert.ok((asked.get_missing_events ?? 0) <= 60, JSON.stringify(asked))
  })

  it('an answer of nonsense is dropped', async () => {
    const line = await openLine()
    const nonsense: JsonValue[] = [[], 7, null, { events: 7 }, { events: [7, {}, [], null, { room_id: 7 }] }]
    for (const answer of nonsense) {
      const last = line.say('last', { prevEvents: [nowhere('gone')] })
      await attack([last], (operation) => (operation === 'get_missing_events' ? answer : undefined), true)
      assert.equal(await isShown(line, last), false)
    }
  })
})
