/** Users of other servers join, leave and knock by way of us, and invite our users. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  buildEvent,
  buildInviteBody,
  type EventId,
  type JsonObject,
  matchesContentHash,
  type RoomEvent,
  type RoomId,
  requireRoomRules,
  roomVersions,
  type UserId,
  verifyEvent,
} from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { type Peer, type PeerAnswer, startPeer } from '../../kit/peer.ts'
import { finishTemplate, joinAsPeer, makeMember, sendMember } from '../../kit/peer-rooms.ts'

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
const pat = () => `@pat:${peer.name}`

async function makeRoom(request: object = {}): Promise<string> {
  return String((await ann.ok('POST', 'createRoom', { preset: 'public_chat', ...request })).room_id)
}

const setState = (roomId: string, type: string, content: object, key = '') =>
  ann.ok('PUT', `rooms/${encode(roomId)}/state/${type}/${encode(key)}`, content)

async function membershipOf(roomId: string, userId: string): Promise<unknown> {
  const path = `rooms/${encode(roomId)}/state/m.room.member/${encode(userId)}`
  return (await ann.call('GET', path)).body.membership
}

describe('a join by way of us', () => {
  for (const version of roomVersions.keys()) {
    it(`is answered with a state that holds, version ${version}`, async () => {
      const roomId = await makeRoom({ room_version: version })
      const room = await joinAsPeer(peer, server, roomId)
      const rules = requireRoomRules(version)
      const all = new Map([...room.reply.state, ...room.reply.authChain].map((event) => [event.eventId, event]))
      const { body } = await peer.ask(server.serverName, 'GET', '/_matrix/key/v2/server')
      const keys = Object.entries((body as { verify_keys: Record<string, { key: string }> }).verify_keys)
      for (const event of all.values()) {
        assert.ok(matchesContentHash(rules, event.pdu), event.type)
        assert.ok(verifyEvent(rules, event.pdu, server.serverName, new Map(keys.map(([id, { key }]) => [id, key]))))
        for (const id of event.authEvents) assert.ok(all.has(id), `${event.type} rests on ${id}`)
      }
      assert.equal(room.reply.malformedCount, 0)
      assert.equal(await membershipOf(roomId, pat()), 'join')
      const joined = await ann.ok('GET', `rooms/${encode(roomId)}/joined_members`)
      assert.equal(Object.keys(joined.joined as object).length, 2)
    })
  }

  it('may leave out members, but not those whom it needs', async () => {
    const roomId = await makeRoom()
    for (const name of ['m1', 'm2', 'm3', 'm4', 'm5', 'm6', 'm7']) {
      const member = await server.register(`${name}-${Date.now()}`)
      await member.ok('POST', `join/${encode(roomId)}`)
    }
    const nameless = await joinAsPeer(peer, server, roomId, 'one', '?omit_members=true')
    const membersOf = (events: readonly RoomEvent[]) => events.filter(({ type }) => type === 'm.room.member').length
    assert.equal(nameless.reply.membersOmitted, true)
    assert.deepEqual([...nameless.reply.serversInRoom], [server.serverName])
    assert.equal(membersOf(nameless.reply.state), 5)
    await setState(roomId, 'm.room.name', { name: 'Named' })
    const named = await joinAsPeer(peer, server, roomId, 'two', '?omit_members=true')
    assert.equal(membersOf(named.reply.state), 0)
    const told = new Set([...named.reply.state, ...named.reply.authChain].map(({ eventId }) => eventId))
    for (const event of [...named.reply.state, ...named.reply.authChain]) {
      for (const id of event.authEvents) assert.ok(told.has(id), `${event.type} rests on ${id}`)
    }
    const whole = await joinAsPeer(peer, server, roomId, 'three')
    assert.equal(whole.reply.membersOmitted, false)
    assert.equal(membersOf(whole.reply.state), 10)
  })

  it('answers old servers in their form', async () => {
    const roomId = await makeRoom()
    const join = finishTemplate(peer, await makeMember(peer, server, 'join', roomId, pat()), 'join', pat())
    const path = `/_matrix/federation/v1/send_join/${encode(roomId)}/${encode(join.eventId)}`
    const { status, body } = await peer.ask(server.serverName, 'PUT', path, join.pdu)
    assert.equal(status, 200)
    assert.equal((body as unknown[])[0], 200)
    assert.ok(Array.isArray((body as [number, JsonObject])[1].state))
  })

  it('is refused where the room does not let the user in', async () => {
    const closed = await makeRoom({ preset: 'private_chat' })
    assert.equal(codeOf(await makeMember(peer, server, 'join', closed, pat())), '403 M_FORBIDDEN')
    const open = await makeRoom()
    const template = await makeMember(peer, server, 'join', open, pat())
    await setState(open, 'm.room.member', { membership: 'ban' }, pat())
    assert.equal(codeOf(await makeMember(peer, server, 'join', open, pat())), '403 M_FORBIDDEN')
    const late = finishTemplate(peer, template, 'join', pat())
    assert.equal(codeOf(await sendMember(peer, server, 'join', late)), '403 M_FORBIDDEN')
    assert.equal(await membershipOf(open, pat()), 'ban')
  })

  it('is refused to servers that are shut out, and of rooms that are not here or not open to others', async () => {
    const roomId = await makeRoom()
    const template = await makeMember(peer, server, 'join', roomId, pat())
    await setState(roomId, 'm.room.server_acl', { allow: ['*'], deny: ['localhost'] })
    assert.equal(codeOf(await makeMember(peer, server, 'join', roomId, pat())), '403 M_FORBIDDEN')
    const late = finishTemplate(peer, template, 'join', pat())
    assert.equal(codeOf(await sendMember(peer, server, 'join', late)), '403 M_FORBIDDEN')
    assert.equal(codeOf(await makeMember(peer, server, 'join', '!nowhere:example.org', pat())), '404 M_NOT_FOUND')
    const own = await makeRoom({ creation_content: { 'm.federate': false } })
    assert.equal(codeOf(await makeMember(peer, server, 'join', own, pat())), '403 M_FORBIDDEN')
  })

  it('is refused for users of others, and in versions that the other server does not know', async () => {
    const roomId = await makeRoom({ room_version: '11' })
    const stranger = '@pat:example.org'
    assert.equal(codeOf(await makeMember(peer, server, 'join', roomId, stranger)), '403 M_FORBIDDEN')
    const path = `/_matrix/federation/v1/make_join/${encode(roomId)}/${encode(pat())}`
    const { status, body } = await peer.ask(server.serverName, 'GET', `${path}?ver=10&ver=9`)
    assert.deepEqual([status, (body as JsonObject).room_version], [400, '11'])
    assert.equal((body as JsonObject).errcode, 'M_INCOMPATIBLE_ROOM_VERSION')
    assert.equal(codeOf(await peer.ask(server.serverName, 'GET', path)), '400 M_INCOMPATIBLE_ROOM_VERSION')
  })

  it('is refused if the event is not what it should be', async () => {
    const roomId = await makeRoom()
    const template = () => makeMember(peer, server, 'join', roomId, pat())
    const good = finishTemplate(peer, await template(), 'join', pat())
    const put = (event: JsonObject, eventId: string = good.eventId, room = roomId) =>
      peer.ask(server.serverName, 'PUT', `/_matrix/federation/v2/send_join/${encode(room)}/${encode(eventId)}`, event)
    assert.equal(codeOf(await put({})), '400 M_INVALID_PARAM')
    assert.equal(codeOf(await put(good.pdu, '$other')), '400 M_INVALID_PARAM')
    assert.equal(codeOf(await put({ ...good.pdu, signatures: {} })), '403 M_FORBIDDEN')
    const forged = { ...good.pdu, signatures: { [peer.name]: { 'ed25519:peer': 'A'.repeat(86) } } }
    assert.equal(codeOf(await put(forged)), '403 M_FORBIDDEN')
    const changed = { ...good.pdu, content: { membership: 'join', displayname: 'not signed' } }
    assert.equal((await put(changed)).status, 200, 'a wrong hash leaves the redacted event')
    const member = await ann.ok('GET', `rooms/${encode(roomId)}/state/m.room.member/${encode(pat())}`)
    assert.deepEqual(member, { membership: 'join' })
  })
})

describe('a restricted join by way of us', () => {
  async function makeRestricted(): Promise<{ space: string; roomId: string }> {
    const space = await makeRoom()
    const allow = [{ type: 'm.room_membership', room_id: space }]
    const rule = { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'restricted', allow } }
    const roomId = await makeRoom({ preset: 'private_chat', initial_state: [rule] })
    return { space, roomId }
  }

  it('is vouched for by one of our users, and signed by us', async () => {
    const { space, roomId } = await makeRestricted()
    await joinAsPeer(peer, server, space)
    const room = await joinAsPeer(peer, server, roomId)
    assert.equal(room.join.content.join_authorised_via_users_server, ann.userId)
    assert.deepEqual(Object.keys(room.join.pdu.signatures as object).sort(), [peer.name, server.serverName].sort())
  })

  it('is refused to who is in none of the rooms, even without asking first', async () => {
    const { space, roomId } = await makeRestricted()
    assert.equal(codeOf(await makeMember(peer, server, 'join', roomId, pat())), '403 M_FORBIDDEN')
    const room = await joinAsPeer(peer, server, space)
    const template = await makeMember(peer, server, 'join', roomId, pat())
    const join = finishTemplate(peer, template, 'join', pat())
    const leave = finishTemplate(peer, await makeMember(peer, server, 'leave', room.roomId, pat()), 'leave', pat())
    assert.equal((await sendMember(peer, server, 'leave', leave)).status, 200)
    assert.equal(codeOf(await sendMember(peer, server, 'join', join)), '403 M_FORBIDDEN')
  })

  it('is left to others if we cannot know', async () => {
    const allow = [{ type: 'm.room_membership', room_id: '!elsewhere:example.org' }]
    const rule = { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'restricted', allow } }
    const roomId = await makeRoom({ initial_state: [rule] })
    assert.equal(codeOf(await makeMember(peer, server, 'join', roomId, pat())), '400 M_UNABLE_TO_AUTHORISE_JOIN')
  })
})

describe('a leave by way of us', () => {
  it('ends a stay, or an invitation', async () => {
    const roomId = await makeRoom()
    await joinAsPeer(peer, server, roomId)
    for (const path of ['v2', 'v1']) {
      if ((await membershipOf(roomId, pat())) !== 'join') await joinAsPeer(peer, server, roomId)
      const leave = finishTemplate(peer, await makeMember(peer, server, 'leave', roomId, pat()), 'leave', pat())
      const at = `/_matrix/federation/${path}/send_leave/${encode(roomId)}/${encode(leave.eventId)}`
      const { status, body } = await peer.ask(server.serverName, 'PUT', at, leave.pdu)
      assert.deepEqual([status, body], [200, path === 'v1' ? [200, {}] : {}])
      assert.equal(await membershipOf(roomId, pat()), 'leave')
    }
    assert.equal(codeOf(await makeMember(peer, server, 'leave', roomId, `@other:${peer.name}`)), '403 M_FORBIDDEN')
  })
})

describe('a knock by way of us', () => {
  it('is shown what the room is', async () => {
    const rule = { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'knock' } }
    const roomId = await makeRoom({ initial_state: [rule], name: 'Behind the door' })
    const template = await makeMember(peer, server, 'knock', roomId, pat())
    const knock = finishTemplate(peer, template, 'knock', pat(), { reason: 'Please' })
    const { status, body } = await sendMember(peer, server, 'knock', knock)
    assert.equal(status, 200)
    const types = ((body as JsonObject).knock_room_state as JsonObject[]).map(({ type }) => type)
    assert.equal(types[0], 'm.room.create')
    assert.ok(types.includes('m.room.name'))
    assert.equal(await membershipOf(roomId, pat()), 'knock')
  })

  it('is refused where nobody can knock', async () => {
    assert.equal(codeOf(await makeMember(peer, server, 'knock', await makeRoom(), pat())), '403 M_FORBIDDEN')
    const old = await makeRoom({ room_version: '6' })
    assert.equal(codeOf(await makeMember(peer, server, 'knock', old, pat())), '403 M_FORBIDDEN')
  })
})

/** A room of the peer, as far as an invite needs one. */
function inviteOf(version: string, target: string): { event: RoomEvent; state: RoomEvent[]; roomId: RoomId } {
  const rules = requireRoomRules(version)
  const explicit = (name: string) =>
    rules.eventIdFormat === 'explicit'
      ? { eventId: `$${name}-${Math.random()}:${peer.name}` as EventId, referenceHashOf: () => 'x' }
      : {}
  const sender = pat() as UserId
  const shared = { sender, originServerTs: Date.now(), authEvents: [] as EventId[] }
  const isHashed = rules.privilegedCreators
  const given = isHashed ? undefined : (`!${Math.random()}:${peer.name}` as RoomId)
  const content = { room_version: version, creator: sender }
  const create = buildEvent(
    rules,
    {
      ...shared,
      roomId: given,
      type: 'm.room.create',
      stateKey: '',
      content,
      depth: 1,
      prevEvents: [],
      ...explicit('c'),
    },
    peer.signer,
  )
  const { roomId, eventId } = create
  const of = (type: string, stateKey: string, more: JsonObject) =>
    buildEvent(
      rules,
      { ...shared, roomId, type, stateKey, content: more, depth: 2, prevEvents: [eventId], ...explicit(type) },
      peer.signer,
    )
  const name = of('m.room.name', '', { name: 'The room of Pat' })
  return { event: of('m.room.member', target, { membership: 'invite' }), state: [create, name], roomId }
}

