/** What other servers may read of rooms: events, states, history, and nothing that their users may not see. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  createSignerFromSeed,
  createSigningKey,
  type EventId,
  type JsonObject,
  parsePdu,
  type RoomEvent,
  requireRoomRules,
  roomVersions,
  type ServerName,
  signEvent,
  signJson,
} from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'
import { joinAsPeer, type PeerRoom } from '../../kit/peer-rooms.ts'

let server: InProcess
let peer: Peer
let stranger: Peer
let ann: TestUser

before(async () => {
  server = await startFederated()
  peer = await startPeer()
  stranger = await startPeer(11)
  ann = await server.register('ann')
})
after(async () => {
  await server.close()
  await peer.close()
  await stranger.close()
})

const encode = encodeURIComponent
const codeOf = ({ status, body }: PeerAnswer) => `${status} ${(body as JsonObject).errcode ?? ''}`.trim()

async function makeRoom(request: object = {}): Promise<string> {
  return String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })).room_id)
}

let transactions = 0

async function say(roomId: string, body: string): Promise<EventId> {
  const path = `rooms/${encode(roomId)}/send/m.room.message/${++transactions}`
  return (await ann.ok('PUT', path, { msgtype: 'm.text', body })).event_id as EventId
}

const setState = (roomId: string, type: string, content: object, key = '') =>
  ann.ok('PUT', `rooms/${encode(roomId)}/state/${type}/${encode(key)}`, content)

const get = (path: string, from = peer) => from.ask(server.serverName, 'GET', `/_matrix/federation/v1/${path}`)

async function listOf(answer: PeerAnswer, room: PeerRoom, name: string): Promise<RoomEvent[]> {
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const list = (answer.body as JsonObject)[name] as JsonObject[]
  return list.map((pdu) => parsePdu(requireRoomRules(room.version), pdu))
}

const idsOf = (events: readonly RoomEvent[]) => events.map(({ eventId }) => eventId)

describe('an event', () => {
  it('is given to servers in the room, whole', async () => {
    for (const version of roomVersions.keys()) {
      const room = await joinAsPeer(peer, server, await makeRoom({ room_version: version }))
      const hello = await say(room.roomId, 'hello')
      const [event] = await listOf(await get(`event/${encode(hello)}`), room, 'pdus')
      assert.deepEqual([event?.eventId, event?.content.body], [hello, 'hello'])
      assert.equal(codeOf(await get(`event/${encode(hello)}`, stranger)), '403 M_FORBIDDEN')
    }
    assert.equal(codeOf(await get('event/%24unknown')), '404 M_NOT_FOUND')
  })

  it('is given redacted if nobody of that server may see it', async () => {
    const roomId = await makeRoom()
    await setState(roomId, 'm.room.history_visibility', { history_visibility: 'joined' })
    const before = await say(roomId, 'secret')
    const room = await joinAsPeer(peer, server, roomId)
    const after = await say(roomId, 'open')
    const [hidden] = await listOf(await get(`event/${encode(before)}`), room, 'pdus')
    assert.deepEqual([hidden?.eventId, hidden?.content], [before, {}])
    const [shown] = await listOf(await get(`event/${encode(after)}`), room, 'pdus')
    assert.equal(shown?.content.body, 'open')
    const events = await listOf(await get(`backfill/${encode(roomId)}?v=${encode(after)}&limit=5`), room, 'pdus')
    assert.deepEqual(
      events.filter(({ type }) => type === 'm.room.message').map(({ content }) => content.body),
      ['open', undefined],
    )
  })
})

describe('the history of a room', () => {
  async function talk(): Promise<{ room: PeerRoom; said: EventId[] }> {
    const room = await joinAsPeer(peer, server, await makeRoom())
    const said: EventId[] = []
    for (let count = 0; count < 8; count++) said.push(await say(room.roomId, `${count}`))
    return { room, said }
  }

  it('is backfilled from given events on, up to a limit', async () => {
    const { room, said } = await talk()
    const path = `backfill/${encode(room.roomId)}`
    const four = await listOf(await get(`${path}?v=${encode(said[5]!)}&limit=4`), room, 'pdus')
    assert.deepEqual(idsOf(four), said.slice(2, 6).reverse())
    const all = await listOf(await get(`${path}?v=${encode(said[7]!)}&limit=100`), room, 'pdus')
    assert.equal(all.at(-1)?.type, 'm.room.create')
    const two = await listOf(await get(`${path}?v=${encode(said[7]!)}&v=${encode(said[6]!)}&limit=2`), room, 'pdus')
    assert.deepEqual(idsOf(two), [said[7], said[6]])
    assert.deepEqual(await listOf(await get(`${path}?v=%24unknown&limit=2`), room, 'pdus'), [])
    assert.equal(codeOf(await get(`${path}?v=${encode(said[7]!)}&limit=2`, stranger)), '403 M_FORBIDDEN')
  })

  it('is told between events, oldest first', async () => {
    const { room, said } = await talk()
    const ask = (body: JsonObject, from = peer) =>
      from.ask(server.serverName, 'POST', `/_matrix/federation/v1/get_missing_events/${encode(room.roomId)}`, body)
    const question = { earliest_events: [said[1]!], latest_events: [said[6]!] }
    assert.deepEqual(idsOf(await listOf(await ask(question), room, 'events')), said.slice(2, 6))
    assert.deepEqual(idsOf(await listOf(await ask({ ...question, limit: 2 }), room, 'events')), said.slice(4, 6))
    const [event] = await listOf(await get(`event/${encode(said[4]!)}`), room, 'pdus')
    const deep = { ...question, min_depth: event!.depth }
    assert.deepEqual(idsOf(await listOf(await ask(deep), room, 'events')), said.slice(4, 6))
    assert.equal(codeOf(await ask(question, stranger)), '403 M_FORBIDDEN')
  })

  it('is found by time', async () => {
    const { room, said } = await talk()
    const [third] = await listOf(await get(`event/${encode(said[3]!)}`), room, 'pdus')
    const at = (ts: number, dir: string, from = peer) =>
      get(`timestamp_to_event/${encode(room.roomId)}?ts=${ts}&dir=${dir}`, from)
    const { body } = await at(third!.originServerTs, 'f')
    assert.equal((body as JsonObject).origin_server_ts, third!.originServerTs)
    assert.equal(((await at(Date.now() + 1e9, 'b')).body as JsonObject).event_id, said[7])
    assert.equal(codeOf(await at(Date.now() + 1e9, 'f')), '404 M_NOT_FOUND')
    assert.equal(codeOf(await at(0, 'b')), '404 M_NOT_FOUND')
    assert.equal(codeOf(await at(0, 'f', stranger)), '403 M_FORBIDDEN')
  })
})

describe('the state of a room', () => {
  it('is told before an event, with its reasons, whole or by IDs', async () => {
    for (const version of roomVersions.keys()) {
      const room = await joinAsPeer(peer, server, await makeRoom({ room_version: version }))
      const { event_id: topic } = await setState(room.roomId, 'm.room.topic', { topic: 'one' })
      const { event_id: later } = await setState(room.roomId, 'm.room.topic', { topic: 'two' })
      const query = `${encode(room.roomId)}?event_id=${encode(String(later))}`
      const answer = await get(`state/${query}`)
      const state = await listOf(answer, room, 'pdus')
      const chain = await listOf(answer, room, 'auth_chain')
      assert.equal(state.find(({ type }) => type === 'm.room.topic')?.eventId, topic)
      const known = new Set(idsOf([...state, ...chain]))
      for (const event of [...state, ...chain]) for (const id of event.authEvents) assert.ok(known.has(id))
      const { pdu_ids: ids, auth_chain_ids: authIds } = (await get(`state_ids/${query}`)).body as {
        pdu_ids: string[]
        auth_chain_ids: string[]
      }
      assert.deepEqual(ids.sort(), idsOf(state).sort())
      assert.deepEqual(authIds.sort(), idsOf(chain).sort())
      const reasons = await get(`event_auth/${encode(room.roomId)}/${encode(String(later))}`)
      const [event] = await listOf(await get(`event/${encode(String(later))}`), room, 'pdus')
      const auth = idsOf(await listOf(reasons, room, 'auth_chain'))
      for (const id of event!.authEvents) assert.ok(auth.includes(id))
      for (const path of [
        `state/${query}`,
        `state_ids/${query}`,
        `event_auth/${encode(room.roomId)}/${encode(String(later))}`,
      ]) {
        assert.equal(codeOf(await get(path, stranger)), '403 M_FORBIDDEN')
      }
    }
    const room = await joinAsPeer(peer, server, await makeRoom())
    assert.equal(codeOf(await get(`state/${encode(room.roomId)}?event_id=%24unknown`)), '404 M_NOT_FOUND')
    assert.equal(codeOf(await get(`state/${encode(room.roomId)}`)), '400 M_MISSING_PARAM')
  })

  it('is not told to servers that are shut out, though they are in the room', async () => {
    const room = await joinAsPeer(peer, server, await makeRoom())
    const hello = await say(room.roomId, 'hello')
    await setState(room.roomId, 'm.room.server_acl', { allow: ['example.org'] })
    const id = encode(room.roomId)
    for (const path of [
      `event/${encode(hello)}`,
      `state/${id}?event_id=${encode(hello)}`,
      `state_ids/${id}?event_id=${encode(hello)}`,
      `event_auth/${id}/${encode(hello)}`,
      `backfill/${id}?v=${encode(hello)}&limit=1`,
      `timestamp_to_event/${id}?ts=0&dir=f`,
    ]) {
      assert.equal(codeOf(await get(path)), '403 M_FORBIDDEN', path)
    }
    assert.equal(codeOf(await get(`hierarchy/${id}`)), '404 M_NOT_FOUND')
  })
})

describe('a space', () => {
  it('is told with the rooms that the other server has a way into', async () => {
    const open = await makeRoom({ name: 'Open' })
    const closed = await makeRoom({ preset: 'private_chat' })
    const space = await makeRoom({ creation_content: { type: 'm.space' }, name: 'Space' })
    const child = (roomId: string, content: object) => setState(space, 'm.space.child', content, roomId)
    await child(open, { via: [server.serverName], order: 'b', suggested: true })
    await child(closed, { via: [server.serverName], order: 'a' })
    await child('!elsewhere:example.org', { via: ['example.org'] })
    const { status, body } = await get(`hierarchy/${encode(space)}`)
    assert.equal(status, 200)
    const {
      room,
      children,
      inaccessible_children: inaccessible,
    } = body as {
      room: JsonObject
      children: JsonObject[]
      inaccessible_children: string[]
    }
    assert.deepEqual([room.room_id, room.name, room.room_type], [space, 'Space', 'm.space'])
    const states = room.children_state as JsonObject[]
    assert.deepEqual(
      states.map(({ state_key }) => state_key),
      [closed, open, '!elsewhere:example.org'],
    )
    assert.deepEqual(
      children.map((one) => one.name),
      ['Open'],
    )
    assert.deepEqual(inaccessible, [closed])
    const suggested = (await get(`hierarchy/${encode(space)}?suggested_only=true`)).body as JsonObject
    assert.equal(((suggested.room as JsonObject).children_state as unknown[]).length, 1)
    assert.equal(codeOf(await get(`hierarchy/${encode(closed)}`)), '404 M_NOT_FOUND')
  })
})

describe('directory, profiles and keys', () => {
  it('are told of what is ours', async () => {
    const alias = `#things:${server.serverName}`
    const roomId = await makeRoom({ room_alias_name: 'things', visibility: 'public', name: 'Things' })
    await joinAsPeer(peer, server, roomId)
    const { body } = await get(`query/directory?room_alias=${encode(alias)}`)
    assert.deepEqual(body, { room_id: roomId, servers: [server.serverName, peer.name] })
    assert.equal(codeOf(await get(`query/directory?room_alias=${encode('#a:example.org')}`)), '404 M_NOT_FOUND')
    const { chunk } = (await get('publicRooms?limit=10')).body as { chunk: JsonObject[] }
    assert.ok(chunk.some((entry) => entry.room_id === roomId))
    const filter = { filter: { generic_search_term: 'thin' } }
    const path = '/_matrix/federation/v1/publicRooms'
    const found = (await peer.ask(server.serverName, 'POST', path, filter)).body as { chunk: JsonObject[] }
    assert.deepEqual(
      found.chunk.map(({ name }) => name),
      ['Things'],
    )
    await ann.ok('PUT', `profile/${encode(ann.userId)}/displayname`, { displayname: 'Ann' })
    assert.deepEqual((await get(`query/profile?user_id=${encode(ann.userId)}`)).body, { displayname: 'Ann' })
    const field = `query/profile?user_id=${encode(ann.userId)}&field=avatar_url`
    assert.deepEqual((await get(field)).body, {})
    assert.equal(codeOf(await get(`query/profile?user_id=${encode('@ann:example.org')}`)), '404 M_NOT_FOUND')
  })

  it('have the devices and keys of our users, and nothing private', async () => {
    const { user_id, stream_id, devices } = (await get(`user/devices/${encode(ann.userId)}`)).body as JsonObject
    assert.deepEqual([user_id, typeof stream_id, devices], [ann.userId, 'number', []])
    assert.equal(codeOf(await get(`user/devices/${encode('@ann:example.org')}`)), '404 M_NOT_FOUND')
    const path = '/_matrix/federation/v1/user/keys/'
    const query = { device_keys: { [ann.userId]: [], '@b:example.org': [] } }
    const queried = (await peer.ask(server.serverName, 'POST', `${path}query`, query)).body as JsonObject
    assert.deepEqual(Object.keys(queried).sort(), ['device_keys', 'master_keys', 'self_signing_keys'])
    assert.deepEqual(queried.device_keys, { [ann.userId]: {} })
    const claim = { one_time_keys: { [ann.userId]: { [ann.deviceId]: 'signed_curve25519' } } }
    const claimed = await peer.ask(server.serverName, 'POST', `${path}claim`, claim)
    assert.deepEqual(claimed.body, { one_time_keys: {} })
  })
})

describe('an invite by e-mail', () => {
  const token = 'abc'
  const key = createSigningKey('0', new Uint8Array(32).fill(21))

  async function inviteByMail(): Promise<string> {
    const roomId = await makeRoom({ preset: 'private_chat' })
    const content = {
      display_name: 'p...@example.org',
      key_validity_url: `https://${peer.name}/valid`,
      public_key: key.publicKey,
    }
    await setState(roomId, 'm.room.third_party_invite', content, token)
    return roomId
  }

  const signedFor = (mxid: string, seed = 21) => {
    const signer = createSignerFromSeed('identity.example.org' as ServerName, '0', new Uint8Array(32).fill(seed))
    return signJson({ mxid, token }, signer)
  }

  it('becomes an invite of a user of another server, who is told', async () => {
    const roomId = await inviteByMail()
    const target = `@pat:${peer.name}`
    peer.answer = ({ path, body }) => {
      if (path.startsWith('/valid?')) return { status: 200, body: { valid: true } }
      if (!path.startsWith('/_matrix/federation/v2/invite/')) return { status: 404, body: {} }
      const event = body.event as JsonObject
      return { status: 200, body: { event: signAs(peer, String(body.room_version), event) } }
    }
    const exchange = (change: object = {}) =>
      peer.ask(server.serverName, 'PUT', `/_matrix/federation/v1/exchange_third_party_invite/${encode(roomId)}`, {
        ...{ type: 'm.room.member', room_id: roomId, sender: ann.userId, state_key: target },
        content: {
          membership: 'invite',
          third_party_invite: { display_name: 'p', signed: signedFor(target) },
        },
        ...change,
      })
    const forged = { membership: 'invite', third_party_invite: { display_name: 'p', signed: signedFor(target, 5) } }
    assert.equal(codeOf(await exchange({ content: forged })), '403 M_FORBIDDEN')
    assert.equal(codeOf(await exchange({ content: {} })), '400 M_BAD_JSON')
    assert.equal(codeOf(await exchange({ state_key: '@pat:example.org' })), '403 M_FORBIDDEN')
    assert.equal(codeOf(await exchange()), '200')
    const path = `rooms/${encode(roomId)}/state/m.room.member/${encode(target)}`
    assert.equal((await ann.ok('GET', path)).membership, 'invite')
  })

  it('becomes an invite of one of our users', async () => {
    const roomId = await inviteByMail()
    const ben = await server.register('ben')
    const invite = { medium: 'email', address: 'b@example.org', mxid: ben.userId, room_id: roomId, sender: ann.userId }
    const bind = (body: object) =>
      peer.ask(server.serverName, 'PUT', '/_matrix/federation/v1/3pid/onbind', body as JsonObject, null)
    const bound = { medium: 'email', address: 'b@example.org', mxid: ben.userId }
    peer.answer = () => ({ status: 200, body: { valid: true } })
    const bad = { ...invite, signed: signedFor(ben.userId, 5) }
    assert.equal(codeOf(await bind({ ...bound, invites: [bad, 7, {}, { ...invite, room_id: 'x' }] })), '200')
    const path = `rooms/${encode(roomId)}/state/m.room.member/${encode(ben.userId)}`
    assert.equal((await ann.call('GET', path)).status, 404)
    assert.equal(codeOf(await bind({ ...bound, invites: [{ ...invite, signed: signedFor(ben.userId) }] })), '200')
    assert.equal((await ann.ok('GET', path)).membership, 'invite')
    assert.equal(codeOf(await bind({ mxid: '@nobody:example.org', invites: [] })), '404 M_NOT_FOUND')
  })
})

function signAs({ signer }: Peer, version: string, pdu: JsonObject): JsonObject {
  const rules = requireRoomRules(version)
  return signEvent(rules, parsePdu(rules, pdu).pdu, signer)
}
