/** What other servers send arrives, once, whatever it rests on; what is wrong with it costs its neighbours nothing. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  type EventId,
  type JsonObject,
  type RoomEvent,
  requireRoomRules,
  roomVersions,
  signEvent,
} from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'
import { answerFrom, type PeerLine, resultsOf, sendTransaction, startLine } from '../../kit/peer-events.ts'
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
const send = (events: readonly (RoomEvent | JsonObject)[], id?: string) => sendTransaction(peer, server, events, [], id)

async function openLine(request: object = {}): Promise<PeerLine> {
  const body = { preset: 'public_chat', ...request }
  const roomId = String((await ann.ok('POST', 'createRoom', body)).room_id)
  return startLine(peer, await joinAsPeer(peer, server, roomId))
}

/** Texts of the newest messages, oldest first. */
async function readTexts({ room }: PeerLine): Promise<unknown[]> {
  const page = await ann.ok('GET', `rooms/${encode(room.roomId)}/messages?dir=b&limit=50`)
  const events = (page.chunk as { type: string; content: { body?: string } }[]).reverse()
  return events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body)
}

const statusOf = async ({ room }: PeerLine, eventId: EventId) =>
  (await ann.call('GET', `rooms/${encode(room.roomId)}/event/${encode(eventId)}`)).status

const askedFor = (what: string) => peer.asked.filter(({ path }) => path.includes(`/v1/${what}/`)).length

describe('a transaction', () => {
  for (const version of roomVersions.keys()) {
    it(`brings messages and state that clients see, version ${version}`, async () => {
      const line = await openLine({ room_version: version })
      const since = String((await ann.ok('GET', 'sync')).next_batch)
      const hello = line.say('hello')
      const name = line.add({
        type: 'm.room.member',
        stateKey: line.userId,
        content: { membership: 'join', displayname: 'P' },
      })
      assert.deepEqual(resultsOf(await send([hello, name])), { [hello.eventId]: 'ok', [name.eventId]: 'ok' })
      const sync = await ann.ok('GET', `sync?since=${since}`)
      const { join } = sync.rooms as { join: Record<string, { timeline: { events: JsonObject[] } }> }
      const seen = join[line.room.roomId]!.timeline.events.map((event) => event.event_id)
      assert.deepEqual(seen, [hello.eventId, name.eventId])
      const members = await ann.ok('GET', `rooms/${encode(line.room.roomId)}/joined_members`)
      assert.equal((members.joined as Record<string, JsonObject>)[line.userId]?.display_name, 'P')
    })
  }

  it('is taken once, side by side and after a restart too', async () => {
    const line = await openLine()
    const one = line.say('one')
    const answers = await Promise.all([send([one], 'same'), send([one], 'same')])
    const two = line.say('two')
    await server.restart()
    // The ID says that it was answered: what is in it now does not count.
    answers.push(await send([two], 'same'))
    for (const answer of answers) assert.deepEqual(answer.body, { pdus: { [one.eventId]: {} } })
    assert.deepEqual(await readTexts(line), ['one'])
    assert.deepEqual(resultsOf(await send([one, two])), { [one.eventId]: 'ok', [two.eventId]: 'ok' })
    assert.deepEqual(await readTexts(line), ['one', 'two'])
  })

  it('is refused if it is malformed or too large', async () => {
    const line = await openLine()
    const pdus = Array.from({ length: 51 }, () => ({}))
    assert.equal(codeOf(await send(pdus)), '400 M_INVALID_PARAM')
    const edus = Array.from({ length: 101 }, () => ({ edu_type: 'x', content: {} }))
    assert.equal(codeOf(await sendTransaction(peer, server, [], edus)), '400 M_INVALID_PARAM')
    const path = '/_matrix/federation/v1/send/bad'
    for (const body of [{}, { pdus: {} }, { pdus: [], origin: 'other.example' }]) {
      assert.equal(codeOf(await peer.ask(server.serverName, 'PUT', path, body)), '400 M_INVALID_PARAM')
    }
    assert.equal((await send([line.say('at the limit'), ...pdus.slice(2)])).status, 200)
    assert.deepEqual(await readTexts(line), ['at the limit'])
  })
})

