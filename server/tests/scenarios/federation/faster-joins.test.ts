/**
 * Rooms that are joined without all of their members: used at once, whole a little later. What comes meanwhile counts
 * in the end as if the whole state had been there from the beginning. Spec: MSC3706, MSC3902.
 */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { buildEvent, type RoomEvent, requireRoomRules, roomVersions, stateKeyOf } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'
import { hostPartialRoom, joinAs, type PartialHost } from '../../kit/partial-rooms.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { resultsOf, sendTransaction } from '../../kit/peer-events.ts'
import { waitFor } from '../../kit/wait-for.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

const encode = encodeURIComponent
let one: InProcess
let two: InProcess
let ann: TestUser
let bob: TestUser
let peer: Peer
let third: Peer

before(async () => {
  one = await startFederated()
  two = await startFederated('federation: { fasterJoins: true }')
  ann = await one.register('ann')
  bob = await two.register('bob')
  peer = await startPeer()
  third = await startPeer(7)
})
after(async () => {
  await Promise.all([one.close(), two.close()])
  await Promise.all([peer.close(), third.close()])
})

const at = (roomId: string, rest: string) => `rooms/${encode(roomId)}/${rest}`

async function stateOf(viewer: TestUser, roomId: string): Promise<string[]> {
  const state = (await viewer.ok('GET', at(roomId, 'state'))) as AnyJson
  return state.map((event: AnyJson) => event.event_id).sort()
}

const completeSince = async (roomId: string) =>
  (await two.program.components.rooms.findRoom(roomId as never))?.completeSince
const awaitWhole = (roomId: string) => waitFor('the whole state', () => completeSince(roomId))

/** Turns the clock now and then: a request that is under way meanwhile counts as too slow. */
const awaitWholeTurning = (roomId: string, polls = { count: 0 }) =>
  waitFor('the whole state', () => {
    if (++polls.count % 10 === 0) two.clock.turn(700_000)
    return completeSince(roomId)
  })

const lazy = encode(JSON.stringify({ room: { state: { lazy_load_members: true } } }))
const syncLazily = async (since = '') => (await bob.ok('GET', `sync?filter=${lazy}${since}`)) as AnyJson
const syncAll = async (since = '') => (await bob.ok('GET', `sync?timeout=0${since}`)) as AnyJson

/** bob is in, without members. */
async function joinPartly(members: readonly string[] = ['mia', 'ben'], options = {}): Promise<PartialHost> {
  const host = hostPartialRoom(peer, members, options)
  await bob.ok('POST', `join/${encode(host.room.roomId)}?via=${encode(peer.name)}`)
  assert.equal(await completeSince(host.room.roomId), undefined)
  return host
}

const of = (localpart: string) => `@${localpart}:${peer.name}` as RoomEvent['sender']
const say = ({ room }: PartialHost, localpart: string, body: string) =>
  room.add({ sender: of(localpart), content: { msgtype: 'm.text', body } })
const send = (...events: RoomEvent[]) => sendTransaction(peer, two, events)
const authOf = ({ room }: PartialHost) =>
  ['m.room.create', 'm.room.power_levels', 'm.room.join_rules'].map(
    (type) => room.state.get(stateKeyOf(type, ''))!.eventId,
  )
const isShownTo = async (viewer: TestUser, roomId: string, eventId: string) =>
  (await viewer.call('GET', at(roomId, `event/${encode(eventId)}`))).status === 200
const isShown = (roomId: string, { eventId }: RoomEvent) => isShownTo(bob, roomId, eventId)
/** What is held back has its time when the members are here. */
const awaitShown = (roomId: string, event: RoomEvent) =>
  waitFor('the event', async () => (await isShown(roomId, event)) || undefined)

async function finish(host: PartialHost): Promise<void> {
  host.release()
  await awaitWhole(host.room.roomId)
}

