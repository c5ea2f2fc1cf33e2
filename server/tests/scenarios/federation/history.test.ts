/** History from before the server came in: asked for when somebody reads back that far, and shown to who may see it. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  buildEvent,
  type EventDraft,
  type EventId,
  type JoinReply,
  type JsonObject,
  type RoomEvent,
  requireRoomRules,
  type ServerName,
  selectAuthEvents,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import type { Arriving } from '../../../src/rooms/index.ts'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { answerFrom, type PeerLine, sendTransaction, startLine } from '../../kit/peer-events.ts'

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
const rules = requireRoomRules('12')

/** A room that the peer made; its line goes on from the last of the state events. */
function makePeerRoom(visibility = 'shared'): PeerLine {
  const sender = `@pat:${peer.name}` as UserId
  const shared = { sender, originServerTs: Date.now() }
  const content = { room_version: '12' }
  const create = buildEvent(
    rules,
    {
      ...shared,
      roomId: undefined,
      type: 'm.room.create',
      stateKey: '',
      content,
      depth: 1,
      prevEvents: [],
      authEvents: [],
    },
    peer.signer,
  )
  const { roomId } = create
  const events = [create]
  const add = (type: string, stateKey: string, value: JsonObject) => {
    const subject = { type, stateKey, content: value, sender }
    const keys = new Set(selectAuthEvents(rules, subject).map(([name, key]) => stateKeyOf(name, key)))
    const authEvents = events
      .slice(1)
      .flatMap((one) => (keys.has(stateKeyOf(one.type, one.stateKey!)) ? one.eventId : []))
    const place = { depth: events.length + 1, prevEvents: [events.at(-1)!.eventId], authEvents }
    events.push(buildEvent(rules, { ...shared, ...subject, roomId, ...place }, peer.signer))
  }
  add('m.room.member', sender, { membership: 'join' })
  add('m.room.power_levels', '', { users: {} })
  add('m.room.join_rules', '', { join_rule: 'public' })
  add('m.room.history_visibility', '', { history_visibility: visibility })
  const reply = { authChain: [] } as unknown as JoinReply
  return startLine(peer, { roomId, version: '12', state: events, reply, join: events.at(-1)! })
}

const arrivingOf = (event: RoomEvent): Arriving => ({ event, isAuthoriserSigned: true, isPolicySigned: true })

/** The user joins the room as it is at the end of the line. */
async function enter(line: PeerLine, { userId }: TestUser): Promise<void> {
  const { rooms, names, domains } = server.program.components
  const { roomId } = line.room
  const state = [...line.state.values()]
  const [room] = (await names.intern([roomId])) as [number]
  const where = { room, roomId, rules }
  const subject = { type: 'm.room.member', stateKey: userId, sender: userId as UserId, content: { membership: 'join' } }
  const keys = selectAuthEvents(rules, subject).map(([type, key]) => stateKeyOf(type, key))
  const draft: EventDraft = {
    ...{ ...subject, roomId, originServerTs: Date.now(), depth: line.depth + 1, prevEvents: line.tips },
    authEvents: keys.flatMap((key) => line.state.get(key)?.eventId ?? []),
  }
  const join = buildEvent(rules, draft, domains.findSigner(server.serverName as ServerName)!)
  await rooms.storeOutliers(
    where,
    [...line.events.values()].filter((event) => event.stateKey !== undefined).map(arrivingOf),
  )
  const stateBefore = state.map(({ eventId }) => eventId)
  const receipt = await rooms.enter(where, { ...arrivingOf(join), stateBefore })
  assert.equal(receipt.kind, 'accepted')
  line.events.set(join.eventId, join)
  line.state.set(stateKeyOf('m.room.member', userId), join)
  line.tips = [join.eventId]
  line.depth = join.depth
}

type Page = { chunk: { event_id: EventId; type: string; content: { body?: string } }[]; end?: string }

const readPage = async ({ room }: PeerLine, limit: number, from = '', user = ann) =>
  (await user.ok('GET', `rooms/${encode(room.roomId)}/messages?dir=b&limit=${limit}${from}`)) as unknown as Page

/** Everything that pagination tells, newest first, and how many pages that took. */
async function readAll(line: PeerLine, limit: number, user = ann): Promise<{ chunk: Page['chunk']; pages: number }> {
  const chunk: Page['chunk'] = []
  let from = ''
  for (let pages = 1; pages < 100; pages++) {
    const page = await readPage(line, limit, from, user)
    chunk.push(...page.chunk)
    if (page.end === undefined) return { chunk, pages }
    from = `&from=${page.end}`
  }
  throw new Error('pagination never ends')
}

const textsOf = (chunk: Page['chunk']) => chunk.flatMap(({ content }) => content.body ?? [])
const askedFor = (what: string) => peer.asked.filter(({ path }) => path.includes(`/v1/${what}/`)).length

