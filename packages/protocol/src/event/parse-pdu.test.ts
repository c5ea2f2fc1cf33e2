/** Parsing of events from other servers: format, limits, expected IDs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { applySet, readVectors } from '../../tests/kit/vectors.ts'
import { ProtocolError } from '../errors.ts'
import type { EventId, RoomId } from '../ids.ts'
import type { JsonObject } from '../json/json.ts'
import { requireRoomRules, roomVersions } from '../room-version/versions.ts'
import { parsePdu } from './parse-pdu.ts'

type LimitCase = { name: string; accepted: boolean; versions: string[]; set: JsonObject }
const limits = readVectors<{ base: JsonObject; cases: LimitCase[] }>('limits.json')

for (const { name, accepted, versions, set } of limits.cases) {
  test(`${accepted ? 'takes' : 'refuses'}: ${name} (${versions.join(', ')})`, () => {
    for (const version of versions) {
      const parse = () => parsePdu(requireRoomRules(version), applySet(limits.base, set))
      if (accepted) parse()
      else assert.throws(parse, ProtocolError, version)
    }
  })
}

test('reads every field', () => {
  const rules = requireRoomRules('11')
  const content = { redacts: '$target' }
  const pdu = { ...limits.base, type: 'm.room.redaction', state_key: '', content, auth_events: ['$auth'], extra: 1 }
  const { eventId, ...event } = parsePdu(rules, { ...pdu, unsigned: { age: 1 } })
  assert.match(eventId, /^\$[\w-]{43}$/)
  assert.deepEqual(event, {
    roomId: '!r:domain',
    type: 'm.room.redaction',
    sender: '@a:domain',
    stateKey: '',
    content,
    originServerTs: 1,
    depth: 1,
    prevEvents: ['$p'],
    authEvents: ['$auth'],
    redacts: '$target',
    pdu,
  })
})

test('redacts is at the top before version 11, in the content since, and nowhere in other events', () => {
  const event = { ...limits.base, redacts: '$top', content: { redacts: '$inner' } }
  const redactsOf = (version: string, type: string) => parsePdu(requireRoomRules(version), { ...event, type }).redacts
  assert.equal(redactsOf('10', 'm.room.redaction'), '$top')
  assert.equal(redactsOf('11', 'm.room.redaction'), '$inner')
  assert.equal(redactsOf('11', 'm.room.message'), undefined)
})

test('a create event of version 12 makes its room ID', () => {
  const rules = requireRoomRules('12')
  const { room_id: _roomId, ...base } = limits.base
  const create = parsePdu(rules, { ...base, type: 'm.room.create', state_key: '', prev_events: [] })
  assert.equal(create.roomId, `!${create.eventId.slice(1)}`)
  assert.throws(() => parsePdu(rules, { ...base, type: 'm.room.create' }), { kind: 'bad-event' })
})

test('refuses an event that is not the one asked for', () => {
  const rules = requireRoomRules('10')
  const { eventId, roomId } = parsePdu(rules, limits.base)
  parsePdu(rules, limits.base, { eventId, roomId })
  assert.throws(() => parsePdu(rules, limits.base, { eventId: '$other' as EventId }), { kind: 'bad-event' })
  assert.throws(() => parsePdu(rules, limits.base, { roomId: '!o:domain' as RoomId }), { kind: 'bad-event' })
})

test('throws nothing but a typed error on any value', () => {
  const rules = fc.constantFrom(...roomVersions.values())
  const isSafe = (version: Parameters<typeof parsePdu>[0], json: unknown) => {
    try {
      parsePdu(version, json)
    } catch (error) {
      assert.ok(error instanceof ProtocolError, String(error))
    }
  }
  fc.assert(fc.property(rules, fc.anything(), isSafe))
  const key = fc.constantFrom(...Object.keys(limits.base), 'state_key', 'event_id', 'redacts', 'unsigned', '__proto__')
  const change = fc.dictionary(key, fc.jsonValue())
  fc.assert(fc.property(rules, change, (version, changed) => isSafe(version, { ...limits.base, ...changed })))
})