describe('between two servers of ours', () => {
  for (const version of roomVersions.keys()) {
    it(`a room is whole soon, and both have the same state and members, version ${version}`, async () => {
      const body = { preset: 'public_chat', topic: 'x', room_version: version }
      const roomId = String((await ann.ok('POST', 'createRoom', body)).room_id)
      for (const name of ['carl', 'dora']) {
        await (await one.register(`${name}${version}`)).ok('POST', `join/${encode(roomId)}`)
      }
      await bob.ok('POST', `join/${encode(roomId)}?via=${encode(one.serverName)}`)
      const sent = await bob.ok('PUT', at(roomId, 'send/m.room.message/t1'), { body: 'at once' })
      await awaitWhole(roomId)
      assert.deepEqual(await stateOf(bob, roomId), await stateOf(ann, roomId))
      const { joined } = (await bob.ok('GET', at(roomId, 'joined_members'))) as AnyJson
      assert.equal(Object.keys(joined).length, 4)
      await waitFor('the message', async () => (await isShownTo(ann, roomId, String(sent.event_id))) || undefined)
    })
  }
})

describe('while members are missing', () => {
  it('the room is used: clients that load members lazily see it, others later and then whole', async () => {
    const { next_batch: first } = await syncAll()
    const others = Array.from({ length: 12 }, (_, index) => `other${index}`)
    const host = await joinPartly(['mia', 'ben', ...others])
    const { roomId } = host.room
    const event = say(host, 'mia', 'hello')
    assert.deepEqual(resultsOf(await send(event)), { [event.eventId]: 'ok' })
    await awaitShown(roomId, event)
    await bob.ok('PUT', at(roomId, 'send/m.room.message/t1'), { body: 'hello, all' })
    const lazily = await syncLazily()
    const { timeline, state } = lazily.rooms.join[roomId]
    assert.deepEqual(
      timeline.events.map((one: AnyJson) => one.content.body ?? one.content.membership),
      ['join', 'hello', 'hello, all'],
    )
    assert.ok(state.events.some((one: AnyJson) => one.state_key === of('mia')))
    assert.equal((await syncAll()).rooms?.join?.[roomId], undefined)
    const { next_batch: during, rooms } = await syncAll(`&since=${first}`)
    assert.equal(rooms?.join?.[roomId], undefined)
    await finish(host)
    const whole = (await syncAll(`&since=${during}`)).rooms.join[roomId]
    const users = [...whole.state.events, ...whole.timeline.events].filter((one) => one.type === 'm.room.member')
    assert.deepEqual(
      new Set(users.map((one: AnyJson) => one.state_key)),
      new Set([bob.userId, host.room.host, of('mia'), of('ben'), ...others.map(of)]),
    )
    assert.equal(whole.summary['m.joined_member_count'], 16)
    const after = await syncLazily(`&since=${lazily.next_batch}`)
    assert.ok(others.every((name) => after.device_lists.changed.includes(of(name))))
    // Who loads members lazily is told of those who make up the room's name, and not of all.
    assert.ok((after.rooms.join?.[roomId]?.state?.events.length ?? 0) <= 5)
  })

  it('who asks for all members waits for them', async () => {
    const host = await joinPartly()
    const { roomId } = host.room
    let isAnswered = false
    const paths = ['members', 'joined_members', 'state', `state/m.room.member/${encode(of('ben'))}`]
    const asked = Promise.all(paths.map((path) => bob.ok('GET', at(roomId, path)))).finally(() => {
      isAnswered = true
    })
    await waitFor('the question', () => host.asked || undefined)
    assert.equal(isAnswered, false)
    host.release()
    const [members, joined, state, ben] = (await asked) as AnyJson[]
    assert.equal(members.chunk.length, 4)
    assert.equal(Object.keys(joined.joined).length, 4)
    assert.equal(state.length, 7)
    assert.equal(ben.membership, 'join')
  })

  it('the room is replaced with all bans, when they are known', async () => {
    const host = hostPartialRoom(peer, ['mia'])
    const users = { [host.room.host]: 100, [bob.userId]: 100 }
    host.room.add({ type: 'm.room.power_levels', stateKey: '', content: { users } })
    host.room.add({ type: 'm.room.member', stateKey: of('mia'), content: { membership: 'ban' } })
    const { roomId } = host.room
    await bob.ok('POST', `join/${encode(roomId)}?via=${encode(peer.name)}`)
    const replaced = bob.ok('POST', at(roomId, 'upgrade'), { new_version: '11' })
    await waitFor('the question', () => host.asked || undefined)
    host.release()
    const { replacement_room: successor } = await replaced
    const { membership } = (await bob.ok(
      'GET',
      at(String(successor), `state/m.room.member/${encode(of('mia'))}`),
    )) as AnyJson
    assert.equal(membership, 'ban')
  })

  it('servers that were told to be in the room are told what happens in it', async () => {
    const host = await joinPartly(['mia'], { servers: [peer.name, third.name] })
    third.answer = () => ({ status: 200, body: { pdus: {} } })
    await bob.ok('PUT', at(host.room.roomId, 'send/m.room.message/t1'), { body: 'far and wide' })
    await waitFor('the message', () => {
      return third.asked.find(({ body }) => JSON.stringify(body).includes('far and wide'))
    })
    await finish(host)
  })

  it('servers that were not told to be in it hear of our devices when it is known', async () => {
    const host = await joinPartly(['mia'])
    const user = `@far:${third.name}` as RoomEvent['sender']
    const build = { type: 'm.room.member', sender: user, stateKey: user, content: { membership: 'join' } }
    const far = buildEvent(
      requireRoomRules('11'),
      {
        ...{ roomId: host.room.roomId, originServerTs: Date.now(), depth: 9 },
        ...{ prevEvents: [host.before.at(-1)!.eventId], authEvents: authOf(host), ...build },
      },
      third.signer,
    )
    third.answer = () => ({ status: 200, body: { pdus: {} } })
    host.tellState = (state) => [...state, far]
    await finish(host)
    await waitFor('the devices', () => third.asked.find(({ body }) => JSON.stringify(body).includes(bob.userId)))
  })

  it('other servers do not join by way of this one, and are not told its state', async () => {
    const host = await joinPartly()
    const path = (rest: string) => `/_matrix/federation/v1/${rest}`
    const asked = [
      path(`make_join/${encode(host.room.roomId)}/${encode(of('new'))}?ver=11`),
      path(`make_knock/${encode(host.room.roomId)}/${encode(of('new'))}?ver=11`),
      path(`state_ids/${encode(host.room.roomId)}?event_id=${encode(host.room.tip.eventId)}`),
      path(`state/${encode(host.room.roomId)}?event_id=${encode(host.room.tip.eventId)}`),
    ]
    const answers = await Promise.all(asked.map((one) => peer.ask(two.serverName, 'GET', one)))
    assert.deepEqual(
      answers.map(({ status, body }) => `${status} ${(body as AnyJson).errcode}`),
      [
        ...['404 M_NOT_FOUND', '404 M_NOT_FOUND'],
        ...['403 M_UNABLE_DUE_TO_PARTIAL_STATE', '403 M_UNABLE_DUE_TO_PARTIAL_STATE'],
      ],
    )
    await finish(host)
  })

  it('another user joins, and others are invited, when the members are known', async () => {
    const host = await joinPartly()
    const { roomId, state } = host.room
    const banned = host.room.build({
      ...{ type: 'm.room.member', stateKey: ann.userId, content: { membership: 'ban' } },
      prevEvents: host.before.slice(-1).map(({ eventId }) => eventId),
    })
    host.before = [...host.before, banned]
    state.set('ban', banned)
    const carl = await two.register('carl')
    const joined = carl.ok('POST', `join/${encode(roomId)}`)
    const invited = bob.call('POST', at(roomId, 'invite'), { user_id: ann.userId })
    await waitFor('the question', () => host.asked || undefined)
    host.release()
    assert.equal((await joined).room_id, roomId)
    assert.equal(refusalOf(await invited), '403 M_FORBIDDEN')
  })
})

