/** Readers of well-known contents: what is right, what is malformed, never an error. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readVectors, testKey, testKeys, testSigner } from '../../../tests/kit/vectors.ts'
import type { JsonObject } from '../../json/json.ts'
import { requireRoomRules, roomVersions } from '../../room-version/versions.ts'
import { hashAndSignEvent, verifyEvent } from '../sign-event.ts'
import { readCreate } from './create.ts'
import { readJoinRules } from './join-rules.ts'
import { readMember } from './member.ts'
import {
  addPolicySignature,
  buildPolicyReply,
  findPolicyServer,
  isPolicyEvent,
  isSignedByPolicyServer,
  policyKeyId,
} from './policy.ts'
import { readPowerLevels } from './power-levels.ts'
import { readThirdPartyInvite } from './third-party-invite.ts'

const v12 = requireRoomRules('12')

test('create: defaults and values', () => {
  const nothing = { creator: undefined, roomType: undefined, predecessor: undefined, additionalCreators: [] }
  assert.deepEqual(readCreate({}), { ...nothing, roomVersion: '1', federates: true })
  const content = {
    ...{ room_version: '12', creator: '@a:b', type: 'm.space', 'm.federate': false, additional_creators: ['@c:d', 1] },
    predecessor: { room_id: '!o:b', event_id: '$e' },
  }
  assert.deepEqual(readCreate(content), {
    ...{ roomVersion: '12', creator: '@a:b', roomType: 'm.space', federates: false, additionalCreators: ['@c:d'] },
    predecessor: { roomId: '!o:b', eventId: '$e' },
  })
  assert.deepEqual(readCreate({ predecessor: {}, 'm.federate': 'false', room_version: 1 }).predecessor, undefined)
})

test('member: known memberships only', () => {
  assert.equal(readMember({ membership: 'join' }).membership, 'join')
  assert.equal(readMember({ membership: 'Join' }).membership, undefined)
  assert.equal(readMember({}).membership, undefined)
  const signed = { mxid: '@a:b', token: 't', signatures: {} }
  const member = readMember({ displayname: 'D', avatar_url: 1, is_direct: true, third_party_invite: { signed } })
  assert.deepEqual([member.displayName, member.avatarUrl, member.isDirect], ['D', undefined, true])
  assert.deepEqual(member.thirdPartyInvite, { mxid: '@a:b', token: 't', signed })
  assert.equal(readMember({ third_party_invite: { signed: { mxid: 1 } } }).thirdPartyInvite, undefined)
})

test('power levels: strings pass before version 10, floats before version 6', () => {
  const content = {
    users: { '@a:b': ' +0100 ', '@b:b': 50, '@c:b': 5.9 },
    ban: '60',
    invite: null,
    notifications: { room: 20 },
  }
  const levelsOf = (version: string) => readPowerLevels(requireRoomRules(version), content)
  assert.deepEqual(
    [...levelsOf('5').users],
    [
      ['@a:b', 100],
      ['@b:b', 50],
      ['@c:b', 5],
    ],
  )
  assert.deepEqual(
    [...levelsOf('9').users],
    [
      ['@a:b', 100],
      ['@b:b', 50],
    ],
  )
  assert.deepEqual([...levelsOf('10').users], [['@b:b', 50]])
  assert.deepEqual([levelsOf('9').ban, levelsOf('10').ban, levelsOf('10').invite], [60, 50, 0])
  assert.deepEqual([levelsOf('10').notificationsRoom, readPowerLevels(v12, {}).notificationsRoom], [20, 50])
  assert.deepEqual([readPowerLevels(v12, {}).state_default, readPowerLevels(v12, {}).events_default], [50, 0])
})

test('join rules: only what the version knows; conditions of restricted rooms', () => {
  const ruleOf = (version: string, join_rule: unknown) => {
    return readJoinRules(requireRoomRules(version), { join_rule } as JsonObject).joinRule
  }
  assert.deepEqual([ruleOf('1', 'public'), ruleOf('1', 'private'), ruleOf('1', 5)], ['public', 'private', 'invite'])
  assert.deepEqual([ruleOf('6', 'knock'), ruleOf('7', 'knock')], ['invite', 'knock'])
  assert.deepEqual([ruleOf('7', 'restricted'), ruleOf('8', 'restricted')], ['invite', 'restricted'])
  assert.deepEqual([ruleOf('9', 'knock_restricted'), ruleOf('10', 'knock_restricted')], ['invite', 'knock_restricted'])
  assert.deepEqual(readJoinRules(v12, undefined), { joinRule: 'invite', allowedRooms: [] })
  const condition = { type: 'm.room_membership', room_id: '!a:b' }
  const allow = [condition, condition, { type: 'other', room_id: '!b:b' }, 1, { type: 'm.room_membership' }]
  assert.deepEqual(readJoinRules(v12, { join_rule: 'restricted', allow }).allowedRooms, ['!a:b'])
  assert.deepEqual(readJoinRules(v12, { join_rule: 'public', allow }).allowedRooms, [])
})

test('third-party invite: all keys once', () => {
  const content = { display_name: 'D', public_key: 'K', public_keys: [{ public_key: 'K' }, { public_key: 'L' }, {}, 1] }
  assert.deepEqual(readThirdPartyInvite(content), { displayName: 'D', publicKeys: ['K', 'L'] })
  assert.deepEqual(readThirdPartyInvite({ public_keys: 1 }), { displayName: undefined, publicKeys: [] })
})

test('policy server: found if whole, its signature counts apart from the server’s own', () => {
  const server = findPolicyServer({ via: 'domain', public_keys: { ed25519: testKey.publicKey } })!
  assert.deepEqual(server, { name: 'domain', publicKey: testKey.publicKey })
  for (const bad of [
    undefined,
    {},
    { via: 'domain' },
    { via: '!', public_keys: { ed25519: 'x' } },
    { via: 'a', public_keys: {} },
  ]) {
    assert.equal(findPolicyServer(bad), undefined)
  }
  const { cases } = readVectors<{ cases: { version: string; event: JsonObject }[] }>('event-ids.json')
  const { event } = cases.find(({ version }) => version === '12')!
  const policySigner = { ...testSigner, keyId: policyKeyId as typeof testSigner.keyId }
  assert.equal(isSignedByPolicyServer(v12, event, server), false)
  const signed = hashAndSignEvent(v12, event, policySigner)
  assert.equal(isSignedByPolicyServer(v12, signed, server), true)
  assert.equal(verifyEvent(v12, signed, 'domain', testKeys), true, 'the key of the policy server is not known: skipped')

  const reply = buildPolicyReply(v12, event, policySigner)
  const own = hashAndSignEvent(v12, event, testSigner)
  const both = addPolicySignature(v12, own, server, reply)!
  assert.equal(verifyEvent(v12, both, 'domain', testKeys), true, 'the own signature stays')
  assert.equal(isSignedByPolicyServer(v12, both, server), true)
  const large = hashAndSignEvent(v12, { ...event, content: { body: 'x'.repeat(65_000) } }, testSigner)
  assert.equal(addPolicySignature(v12, large, server, buildPolicyReply(v12, large, policySigner)), undefined)
  for (const bad of [null, [], {}, { domain: 7 }, { domain: { [policyKeyId]: 7 } }, { other: reply.domain! }]) {
    assert.equal(addPolicySignature(v12, own, server, bad), undefined, JSON.stringify(bad))
  }
  const named = { type: 'm.room.policy', stateKey: '' }
  assert.deepEqual([named, { ...named, stateKey: 'x' }, { type: named.type }].map(isPolicyEvent), [true, false, false])
})

test('no content makes a reader throw', () => {
  const rules = fc.constantFrom(...roomVersions.values())
  const keys = [
    'users',
    'events',
    'notifications',
    'allow',
    'join_rule',
    'public_keys',
    'third_party_invite',
    'predecessor',
  ]
  const content = fc.dictionary(
    fc.oneof(fc.constantFrom(...keys, 'via', 'additional_creators'), fc.string()),
    fc.jsonValue(),
  )
  const isSafe = (version: Parameters<typeof readPowerLevels>[0], object: object) => {
    const given = object as JsonObject
    for (const read of [readCreate, readMember, readThirdPartyInvite, findPolicyServer]) read(given)
    readPowerLevels(version, given)
    readJoinRules(version, given)
  }
  fc.assert(fc.property(rules, content, isSafe))
})
