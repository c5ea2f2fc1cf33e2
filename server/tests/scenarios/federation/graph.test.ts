/** One room on several servers, without a network between: whatever order events arrive in, all end with one state. */

import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import {
  buildEvent,
  type EventDraft,
  type EventId,
  type JsonObject,
  type RoomEvent,
  type RoomId,
  roomVersions,
  selectAuthEvents,
} from '@parallax/protocol'
import { arrivingOf, deliver, joinByWayOf, requireRoom, signerOf, stateOf } from '../../kit/exchange.ts'
import { type House, makeRoom, openHouse, readState, say, setState, type TestUser } from '../../kit/rooms.ts'

type Pair = { a: House; b: House; ann: TestUser; bob: TestUser; roomId: RoomId }

async function openPair(t: TestContext, version = '12', request: object = {}): Promise<Pair> {
  const [a, b] = await Promise.all([openHouse({ name: 'a.example' }), openHouse({ name: 'b.example' })])
  t.after(() => Promise.all([a.close(), b.close()]))
  const [ann, bob] = await Promise.all([a.user('ann'), b.user('bob')])
  const roomId = await makeRoom(a, ann, { room_version: version, ...request })
  await joinByWayOf(a, b, roomId, bob.userId)
  return { a, b, ann, bob, roomId }
}

async function kindsOf(delivered: Promise<readonly { kind: string }[]>): Promise<string[]> {
  return (await delivered).map(({ kind }) => kind)
}

async function assertSame({ a, b, roomId }: Pair): Promise<void> {
  assert.deepEqual(await stateOf(a, roomId), await stateOf(b, roomId))
  const [here, there] = await Promise.all([requireRoom(a, roomId), requireRoom(b, roomId)])
  assert.deepEqual([here.joinedCount, here.invitedCount], [there.joinedCount, there.invitedCount])
}

/** An event that its server would not make: signed, but as the test says. */
async function forge(pair: Pair, sender: string, change: Partial<EventDraft> & { type: string }): Promise<RoomEvent> {
  const { a, roomId } = pair
  const { room, rules, snapshot } = await requireRoom(a, roomId)
  const { rooms, names } = a.parts
  const prevEvents = await rooms.listExtremities(room)
  const subject = { sender, content: {}, stateKey: undefined, ...change }
  const keys = selectAuthEvents(rules, subject).map(([type, key]) => `${type.length}:${type}${key}`)
  const slots = (await names.find(keys)).filter((slot) => slot !== undefined)
  const numbers = (await rooms.findState(snapshot, slots)).filter((number) => number !== undefined)
  const authEvents = (await rooms.listEvents(numbers)).map(({ eventId }) => eventId)
  const draft = { roomId, originServerTs: Date.now(), depth: 50, prevEvents, authEvents, ...subject } as EventDraft
  return buildEvent(rules, draft, signerOf(sender.split(':')[1]!))
}

it('is entered by two users at once, of whom one is told of the other before that one is in', async (t) => {
  const [a, b] = await Promise.all([openHouse({ name: 'a.example' }), openHouse({ name: 'b.example' })])
  t.after(() => Promise.all([a.close(), b.close()]))
  const ann = await a.user('ann')
  const [bob, carl] = await Promise.all([b.user('bob'), b.user('carl')])
  const roomId = await makeRoom(a, ann, {})
  const bobSent = Promise.withResolvers<void>()
  const carlStored = Promise.withResolvers<void>()
  const bobJoins = joinByWayOf(a, b, roomId, bob.userId, () => {
    bobSent.resolve()
    return carlStored.promise
  })
  await bobSent.promise
  await joinByWayOf(a, b, roomId, carl.userId, () => {
    carlStored.resolve()
    return bobJoins
  })
  await assertSame({ a, b, ann, bob, roomId })
  const hello = await say(b, bob, roomId, 'hello')
  assert.deepEqual(await kindsOf(deliver(b, a, roomId, [hello])), ['accepted'])
  await assertSame({ a, b, ann, bob, roomId })
})