describe('reading back beyond what is here', () => {
  it('asks other servers until the beginning is reached, each event once and in order', async () => {
    const line = makePeerRoom()
    const said = Array.from({ length: 230 }, (_, index) => line.say(`${index}`))
    await enter(line, ann)
    answerFrom(peer, line)
    peer.asked.length = 0
    const { chunk } = await readAll(line, 40)
    assert.deepEqual(
      textsOf(chunk),
      said.map((_, index) => `${229 - index}`),
    )
    assert.equal(chunk.at(-1)?.type, 'm.room.create')
    assert.equal(new Set(chunk.map(({ event_id: id }) => id)).size, chunk.length)
    assert.ok(askedFor('backfill') <= 4, `${askedFor('backfill')}`)
    const asked = peer.asked.length
    assert.deepEqual(textsOf((await readAll(line, 100)).chunk), textsOf(chunk))
    assert.equal(peer.asked.length, asked, 'what is here is not asked for again')
  })

  it('changes nothing of the room as it is, and tells nobody', async () => {
    const line = makePeerRoom()
    line.add({ type: 'm.room.name', stateKey: '', content: { name: 'before' } })
    line.add({ type: 'm.room.name', stateKey: '', content: { name: 'after' } })
    await enter(line, ann)
    answerFrom(peer, line)
    const { rooms } = server.program.components
    const info = await rooms.findRoom(line.room.roomId)
    const since = String((await ann.ok('GET', 'sync')).next_batch)
    await readAll(line, 50)
    assert.deepEqual(await rooms.findRoom(line.room.roomId), info)
    const sync = await ann.ok('GET', `sync?since=${since}`)
    assert.equal((sync.rooms as JsonObject | undefined)?.join, undefined)
    const name = await ann.ok('GET', `rooms/${encode(line.room.roomId)}/state/m.room.name`)
    assert.equal(name.name, 'after')
    const next = line.say('next')
    await sendTransaction(peer, server, [next])
    assert.deepEqual(await rooms.listExtremities(info!.room), [next.eventId])
  })

  it('fills a gap in the middle where it is', async () => {
    const line = makePeerRoom()
    await enter(line, ann)
    const old = line.say('old')
    await sendTransaction(peer, server, [old])
    const missed = Array.from({ length: 130 }, (_, index) => line.say(`${index}`))
    const last = line.say('last')
    line.say('newest')
    // The room is left, and entered again: what was said meanwhile is not here.
    const { rooms } = server.program.components
    const { room } = (await rooms.findRoom(line.room.roomId))!
    const stateBefore = [...line.state.values()].map(({ eventId }) => eventId)
    const [receipt] = await rooms.receive(room, [{ ...arrivingOf(last), stateBefore }])
    assert.equal(receipt?.kind, 'accepted')
    answerFrom(peer, line)
    const expected = ['last', ...missed.map((_, index) => `${129 - index}`), 'old']
    for (const limit of [20, 500]) assert.deepEqual(textsOf((await readAll(line, limit)).chunk), expected, `${limit}`)
  })

  it('shows nothing that the reader may not see, nor what was redacted or forged', async () => {
    const hidden = makePeerRoom('joined')
    hidden.say('before')
    await enter(hidden, ann)
    answerFrom(peer, hidden)
    assert.deepEqual(textsOf((await readAll(hidden, 50)).chunk), [])

    const line = makePeerRoom()
    line.say('first')
    const regretted = line.say('regretted')
    const forged = line.say('forged', { prevEvents: line.tips })
    line.add({ type: 'm.room.redaction', content: { redacts: regretted.eventId } })
    line.events.set(forged.eventId, { ...forged, pdu: { ...forged.pdu, signatures: {} } })
    line.tips = [...line.tips, forged.eventId]
    line.say('last')
    await enter(line, ann)
    answerFrom(peer, line)
    assert.deepEqual(textsOf((await readAll(line, 50)).chunk), ['last', 'first'])
  })

  it('ends with what is here if nobody tells more', async () => {
    const line = makePeerRoom()
    line.say('before')
    await enter(line, ann)
    for (const answer of [undefined, { status: 403, body: {} }, { status: 200, body: { pdus: 1 } }]) {
      peer.answer = () => answer
      server.clock.turn(120_000)
      const page = await readPage(line, 50)
      assert.deepEqual([page.chunk.length, page.end], [1, undefined])
    }
    answerFrom(peer, line)
    assert.deepEqual(textsOf((await readAll(line, 50)).chunk), [], 'the room is left alone for a while')
    server.clock.turn(120_000)
    assert.deepEqual(textsOf((await readAll(line, 50)).chunk), ['before'])
  })
})
