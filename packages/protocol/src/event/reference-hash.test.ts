/** Content hashes, event IDs and signatures per room version. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readVectors, testKeys, testSigner } from '../../tests/kit/vectors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import { requireRoomRules } from '../room-version/versions.ts'
import { contentHash, matchesContentHash } from './content-hash.ts'
import { parsePdu } from './parse-pdu.ts'
import { redact } from './redact.ts'
import { eventIdOf } from './reference-hash.ts'
import { hashAndSignEvent, isSignedByAuthorisingServer, requiredSigners, verifyEvent } from './sign-event.ts'

type Case = { name: string; version: string; event: JsonObject; event_id: string }
const { cases } = readVectors<{ cases: Case[] }>('event-ids.json')

for (const { name, version, event, event_id } of cases) {
  test(`hash, ID and signature of a ${name} of version ${version}`, () => {
    const rules = requireRoomRules(version)
    assert.equal(eventIdOf(rules, event), event_id)
    assert.equal(matchesContentHash(rules, event), true)
    assert.equal(verifyEvent(rules, event, 'domain', testKeys), true)
    const { hashes: _hashes, signatures: _signatures, ...bare } = event
    assert.deepEqual(hashAndSignEvent(rules, bare, testSigner), event)
    assert.equal(eventIdOf(rules, redact(rules, event)), event_id, 'a redaction keeps the ID')
    assert.equal(verifyEvent(rules, redact(rules, event), 'domain', testKeys), true)
  })
}

test('a change of what redaction strips breaks the hash only, any other change the signature too', () => {
  const { event } = cases.find(({ name, version }) => name === 'message' && version === '10')!
  const rules = requireRoomRules('10')
  const changed = { ...event, content: { body: 'other' } }
  assert.equal(matchesContentHash(rules, changed), false)
  assert.equal(verifyEvent(rules, changed, 'domain', testKeys), true)
  assert.equal(verifyEvent(rules, { ...event, depth: 4 }, 'domain', testKeys), false)
})

test('a hash may be padded or in the other alphabet, and must be there', () => {
  const { event } = cases.find(({ name, version }) => name === 'message' && version === '12')!
  const rules = requireRoomRules('12')
  const hash = contentHash(rules, event)
  const withHash = (sha256: string): JsonObject => ({ ...event, hashes: { sha256 } })
  assert.equal(matchesContentHash(rules, withHash(`${hash}=`)), true)
  assert.equal(matchesContentHash(rules, withHash(hash.replaceAll('+', '-').replaceAll('/', '_'))), true)
  assert.equal(matchesContentHash(rules, { ...event, hashes: {} }), false)
  assert.equal(matchesContentHash(rules, withHash('!')), false)
})

test('an event of versions 1 and 2 needs an ID of its own, with a server', () => {
  for (const event_id of [undefined, 1, '$x', 'x:domain']) {
    assert.throws(() => eventIdOf(requireRoomRules('1'), { event_id }), { kind: 'bad-event' })
  }
})

test('names the servers that must have signed', () => {
  const signersOf = (version: string, change: JsonObject, content: JsonObject = {}): readonly string[] => {
    const { event } = cases.find((candidate) => candidate.name === 'member' && candidate.version === version)!
    const base = isJsonObject(event.content) ? event.content : {}
    const pdu = { ...event, ...change, content: { ...base, ...content } }
    return requiredSigners(requireRoomRules(version), parsePdu(requireRoomRules(version), pdu))
  }
  const viaOther = { join_authorised_via_users_server: '@b:other' }
  assert.deepEqual(signersOf('1', { event_id: '$0:origin' }), ['domain', 'origin'])
  assert.deepEqual(signersOf('7', {}, viaOther), ['domain'])
  assert.deepEqual(signersOf('8', {}, viaOther), ['domain', 'other'])
  assert.deepEqual(signersOf('12', {}, { ...viaOther, membership: 'leave' }), ['domain'])
  assert.deepEqual(signersOf('12', {}, { membership: 'invite', third_party_invite: { signed: {} } }), [])
})

test('an authorising user counts only with the signature of his server, since version 8', () => {
  const judge = (version: string, join_authorised_via_users_server: JsonValue | undefined, server = 'domain') => {
    const { event } = cases.find((candidate) => candidate.name === 'member' && candidate.version === version)!
    const rules = requireRoomRules(version)
    const { hashes: _hashes, ...bare } = event
    const content = { membership: 'leave', join_authorised_via_users_server }
    const parsed = parsePdu(rules, hashAndSignEvent(rules, { ...bare, content }, testSigner))
    return isSignedByAuthorisingServer(rules, parsed, (name) => (name === server ? testKeys : undefined))
  }
  assert.equal(judge('12', undefined), true)
  assert.equal(judge('12', '@b:domain'), true)
  assert.equal(judge('12', '@b:domain', 'nobody'), false)
  assert.equal(judge('12', '@b:other', 'other'), false)
  assert.equal(judge('12', 5), false)
  assert.equal(judge('7', '@b:other'), true)
})
