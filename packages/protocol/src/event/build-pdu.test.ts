/** Building of our own events. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testKeys, testSigner } from '../../tests/kit/vectors.ts'
import type { EventId, RoomId, UserId } from '../ids.ts'
import { strictCanonicalJson } from '../json/canonical.ts'
import type { JsonObject } from '../json/json.ts'
import { parseStrictJson } from '../json/parse-strict.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { requireRoomRules, roomVersions } from '../room-version/versions.ts'
import { buildEvent, buildEventWithText, type EventDraft } from './build-pdu.ts'
import { matchesContentHash } from './content-hash.ts'
import { eventLimits } from './limits.ts'
import { parsePdu, parseStoredEvent } from './parse-pdu.ts'
import { verifyEvent } from './sign-event.ts'

const hashed = '5jM4wQpv6lnBo7CLIghJuHdW-s2CMBJPUOGOC89ncos'

function draftFor(rules: RoomRules, change: Partial<EventDraft> = {}): EventDraft {
  return {
    roomId: (rules.eventFormat === 12 ? `!${hashed}` : '!r:domain') as RoomId,
    type: 'm.room.message',
    sender: '@a:domain' as UserId,
    content: { body: 'hello' },
    originServerTs: 1_000_000,
    depth: 3,
    prevEvents: [`$${hashed}:domain` as EventId],
    authEvents: [`$${hashed}` as EventId],
    ...(rules.eventIdFormat === 'explicit' && { eventId: '$0:domain' as EventId, referenceHashOf: () => hashed }),
    ...change,
  }
}

test('what is built parses to the same event, with a right hash, signature and canonical text', () => {
  const content = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.oneof(fc.string(), fc.maxSafeInteger()))
  const type = fc.constantFrom('m.room.message', 'm.room.member', 'm.room.power_levels', 'm.room.redaction')
  const rules = fc.constantFrom(...roomVersions.values())
  const holds = (version: RoomRules, eventType: string, inner: object, stateKey: string | undefined) => {
    const redacts = version.redactsInContent || eventType !== 'm.room.redaction' ? undefined : ('$x:domain' as EventId)
    const draft = draftFor(version, { type: eventType, content: { ...(inner as JsonObject) }, stateKey, redacts })
    const built = buildEventWithText(version, draft, testSigner)
    assert.deepEqual(parsePdu(version, parseStrictJson(built.text, { floats: 'mark' })), built.event)
    assert.equal(strictCanonicalJson(built.event.pdu), built.text)
    assert.equal(strictCanonicalJson(built.event.content), built.contentText)
    assert.equal(matchesContentHash(version, built.event.pdu), true)
    assert.equal(verifyEvent(version, built.event.pdu, 'domain', testKeys), true)
    const { eventId, roomId, pdu } = built.event
    assert.deepEqual(parseStoredEvent(version, eventId, roomId, pdu), built.event)
  }
  fc.assert(fc.property(rules, type, content, fc.option(fc.string(), { nil: undefined }), holds))
})

test('a create event of version 12 has no room ID on the wire and makes one', () => {
  const rules = requireRoomRules('12')
  const draft = { type: 'm.room.create', stateKey: '', roomId: undefined, content: { room_version: '12' } }
  const event = buildEvent(rules, draftFor(rules, { ...draft, prevEvents: [], authEvents: [] }), testSigner)
  assert.equal(event.roomId, `!${event.eventId.slice(1)}`)
  assert.equal(Object.hasOwn(event.pdu, 'room_id'), false)
})

test('references of versions 1 and 2 carry hashes', () => {
  const event = buildEvent(requireRoomRules('2'), draftFor(requireRoomRules('2')), testSigner)
  assert.deepEqual(event.pdu.prev_events, [[`$${hashed}:domain`, { sha256: hashed }]])
  assert.deepEqual(event.prevEvents, [`$${hashed}:domain`])
})

test('the size limit is exact, in bytes', () => {
  const rules = requireRoomRules('12')
  const build = (body: string) => buildEventWithText(rules, draftFor(rules, { content: { body } }), testSigner)
  const room = eventLimits.bytesMax - build('').text.length
  assert.equal(build('x'.repeat(room)).text.length, eventLimits.bytesMax)
  assert.throws(() => build('x'.repeat(room + 1)), { kind: 'too-large' })
  build('é'.repeat(Math.floor(room / 2)))
  assert.throws(() => build('é'.repeat(Math.floor(room / 2) + 1)), { kind: 'too-large' })
})

test('refuses drafts that no server would take', () => {
  const rules = requireRoomRules('12')
  const nested = JSON.parse(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`) as JsonObject
  const bad: [string, Partial<EventDraft>][] = [
    ['too-large', { type: 'x'.repeat(256) }],
    ['too-large', { stateKey: 'é'.repeat(128) }],
    ['bad-event', { sender: 'a' as UserId }],
    ['bad-event', { roomId: undefined }],
    ['bad-event', { eventId: '$x:y' as EventId }],
    ['bad-event', { redacts: '$x' as EventId }],
    ['bad-event', { prevEvents: Array<EventId>(21).fill('$a' as EventId) }],
    ['bad-event', { authEvents: Array<EventId>(11).fill('$a' as EventId) }],
    ['bad-event', { depth: -1 }],
    ['bad-event', { depth: 2 ** 53 }],
    ['bad-event', { originServerTs: 1.5 }],
    ['bad-json', { content: { x: 1.5 } }],
    ['bad-json', { content: { x: '\ud800' } }],
    ['bad-json', { content: nested }],
  ]
  for (const [kind, change] of bad) {
    assert.throws(() => buildEvent(rules, draftFor(rules, change), testSigner), { name: 'ProtocolError', kind })
  }
  buildEvent(requireRoomRules('5'), draftFor(requireRoomRules('5'), { content: { x: 1.5 } }), testSigner)
})
