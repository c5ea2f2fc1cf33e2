/** Handshakes between two servers, `domain` (asking) and `resident`, on both sides. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testKeys, testSigner } from '../../tests/kit/vectors.ts'
import { ProtocolError } from '../errors.ts'
import { buildEvent, type EventDraft } from '../event/build-pdu.ts'
import type { RoomEvent } from '../event/room-event.ts'
import { signEvent, verifyEvent } from '../event/sign-event.ts'
import type { EventId, RoomId, ServerName, UserId } from '../ids.ts'
import type { JsonObject } from '../json/json.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { requireRoomRules, roomVersions } from '../room-version/versions.ts'
import { createSigningKey } from '../signing/ed25519.ts'
import { createSigner, createSignerFromSeed } from '../signing/sign-json.ts'
import { buildInviteBody, buildInviteReply, parseInvite, parseInviteReply } from './invite.ts'
import { parseJoinReply, parseKnockReply } from './join-reply.ts'
import { buildMemberFromTemplate, type HandshakeMembership, parseMemberTemplate } from './member-template.ts'
import { parseSentMember } from './receive-member.ts'

const user = '@a:domain' as UserId
const residentKey = createSigningKey('r', new Uint8Array(32))
const resident = createSigner('resident' as ServerName, residentKey)
const residentKeys = new Map([[residentKey.keyId as string, residentKey.publicKey]])

/** A room of that version with its create event. */
function roomOf(rules: RoomRules): { roomId: RoomId; create: RoomEvent } {
  const roomId = (rules.eventFormat === 12 ? undefined : '!r:resident') as RoomId
  const content = { room_version: rules.version, creator: '@c:resident' }
  const create = build(rules, { roomId, type: 'm.room.create', sender: '@c:resident' as UserId, content })
  return { roomId: create.roomId, create }
}

function build(rules: RoomRules, change: Partial<EventDraft>): RoomEvent {
  const draft: EventDraft = {
    ...{
      roomId: undefined,
      type: 'm.room.member',
      sender: user,
      stateKey: '',
      content: {},
      originServerTs: 1,
      depth: 1,
    },
    ...{ prevEvents: [], authEvents: [] },
    ...(rules.eventIdFormat === 'explicit' && { eventId: `$${change.type}:resident` as EventId }),
    ...change,
  }
  return buildEvent(rules, draft, resident)
}

function templateOf(rules: RoomRules, roomId: RoomId, membership: string, change: JsonObject = {}): JsonObject {
  const reference = rules.eventFormat === 1 ? ['$p:resident', { sha256: 'AAAA' }] : '$p:resident'
  const event = {
    ...{ type: 'm.room.member', room_id: roomId, sender: user, state_key: user, content: { membership } },
    ...{ depth: 5, prev_events: [reference], auth_events: [reference], origin: 'resident', origin_server_ts: 1 },
    ...change,
  }
  return { room_version: rules.version, event }
}

function finish(rules: RoomRules, roomId: RoomId, membership: HandshakeMembership): RoomEvent {
  const template = parseMemberTemplate(membership, templateOf(rules, roomId, membership), { roomId, userId: user })
  const eventId = rules.eventIdFormat === 'explicit' ? { eventId: '$j:domain' as EventId } : {}
  const filling = { content: { displayname: 'A', membership: 'ban' }, originServerTs: 9, ...eventId }
  return buildMemberFromTemplate(template, filling, testSigner).event
}

test('a template becomes an event that the resident server takes, in every version', () => {
  for (const rules of roomVersions.values()) {
    const { roomId } = roomOf(rules)
    for (const membership of ['join', 'knock', 'leave'] as const) {
      const event = finish(rules, roomId, membership)
      assert.deepEqual(event.content, { displayname: 'A', membership })
      const request = { roomId, eventId: event.eventId, origin: 'domain' as ServerName }
      assert.deepEqual(parseSentMember(membership, rules, event.pdu, request), event)
      assert.equal(verifyEvent(rules, event.pdu, 'domain', testKeys), true)
    }
  }
})

test('versions 1 and 2 keep the references with their hashes', () => {
  const event = finish(requireRoomRules('2'), '!r:resident' as RoomId, 'join')
  assert.deepEqual(event.pdu.prev_events, [['$p:resident', { sha256: 'AAAA' }]])
})