describe('a room of two servers', () => {
  for (const version of roomVersions.keys()) {
    it(`goes on in both directions, version ${version}`, async (t) => {
      const pair = await openPair(t, version)
      const { a, b, ann, bob, roomId } = pair
      await assertSame(pair)
      const hello = await say(a, ann, roomId, 'hello')
      const topic = await setState(a, ann, roomId, ['m.room.topic', ''], { topic: 'one' })
      assert.deepEqual(await kindsOf(deliver(a, b, roomId, [topic])), ['accepted', 'accepted'])
      assert.deepEqual(await kindsOf(deliver(a, b, roomId, [hello, topic])), ['accepted', 'accepted'])
      const answer = await say(b, bob, roomId, 'hello yourself')
      assert.deepEqual(await kindsOf(deliver(b, a, roomId, [answer])), ['accepted'])
      assert.equal((await readState(b, bob, roomId, 'm.room.topic')).topic, 'one')
      await assertSame(pair)
    })

    it(`resolves what both set at once, version ${version}`, async (t) => {
      const pair = await openPair(t, version, { power_level_content_override: { state_default: 0 } })
      const { a, b, ann, bob, roomId } = pair
      const before = await say(a, ann, roomId, 'before')
      await deliver(a, b, roomId, [before])
      const byAnn = [
        await setState(a, ann, roomId, ['m.room.topic', ''], { topic: 'of ann' }),
        await setState(a, ann, roomId, ['m.room.name', ''], { name: 'of ann' }),
      ]
      const byBob = [
        await setState(b, bob, roomId, ['m.room.topic', ''], { topic: 'of bob' }),
        await say(b, bob, roomId, 'beside'),
      ]
      assert.deepEqual(await kindsOf(deliver(a, b, roomId, byAnn)), ['accepted', 'accepted'])
      assert.deepEqual(await kindsOf(deliver(b, a, roomId, byBob)), ['accepted', 'accepted'])
      await assertSame(pair)
      const joined = await say(b, bob, roomId, 'both seen')
      assert.deepEqual(await kindsOf(deliver(b, a, roomId, [joined])), ['accepted'])
      const { room } = await requireRoom(a, roomId)
      assert.deepEqual(await a.parts.rooms.listExtremities(room), [joined])
      await setState(a, ann, roomId, ['m.room.topic', ''], { topic: 'after' })
      await assertSame({ ...pair, b: a })
    })
  }

  it('keeps its state over restarts', async (t) => {
    const pair = await openPair(t)
    const { a, b, ann, bob, roomId } = pair
    await setState(a, ann, roomId, ['m.room.topic', ''], { topic: 'x' })
    const last = await say(a, ann, roomId, 'last')
    await b.restart()
    assert.deepEqual(await kindsOf(deliver(a, b, roomId, [last])), ['accepted', 'accepted'])
    await b.restart()
    await assertSame(pair)
    assert.equal((await readState(b, bob, roomId, 'm.room.topic')).topic, 'x')
    const rejoined = await say(b, bob, roomId, 'still here')
    assert.deepEqual(await kindsOf(deliver(b, a, roomId, [rejoined])), ['accepted'])
  })
})

describe('the history of a room that another server made', () => {
  it('is hidden from who came later, if the state that was told says so', async (t) => {
    const visibility = { type: 'm.room.history_visibility', state_key: '', content: { history_visibility: 'joined' } }
    const pair = await openPair(t, '12', { initial_state: [visibility] })
    const { a, b, ann, bob, roomId } = pair
    const before = await say(a, ann, roomId, 'before')
    await deliver(a, b, roomId, [before])
    const carol = await b.user('carol')
    const joined = await setState(b, carol, roomId, ['m.room.member', carol.userId], { membership: 'join' })
    await deliver(b, a, roomId, [joined])
    const after = await say(a, ann, roomId, 'after')
    await deliver(a, b, roomId, [after])
    const { room } = await requireRoom(b, roomId)
    const events = await b.parts.rooms.listEventsById([before, after])
    const seenBy = async (user: TestUser) => {
      const visible = await b.parts.rooms.filterVisible(room, user.userId, events)
      return visible.map(({ eventId }) => eventId).sort()
    }
    assert.deepEqual(await seenBy(bob), [before, after].sort())
    assert.deepEqual(await seenBy(carol), [after])
    const toServer = await b.parts.rooms.filterVisibleToServer(room, 'c.example' as never, events)
    assert.deepEqual(toServer, [])
  })
})