describe('an event that cannot be taken', () => {
  it('is named with the reason, and its neighbours are taken', async () => {
    const line = await openLine()
    const forged = line.say('forged', { prevEvents: line.tips })
    const unsigned = { ...forged.pdu, signatures: {} }
    const otherHand = { ...forged.pdu, signatures: { [peer.name]: { [peer.key.keyId]: 'A'.repeat(86) } } }
    const tooOld = line.say('x'.repeat(70_000).slice(0, 60_000), { prevEvents: line.tips })
    const large = { ...tooOld.pdu, content: { body: 'x'.repeat(70_000) } }
    const good = line.say('good')
    const unknown = { ...good.pdu, room_id: `!unknown:${server.serverName}` }
    const answer = await send([unsigned, otherHand, large, unknown, {}, good])
    const results = resultsOf(answer)
    assert.match(results[forged.eventId]!, /not signed/)
    assert.equal(results[good.eventId], 'ok')
    assert.deepEqual(await readTexts(line), ['good'])
  })

  it('is redacted if its hash is wrong', async () => {
    const line = await openLine()
    const rules = requireRoomRules(line.room.version)
    const event = line.say('as it was')
    const changed = signEvent(rules, { ...event.pdu, content: { body: 'as it is not' } }, peer.signer)
    assert.deepEqual(resultsOf(await send([changed])), { [event.eventId]: 'ok' })
    assert.deepEqual(await readTexts(line), [undefined])
  })

  it('is hidden if it is against the rules, and so is what rests on it', async () => {
    const line = await openLine()
    const seizing = line.add({
      ...{ type: 'm.room.power_levels', stateKey: '', prevEvents: line.tips },
      content: { users: { [line.userId]: 100 } },
    })
    const next = line.say('by that power', {
      prevEvents: [seizing.eventId],
      authEvents: [...line.say('x', { prevEvents: line.tips }).authEvents, seizing.eventId],
    })
    const foreign = line.say('as ann', { sender: ann.userId as never, prevEvents: line.tips })
    const good = line.say('good')
    const results = resultsOf(await send([seizing, next, foreign, good]))
    assert.match(results[foreign.eventId]!, /not signed/)
    await waitFor('the good one', async () => ((await readTexts(line)).includes('good') ? true : undefined))
    assert.deepEqual(await readTexts(line), ['good'])
    for (const event of [seizing, next]) assert.equal(await statusOf(line, event.eventId), 404)
    const levels = await ann.ok('GET', `rooms/${encode(line.room.roomId)}/state/m.room.power_levels`)
    assert.equal((levels.users as JsonObject)[line.userId], undefined)
  })

  it('is refused from a server that is shut out or not in the room, and in rooms that nobody here is in', async () => {
    const stranger = await startPeer(11)
    try {
      const line = await openLine()
      const fromOutside = await sendTransaction(stranger, server, [line.say('relayed', { prevEvents: line.tips })])
      assert.deepEqual(Object.values(resultsOf(fromOutside)), ['ok'])
      const roomPath = `rooms/${encode(line.room.roomId)}`
      await ann.ok('PUT', `${roomPath}/state/m.room.server_acl/`, {
        allow: ['*'],
        deny: ['localhost'],
        allow_ip_literals: true,
      })
      const late = line.say('late')
      assert.match(resultsOf(await send([late]))[late.eventId]!, /shut out/)
      assert.deepEqual(await readTexts(line), ['relayed'])
      const left = await openLine()
      await ann.ok('POST', `rooms/${encode(left.room.roomId)}/leave`)
      const unheard = left.say('unheard')
      assert.deepEqual((await send([unheard])).body, { pdus: {} })
      const { rooms } = server.program.components
      assert.equal(await rooms.findEvent(unheard.eventId), undefined)
    } finally {
      await stranger.close()
    }
  })
})