test('a template that is not what we asked for is refused', () => {
  const rules = requireRoomRules('10')
  const { roomId } = roomOf(rules)
  const changes: JsonObject[] = [
    { type: 'm.room.create' },
    { room_id: '!other:resident' },
    { sender: '@c:resident' },
    { state_key: '@c:resident' },
    { content: { membership: 'leave' } },
    { content: 1 },
    { depth: 'x' },
    { prev_events: 'x' },
    { prev_events: Array(21).fill('$x') },
    { auth_events: [1] },
    { content: { membership: 'join', join_authorised_via_users_server: 'x' } },
  ]
  for (const change of changes) {
    const reply = templateOf(rules, roomId, 'join', change)
    assert.throws(() => parseMemberTemplate('join', reply, { roomId, userId: user }), { kind: 'bad-event' })
  }
  const unknown = { ...templateOf(rules, roomId, 'join'), room_version: 'org.new' }
  assert.throws(() => parseMemberTemplate('join', unknown, { roomId, userId: user }), { kind: 'unknown-room-version' })
})

test('a restricted join keeps the authorising user and is signed by its server too', () => {
  const rules = requireRoomRules('10')
  const { roomId } = roomOf(rules)
  const content = { membership: 'join', join_authorised_via_users_server: '@c:resident' }
  const template = parseMemberTemplate('join', templateOf(rules, roomId, 'join', { content }), { roomId, userId: user })
  const { event } = buildMemberFromTemplate(template, { content: {}, originServerTs: 1 }, testSigner)
  assert.deepEqual(event.content, content)
  const signed = signEvent(rules, event.pdu, resident)
  assert.equal(verifyEvent(rules, signed, 'domain', testKeys), true)
  assert.equal(verifyEvent(rules, signed, 'resident', residentKeys), true)
})

test('a resident server refuses an event that is not the join, knock or leave of a user of the sender', () => {
  const rules = requireRoomRules('12')
  const { roomId } = roomOf(rules)
  const event = finish(rules, roomId, 'join')
  const request = { roomId, eventId: event.eventId, origin: 'domain' as ServerName }
  const refused = (kind: HandshakeMembership, json: unknown, change: object = {}) => {
    assert.throws(() => parseSentMember(kind, rules, json, { ...request, ...change }), { kind: 'bad-event' })
  }
  refused('leave', event.pdu)
  refused('join', event.pdu, { origin: 'other' })
  refused('join', event.pdu, { eventId: '$other' })
  refused('join', event.pdu, { roomId: `!${'x'.repeat(43)}` })
  refused('join', null)
  const forAnother = build(rules, { roomId, stateKey: '@b:domain', content: { membership: 'join' } })
  refused('join', forAnother.pdu, { eventId: forAnother.eventId })
})

test('an invite goes there and back and has both signatures, in every version', () => {
  for (const rules of roomVersions.values()) {
    const { roomId, create } = roomOf(rules)
    const invite = inviteOf(rules, roomId)
    const body = buildInviteBody(rules, invite, [create])
    const request = { roomId, eventId: invite.eventId, origin: 'resident' as ServerName }
    const received = parseInvite(body, request, (server) => server === 'domain')
    assert.deepEqual(received, { rules, event: invite, invited: user, state: { events: [create], stripped: [] } })
    const answered = parseInviteReply(rules, invite, buildInviteReply(rules, received.event, testSigner))
    assert.equal(verifyEvent(rules, answered.pdu, 'resident', residentKeys), true)
    assert.equal(verifyEvent(rules, answered.pdu, 'domain', testKeys), true)
    assert.deepEqual(parseInviteReply(rules, invite, [200, { event: answered.pdu }]), answered)
  }
})

function inviteOf(rules: RoomRules, roomId: RoomId): RoomEvent {
  return build(rules, { roomId, sender: '@c:resident' as UserId, stateKey: user, content: { membership: 'invite' } })
}

test('an invited server refuses what is no invite of its user, or lacks the create event since version 12', () => {
  const rules = requireRoomRules('12')
  const { roomId, create } = roomOf(rules)
  const invite = inviteOf(rules, roomId)
  const body = buildInviteBody(rules, invite, [create])
  const request = { roomId, eventId: invite.eventId, origin: 'resident' as ServerName }
  const refused = (json: unknown, change: object = {}, isLocal = true) => {
    assert.throws(() => parseInvite(json, { ...request, ...change }, () => isLocal), { kind: 'bad-event' })
  }
  refused(null)
  refused({ ...body, room_version: 12 })
  refused(body, { origin: 'other' })
  refused(body, {}, false)
  refused({ ...body, invite_room_state: [] })
  refused({
    ...body,
    invite_room_state: [create.pdu, { type: 'm.room.name', state_key: '', sender: user, content: {} }],
  })
  refused({ ...body, invite_room_state: Array(101).fill(create.pdu) })
  const join = build(rules, {
    roomId,
    sender: '@c:resident' as UserId,
    stateKey: user,
    content: { membership: 'join' },
  })
  refused({ ...body, event: join.pdu }, { eventId: join.eventId })
  assert.throws(() => parseInvite({ ...body, room_version: 'x' }, request, () => true), {
    kind: 'unknown-room-version',
  })
})