describe('an event of another server', () => {
  it('is hidden, but not lost, if its sender was banned meanwhile', async (t) => {
    const pair = await openPair(t)
    const { a, b, ann, bob, roomId } = pair
    const late = await say(b, bob, roomId, 'late')
    const ban = await setState(a, ann, roomId, ['m.room.member', bob.userId], { membership: 'ban' })
    assert.deepEqual(await kindsOf(deliver(b, a, roomId, [late])), ['soft-failed'])
    assert.deepEqual(await kindsOf(deliver(b, a, roomId, [late])), ['soft-failed'])
    const { room } = await requireRoom(a, roomId)
    assert.deepEqual(await a.parts.rooms.listExtremities(room), [ban])
    const timeline = await a.parts.rooms.listTimeline(room, { direction: 'backwards', limit: 1 })
    assert.equal(timeline[0]?.eventId, ban)
    assert.deepEqual(await kindsOf(deliver(a, b, roomId, [ban])), ['accepted'])
    await assertSame(pair)
    assert.equal((await requireRoom(b, roomId)).joinedCount, 1)
  })

  it('is rejected if it is against the rules, and so is what rests on it', async (t) => {
    const pair = await openPair(t)
    const { a, b, ann, bob, roomId } = pair
    const { room, rules } = await requireRoom(a, roomId)
    const receive = async (event: RoomEvent) => {
      const [receipt] = await a.parts.rooms.receive(room, [arrivingOf(rules, event.pdu, roomId)])
      return receipt!
    }
    const tips = await a.parts.rooms.listExtremities(room)
    const state = await stateOf(a, roomId)
    const levels = { users: { [bob.userId]: 100 } }
    const seizing = await forge(pair, bob.userId, { type: 'm.room.power_levels', stateKey: '', content: levels })
    const seized = await receive(seizing)
    assert.equal(seized.kind, 'rejected')
    const kick = { type: 'm.room.member', stateKey: ann.userId, content: { membership: 'leave' } }
    const own = await forge(pair, bob.userId, kick)
    const citing = [...own.authEvents.filter((id) => id !== state['19:m.room.power_levels']), seizing.eventId]
    assert.equal((await receive(await forge(pair, bob.userId, { ...kick, authEvents: citing }))).kind, 'rejected')
    assert.deepEqual(await a.parts.rooms.listExtremities(room), tips)
    assert.deepEqual(await stateOf(a, roomId), state)
    const after = await say(b, bob, roomId, 'nothing happened')
    assert.deepEqual(await kindsOf(deliver(b, a, roomId, [after])), ['accepted'])
  })

  it('waits for what it rests on', async (t) => {
    const { a, b, ann, roomId } = await openPair(t)
    const first = await say(a, ann, roomId, 'first')
    const second = await say(a, ann, roomId, 'second')
    const { room, rules } = await requireRoom(b, roomId)
    const arriving = async (id: EventId, more: object = {}) => {
      const stored = (await a.parts.rooms.findEvent(id))!
      return arrivingOf(rules, JSON.parse(`{${stored.body},${stored.rest}}`) as JsonObject, roomId, more)
    }
    const [lacking] = await b.parts.rooms.receive(room, [await arriving(second)])
    assert.deepEqual(lacking, { kind: 'lacking', authEvents: [], prevEvents: [first] })
    const stateBefore = Object.values(await stateOf(a, roomId)) as EventId[]
    const [told] = await b.parts.rooms.receive(room, [await arriving(second, { stateBefore })])
    assert.equal(told?.kind, 'accepted')
    const [filled] = await b.parts.rooms.receive(room, [await arriving(first, { stateBefore })])
    assert.equal(filled?.kind, 'accepted')
    assert.ok(!(await b.parts.rooms.listExtremities(room)).includes(first), 'it is followed already')
    assert.deepEqual(await stateOf(a, roomId), await stateOf(b, roomId))
  })

  it('may be redacted before it is here', async (t) => {
    for (const version of ['2', '10', '12']) {
      const pair = await openPair(t, version)
      const { a, b, ann, roomId } = pair
      const bad = await say(a, ann, roomId, 'bad')
      const { eventId } = await a.parts.flows.redact(ann, { roomId, eventId: bad, transactionId: 'r' } as never)
      const { room, rules } = await requireRoom(b, roomId)
      const arriving = async (id: EventId) => {
        const stored = (await a.parts.rooms.findEvent(id))!
        const stateBefore = Object.values(await stateOf(a, roomId)) as EventId[]
        return arrivingOf(rules, JSON.parse(`{${stored.body},${stored.rest}}`) as JsonObject, roomId, { stateBefore })
      }
      assert.equal((await b.parts.rooms.receive(room, [await arriving(eventId)]))[0]?.kind, 'accepted')
      assert.equal((await b.parts.rooms.receive(room, [await arriving(bad)]))[0]?.kind, 'accepted')
      const stored = await b.parts.rooms.findEvent(bad)
      assert.notEqual(stored?.redactedBy, null)
      assert.ok(!stored!.body.includes('bad'), stored!.body)
    }
  })
})