describe('what comes while members are missing', () => {
  it('of somebody who was banned is taken back, and what follows it stays', async () => {
    const host = await joinPartly()
    const { room } = host
    const cited = room.state.get(stateKeyOf('m.room.member', of('mia')))!
    // Told before the join, but not to us: mia was banned.
    const ban = room.build({
      ...{ type: 'm.room.member', stateKey: of('mia'), content: { membership: 'ban' } },
      prevEvents: [cited.eventId],
    })
    room.events.set(ban.eventId, ban)
    host.before = host.before.map((event) => (event.eventId === cited.eventId ? ban : event))
    room.add({ type: 'm.room.power_levels', stateKey: '', content: { users: { [room.host]: 100 }, state_default: 0 } })
    const lie = say(host, 'mia', 'I was never banned')
    const topic = room.add({ type: 'm.room.topic', stateKey: '', sender: of('mia'), content: { topic: 'mine' } })
    const truth = room.add({ type: 'm.room.name', stateKey: '', content: { name: 'ours' } })
    await send(...[...room.events.values()].slice(-4))
    await awaitShown(room.roomId, truth)
    assert.equal((await bob.ok('GET', at(room.roomId, 'state/m.room.topic/'))).topic, 'mine')
    const { next_batch: during } = await syncLazily()
    await finish(host)
    const shown = await Promise.all([lie, topic, truth].map((event) => isShown(room.roomId, event)))
    assert.deepEqual(shown, [false, false, true])
    assert.equal((await bob.call('GET', at(room.roomId, 'state/m.room.topic/'))).status, 404)
    assert.equal((await bob.ok('GET', at(room.roomId, 'state/m.room.name/'))).name, 'ours')
    const sent = await bob.ok('PUT', at(room.roomId, 'send/m.room.message/t9'), { body: 'after' })
    const { timeline } = (await syncLazily(`&since=${during}`)).rooms.join[room.roomId]
    const ids = timeline.events.map((event: AnyJson) => event.event_id)
    assert.deepEqual(ids, [sent.event_id])
  })

  it('and cannot be judged yet is taken when they are here', async () => {
    const host = await joinPartly()
    const { room } = host
    // It follows what was before the join: what the room was then is not known yet.
    const early = room.state.get(stateKeyOf('m.room.member', of('ben')))!
    const aside = room.build({ content: { body: 'aside' }, prevEvents: [early.eventId], depth: early.depth + 1 })
    room.events.set(aside.eventId, aside)
    const merging = room.build({ content: { body: 'both' }, prevEvents: [room.tip.eventId, aside.eventId] })
    room.events.set(merging.eventId, merging)
    const plain = say(host, 'host', 'plain')
    await send(aside, merging)
    await send(plain)
    await awaitShown(room.roomId, plain)
    assert.equal(await isShown(room.roomId, merging), false)
    await finish(host)
    await awaitShown(room.roomId, merging)
    await awaitShown(room.roomId, aside)
  })

  it('and breaks the rules whoever is in the room holds up nothing, and stays rejected', async () => {
    const host = await joinPartly()
    const { room } = host
    const bad = room.build({ type: 'm.room.topic', stateKey: '', sender: of('mia'), content: { topic: 'mine' } })
    room.events.set(bad.eventId, bad)
    room.tip = bad
    const name = room.add({ type: 'm.room.name', stateKey: '', content: { name: 'ours' } })
    const next = say(host, 'ben', 'on it goes')
    await send(bad, name, next)
    await awaitShown(room.roomId, next)
    await finish(host)
    const shown = await Promise.all([bad, name, next].map((event) => isShown(room.roomId, event)))
    assert.deepEqual(shown, [false, true, true])
    const path = `/_matrix/federation/v1/state_ids/${encode(room.roomId)}?event_id=${encode(next.eventId)}`
    const { body } = await peer.ask(two.serverName, 'GET', path)
    assert.deepEqual(
      new Set((body as AnyJson).pdu_ids),
      new Set([...room.state.values()].map(({ eventId }) => eventId)),
    )
  })

  it('changes the members: they are whole in the end', async () => {
    const host = await joinPartly(['mia', 'ben', 'eve'])
    const { room } = host
    const leave = room.add({
      ...{ type: 'm.room.member', sender: of('mia'), stateKey: of('mia'), content: { membership: 'leave' } },
    })
    const kick = room.add({ type: 'm.room.member', stateKey: of('eve'), content: { membership: 'leave' } })
    const late = joinAs(room, of('zoe'))
    await send(leave, kick, late)
    await awaitShown(room.roomId, late)
    await finish(host)
    const { joined } = (await bob.ok('GET', at(room.roomId, 'joined_members'))) as AnyJson
    assert.deepEqual(new Set(Object.keys(joined)), new Set([room.host, bob.userId, of('ben'), of('zoe')]))
    const { chunk } = (await bob.ok('GET', at(room.roomId, 'members?membership=leave'))) as AnyJson
    assert.deepEqual(new Set(chunk.map((event: AnyJson) => event.event_id)), new Set([leave.eventId, kick.eventId]))
  })
})