test('before version 12 stripped events pass, malformed ones are left out', () => {
  const rules = requireRoomRules('11')
  const { roomId } = roomOf(rules)
  const invite = inviteOf(rules, roomId)
  const stripped = { type: 'm.room.name', state_key: '', sender: user, content: { name: 'N' } }
  const body = { ...buildInviteBody(rules, invite, []), invite_room_state: [{ ...stripped, extra: 1 }, 1, {}] }
  const request = { roomId, eventId: invite.eventId, origin: 'resident' as ServerName }
  assert.deepEqual(parseInvite(body, request, () => true).state, { events: [], stripped: [stripped] })
})

test('an inviting server refuses a reply about another event or without the signature', () => {
  const rules = requireRoomRules('12')
  const { roomId } = roomOf(rules)
  const invite = inviteOf(rules, roomId)
  const other = createSignerFromSeed('other' as ServerName, '1', new Uint8Array(32))
  for (const reply of [
    {},
    { event: invite.pdu },
    buildInviteReply(rules, invite, other),
    { event: signEvent(rules, { ...invite.pdu, depth: 7 }, testSigner) },
  ]) {
    assert.throws(() => parseInviteReply(rules, invite, reply), { kind: 'bad-event' })
  }
})

test('the reply to a join gives the room; malformed events are left out and counted', () => {
  for (const rules of roomVersions.values()) {
    const { roomId, create } = roomOf(rules)
    const join = finish(rules, roomId, 'join')
    const body = {
      ...{ state: [create.pdu, 1, {}], auth_chain: [create.pdu], event: signEvent(rules, join.pdu, resident) },
      ...{ members_omitted: true, servers_in_room: ['resident', 'resident', '!'] },
    }
    const reply = parseJoinReply(rules, join, body)
    assert.deepEqual(
      { ...reply, event: join },
      {
        ...{ event: join, state: [create], authChain: [create], create, membersOmitted: true },
        ...{ serversInRoom: ['resident'], malformedCount: 2 },
      },
    )
    assert.equal(verifyEvent(rules, reply.event.pdu, 'resident', residentKeys), true)
    assert.deepEqual(parseJoinReply(rules, join, [200, body]).create, create)
  }
})

test('the reply to a join must have the room’s create event of that version and be about our join', () => {
  const rules = requireRoomRules('10')
  const { roomId, create } = roomOf(rules)
  const join = finish(rules, roomId, 'join')
  const elsewhere = build(rules, {
    roomId: '!o:resident' as RoomId,
    type: 'm.room.create',
    content: { room_version: '10' },
  })
  const otherVersion = build(rules, { roomId, type: 'm.room.create', content: { room_version: '9' } })
  for (const body of [
    {},
    { state: [], auth_chain: [] },
    { state: [create.pdu] },
    { state: [elsewhere.pdu], auth_chain: [] },
    { state: [otherVersion.pdu], auth_chain: [] },
    { state: [create.pdu], auth_chain: [], event: create.pdu },
    { state: [create.pdu], auth_chain: [], members_omitted: true },
  ]) {
    assert.throws(() => parseJoinReply(rules, join, body), { kind: 'bad-event' })
  }
})

test('the reply to a knock gives the room to look at', () => {
  const rules = requireRoomRules('12')
  const { roomId, create } = roomOf(rules)
  const knock = finish(rules, roomId, 'knock')
  const reply = parseKnockReply(rules, knock, { knock_room_state: [create.pdu] })
  assert.deepEqual(reply, { events: [create], stripped: [] })
  assert.throws(() => parseKnockReply(rules, knock, {}), { kind: 'bad-event' })
})

test('throws nothing but a typed error on any value', () => {
  const rules = requireRoomRules('11')
  const { roomId } = roomOf(rules)
  const join = finish(rules, roomId, 'join')
  const request = { roomId, eventId: join.eventId, origin: 'domain' as ServerName }
  const parsers: readonly ((json: unknown) => unknown)[] = [
    (json) => parseMemberTemplate('join', json, { roomId, userId: user }),
    (json) => parseSentMember('join', rules, json, request),
    (json) => parseInvite(json, request, () => true),
    (json) => parseInviteReply(rules, join, json),
    (json) => parseJoinReply(rules, join, json),
    (json) => parseKnockReply(rules, join, json),
  ]
  const isSafe = (parse: (json: unknown) => unknown, json: unknown) => {
    try {
      parse(json)
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
  const keys = [
    'event',
    'room_version',
    'invite_room_state',
    'knock_room_state',
    'state',
    'auth_chain',
    'servers_in_room',
  ]
  const body = fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof(fc.jsonValue(), fc.constant('11'), fc.constant(join.pdu)),
  )
  fc.assert(fc.property(fc.constantFrom(...parsers), fc.oneof(fc.anything(), body), isSafe), { numRuns: 400 })
})