describe('an event with a gap before it', () => {
  it('arrives after the events between, in their order, without a question about the state', async () => {
    const line = await openLine()
    const expected = Array.from({ length: 25 }, (_, index) => `${index}`)
    for (const text of expected) line.say(text)
    answerFrom(peer, line)
    peer.asked.length = 0
    const last = line.say('last')
    assert.deepEqual(resultsOf(await send([last])), { [last.eventId]: 'ok' })
    await waitFor('the last', async () => ((await readTexts(line)).includes('last') ? true : undefined))
    assert.deepEqual(await readTexts(line), [...expected, 'last'])
    assert.deepEqual([askedFor('state_ids'), askedFor('state'), askedFor('get_missing_events')], [0, 0, 2])
    const question = peer.asked.find(({ path }) => path.includes('get_missing_events'))?.body
    assert.deepEqual([question?.earliest_events, question?.latest_events], [[line.room.join.eventId], [last.eventId]])
  })

  it('is dropped if its server does not tell what it follows; told later, it arrives', async () => {
    const line = await openLine()
    const hidden = line.say('hidden')
    const next = line.say('next')
    peer.answer = () => ({ status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Not here.' } })
    peer.asked.length = 0
    await send([next])
    await waitFor('the question', () => (askedFor('get_missing_events') > 0 ? true : undefined))
    const { store } = server.program.components
    await waitFor('an empty queue', async () => ((await countRows(store)) === 0 ? true : undefined))
    assert.equal(await statusOf(line, next.eventId), 404)
    assert.equal(askedFor('state_ids'), 0)
    await send([hidden])
    await send([next])
    assert.deepEqual(await readTexts(line), ['hidden', 'next'])
  })

  it('is tried again when its server answers again, after a restart too', async () => {
    const line = await openLine()
    line.say('between')
    const last = line.say('last')
    peer.answer = () => undefined
    peer.asked.length = 0
    assert.deepEqual(resultsOf(await send([last])), { [last.eventId]: 'ok' })
    await waitFor('the question', () => (askedFor('get_missing_events') > 0 ? true : undefined))
    assert.equal(await countRows(server.program.components.store), 1)
    await server.restart()
    assert.equal(await countRows(server.program.components.store), 1)
    answerFrom(peer, line)
    // Whatever it asks says that it is there again.
    await send([])
    await waitFor('the last', async () => ((await readTexts(line)).includes('last') ? true : undefined))
    assert.deepEqual(await readTexts(line), ['between', 'last'])
    const { store } = server.program.components
    await waitFor('an empty queue', async () => ((await countRows(store)) === 0 ? true : undefined))
  })
})

type TimelinePart = { timeline: { events: { content: { body?: string } }[]; limited: boolean } }

describe('an event whose gap is not closed by the events between', () => {
  const rename = (line: PeerLine, name: string) =>
    line.add({ type: 'm.room.member', stateKey: line.userId, content: { membership: 'join', displayname: name } })

  it('is taken on the state that its server tells of those before', async () => {
    const line = await openLine()
    const since = String((await ann.ok('GET', 'sync')).next_batch)
    await send([line.say('before')])
    const lost = [line.say('lost'), rename(line, 'Patricia'), line.say('lost too')]
    const bottom = line.say('bottom')
    line.say('above')
    const last = line.say('last')
    answerFrom(peer, line, new Set([...lost, bottom].map(({ eventId }) => eventId)))
    peer.asked.length = 0
    await send([last])
    await waitFor('the last', async () => ((await readTexts(line)).includes('last') ? true : undefined))
    assert.deepEqual(await readTexts(line), ['before', 'bottom', 'above', 'last'])
    assert.deepEqual([askedFor('state_ids'), askedFor('state')], [1, 0])
    for (const query of ['', `?since=${since}`]) {
      const { rooms } = (await ann.ok('GET', `sync${query}`)) as { rooms: { join: Record<string, TimelinePart> } }
      const { timeline } = rooms.join[line.room.roomId]!
      const texts = timeline.events.map(({ content }) => content.body)
      assert.deepEqual([texts, timeline.limited], [['bottom', 'above', 'last'], true], 'what is missing is not hidden')
    }
    const members = await ann.ok('GET', `rooms/${encode(line.room.roomId)}/joined_members`)
    assert.equal((members.joined as Record<string, JsonObject>)[line.userId]?.display_name, 'Patricia')
  })

  it('is taken on the state before the oldest that is told, if its server tells few at a time', async () => {
    const line = await openLine()
    rename(line, 'Petra')
    const texts = Array.from({ length: 40 }, (_, index) => `${index}`)
    for (const text of texts) line.say(text)
    const last = line.say('last')
    answerFrom(peer, line)
    const { answer } = peer
    peer.answer = (request) => answer({ ...request, body: { ...request.body, limit: 10 } })
    peer.asked.length = 0
    await send([last])
    await waitFor('the last', async () => ((await readTexts(line)).includes('last') ? true : undefined))
    assert.deepEqual([askedFor('get_missing_events'), askedFor('state_ids')], [2, 1])
    assert.deepEqual(await readTexts(line), [...texts, 'last'], 'the rest is had by reading back')
    const members = await ann.ok('GET', `rooms/${encode(line.room.roomId)}/joined_members`)
    assert.equal((members.joined as Record<string, JsonObject>)[line.userId]?.display_name, 'Petra')
  })

  it('is dropped if it is the one that was sent, whatever its server tells of the state', async () => {
    const line = await openLine()
    const lost = rename(line, 'Liar')
    const last = line.say('last')
    answerFrom(peer, line, new Set([lost.eventId]))
    peer.asked.length = 0
    await send([last])
    await waitFor('an empty queue', async () =>
      askedFor('get_missing_events') > 0 && (await countRows(server.program.components.store)) === 0 ? true : undefined,
    )
    assert.equal(askedFor('state_ids'), 0)
    assert.deepEqual(await readTexts(line), [])
  })

  it('makes the server ask a bounded number of times, and no other room waits for it', async () => {
    const line = await openLine()
    const other = await openLine()
    let asked = 0
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    // Each answer tells more events, of which one follows one that nobody tells.
    peer.answer = async ({ path }) => {
      if (!path.includes('get_missing_events')) return { status: 404, body: {} }
      asked++
      if (asked === 3) await held
      const event = line.say('below', { prevEvents: [`$${'x'.repeat(38)}${1000 + asked}A` as EventId] })
      const more = Array.from({ length: 19 }, (_, index) => line.say(`${asked} ${index}`))
      return { status: 200, body: { events: [...more, event].map(({ pdu }) => pdu) } }
    }
    const last = line.say('last', { prevEvents: [`$${'x'.repeat(42)}A` as EventId] })
    assert.deepEqual(resultsOf(await send([last])), { [last.eventId]: 'ok' })
    await waitFor('the third question', () => (asked === 3 ? true : undefined))
    await send([other.say('beside')])
    assert.deepEqual(await readTexts(other), ['beside'])
    release()
    await waitFor('an empty queue', async () =>
      (await countRows(server.program.components.store)) === 0 ? true : undefined,
    )
    assert.ok(asked <= 60, `${asked}`)
    const texts = await readTexts(line)
    assert.ok(!texts.includes('last') && !texts.includes('below'))
  })
})

describe('an event that cites others that are not here', () => {
  it('is judged by them once they are told; what rests on a rejected one is rejected', async () => {
    const line = await openLine()
    const rejected = line.add({
      ...{ type: 'm.room.power_levels', stateKey: '', prevEvents: line.tips, content: { users: {} } },
    })
    await send([rejected])
    const probe = line.say('probe', { prevEvents: line.tips })
    const outlier = line.add({
      ...{ type: 'm.room.member', stateKey: line.userId, content: { membership: 'join', test: 1 } },
      ...{ prevEvents: line.tips, authEvents: [...probe.authEvents, rejected.eventId] },
    })
    const citing = line.say('citing', { authEvents: [...probe.authEvents, outlier.eventId] })
    const last = line.say('last')
    answerFrom(peer, line)
    peer.asked.length = 0
    await send([citing, last])
    await waitFor('the last', async () => ((await readTexts(line)).includes('last') ? true : undefined))
    assert.deepEqual(await readTexts(line), ['last'])
    assert.equal(askedFor('event_auth'), 1)
    for (const event of [rejected, outlier, citing]) assert.equal(await statusOf(line, event.eventId), 404)
  })
})

async function countRows({
  reader,
}: {
  reader: InProcess['program']['components']['store']['reader']
}): Promise<number> {
  return (await reader.all`SELECT position FROM inbox_event`).length
}