describe('an invite of one of our users', () => {
  const send = (invite: ReturnType<typeof inviteOf>, version: string, change: JsonObject = {}) => {
    const body = { ...buildInviteBody(requireRoomRules(version), invite.event, invite.state), ...change }
    const path = `/_matrix/federation/v2/invite/${encode(invite.roomId)}/${encode(invite.event.eventId)}`
    return peer.ask(server.serverName, 'PUT', path, body)
  }

  for (const version of roomVersions.keys()) {
    it(`is signed, and shown with what the room is, version ${version}`, async () => {
      const ben = await server.register(`ben${version}`)
      const since = (await ben.ok('GET', 'sync')).next_batch
      const invite = inviteOf(version, ben.userId)
      const { status, body } = await send(invite, version)
      assert.equal(status, 200, JSON.stringify(body))
      const signatures = ((body as JsonObject).event as JsonObject).signatures as JsonObject
      assert.deepEqual(Object.keys(signatures).sort(), [peer.name, server.serverName].sort())
      assert.equal((await send(invite, version)).status, 200, 'a repeat changes nothing')
      for (const query of ['', `?since=${since}`]) {
        const { rooms } = (await ben.ok('GET', `sync${query}`)) as { rooms: { invite: Record<string, JsonObject> } }
        const { events } = rooms.invite[invite.roomId]!.invite_state as { events: JsonObject[] }
        assert.deepEqual(events.map(({ type }) => type).sort(), ['m.room.create', 'm.room.member', 'm.room.name'])
        assert.equal(events.find(({ type }) => type === 'm.room.name')?.sender, pat())
      }
    })
  }

  it('is taken from old servers in their form', async () => {
    const ben = await server.register('ben-old')
    const invite = inviteOf('1', ben.userId)
    const state = invite.state.map(({ type, stateKey = '', sender, content }) => ({
      ...{ type, state_key: stateKey, sender, content },
    }))
    const event = { ...invite.event.pdu, unsigned: { invite_room_state: state } }
    const path = `/_matrix/federation/v1/invite/${encode(invite.roomId)}/${encode(invite.event.eventId)}`
    const { status, body } = await peer.ask(server.serverName, 'PUT', path, event)
    assert.deepEqual([status, (body as unknown[])[0]], [200, 200])
    const { rooms } = (await ben.ok('GET', 'sync')) as { rooms: { invite: Record<string, JsonObject> } }
    assert.equal((rooms.invite[invite.roomId]!.invite_state as { events: unknown[] }).events.length, 3)
  })

  it('is refused if it is not for one of our users, not signed, or in a version that we do not know', async () => {
    const nobody = inviteOf('11', `@nobody:${server.serverName}`)
    assert.equal(codeOf(await send(nobody, '11')), '403 M_FORBIDDEN')
    const elsewhere = inviteOf('11', '@ann:example.org')
    assert.equal(codeOf(await send(elsewhere, '11')), '400 M_INVALID_PARAM')
    const invite = inviteOf('11', ann.userId)
    const unsigned = { event: { ...invite.event.pdu, signatures: {} } }
    assert.equal(codeOf(await send(invite, '11', unsigned)), '403 M_FORBIDDEN')
    assert.equal(codeOf(await send(invite, '11', { room_version: 'org.new' })), '400 M_INCOMPATIBLE_ROOM_VERSION')
    const hashed = inviteOf('12', ann.userId)
    assert.equal(codeOf(await send(hashed, '12', { invite_room_state: [] })), '400 M_INVALID_PARAM', 'no create event')
    const wrong = inviteOf('12', ann.userId).state.map(({ pdu }) => pdu)
    assert.equal(codeOf(await send(hashed, '12', { invite_room_state: wrong })), '400 M_INVALID_PARAM')
  })

  it('is refused to users who take none', async () => {
    const shy = await server.register('shy')
    const config = `user/${encode(shy.userId)}/account_data/m.invite_permission_config`
    await shy.ok('PUT', config, { default_action: 'block' })
    assert.equal(codeOf(await send(inviteOf('11', shy.userId), '11')), '403 M_INVITE_BLOCKED')
    await shy.ok('PUT', config, {})
    const lists = `user/${encode(shy.userId)}/account_data/org.matrix.msc4155.invite_permission_config`
    await shy.ok('PUT', lists, { blocked_servers: ['localhost:*'] })
    assert.equal(codeOf(await send(inviteOf('11', shy.userId), '11')), '403 M_INVITE_BLOCKED')
    await shy.ok('PUT', lists, { allowed_users: [`*:${peer.name}`], blocked_servers: ['localhost:*'] })
    assert.equal(codeOf(await send(inviteOf('11', shy.userId), '11')), '200')
  })
})