describe('the members are fetched', () => {
  it('again after a restart, from where it stopped', async () => {
    const host = await joinPartly()
    const { roomId } = host.room
    await waitFor('the question', () => host.asked || undefined)
    const { next_batch: before } = await syncAll()
    await two.restart(async () => host.release())
    await awaitWhole(roomId)
    const { rooms } = await syncAll(`&since=${before}`)
    assert.equal(rooms.join[roomId].summary['m.joined_member_count'], 4)
  })

  it('from others if the first does not tell them, again and again', async () => {
    const host = await joinPartly(['mia'], { servers: [peer.name, third.name] })
    host.tellState = () => undefined
    host.release()
    third.answer = peer.answer
    await waitFor('the second question', () => (host.asked > 1 ? true : undefined))
    host.tellState = (state) => state
    await awaitWholeTurning(host.room.roomId)
  })

  it('but no state that cannot be: without the beginning, or that does not let our user in', async () => {
    const host = await joinPartly()
    let lies = 0
    host.tellState = (state) => {
      lies++
      const kind = lies % 2 === 0 ? 'm.room.create' : 'm.room.join_rules'
      return lies > 6 ? state : state.filter(({ type }) => type !== kind)
    }
    host.release()
    await awaitWholeTurning(host.room.roomId)
    assert.ok(lies > 6)
  })

  it('no more when nobody of ours is left; who comes back is told everything', async () => {
    const host = await joinPartly()
    const { roomId } = host.room
    await bob.ok('POST', at(roomId, 'leave'))
    const doors: string[] = []
    const inner = peer.answer
    peer.answer = async (request) => {
      if (!request.path.includes('/send_join/')) return inner(request)
      doors.push(new URL(request.path, 'https://x').searchParams.get('omit_members') ?? '')
      const answer = (await inner(request)) as AnyJson
      const state = host.before.map(({ pdu }) => pdu)
      return { ...answer, body: { ...answer.body, members_omitted: false, state, auth_chain: state } }
    }
    await bob.ok('POST', `join/${encode(roomId)}?via=${encode(peer.name)}`)
    assert.deepEqual(doors, ['false'])
    assert.notEqual(await completeSince(roomId), undefined)
    assert.equal(Object.keys(((await bob.ok('GET', at(roomId, 'joined_members'))) as AnyJson).joined).length, 4)
    host.release()
  })

  it('of no room whose servers are not told', async () => {
    const host = hostPartialRoom(peer, ['mia'])
    const inner = peer.answer
    peer.answer = async (request) => {
      const answer = (await inner(request)) as AnyJson
      return { ...answer, body: { ...answer.body, servers_in_room: undefined } }
    }
    const refused = await bob.call('POST', `join/${encode(host.room.roomId)}?via=${encode(peer.name)}`)
    assert.equal(refusalOf(refused), '502 M_UNKNOWN')
  })
})
