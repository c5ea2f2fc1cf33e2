/** Redaction per room version. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readVectors } from '../../tests/kit/vectors.ts'
import type { JsonObject } from '../json/json.ts'
import { requireRoomRules, roomVersions } from '../room-version/versions.ts'
import { redact } from './redact.ts'

type Case = { name: string; event: JsonObject; expected: { versions: string[]; redacted: JsonObject }[] }
const { cases } = readVectors<{ cases: Case[] }>('redaction.json')

for (const { name, event, expected } of cases) {
  test(`redacts: ${name}`, () => {
    const before = structuredClone(event)
    for (const { versions, redacted } of expected) {
      for (const version of versions)
        assert.deepEqual(redact(requireRoomRules(version), event), redacted, `v${version}`)
    }
    assert.deepEqual(event, before, 'the input stays as it is')
  })
}

test('covers every room version with every case', () => {
  for (const { expected } of cases) {
    assert.deepEqual(
      expected.flatMap(({ versions }) => versions),
      [...roomVersions.keys()],
    )
  }
})

test('is idempotent and keeps no key that was not there', () => {
  const types = cases.map(({ event }) => event.type as string)
  const contentKeys = [...new Set(cases.flatMap(({ event }) => Object.keys(event.content as JsonObject)))]
  const content = fc.dictionary(fc.oneof(fc.constantFrom(...contentKeys, '__proto__'), fc.string()), fc.jsonValue())
  const rules = fc.constantFrom(...roomVersions.values())
  const keys = fc.constantFrom(...Object.keys(cases[0]!.event), 'state_key', 'event_id')
  const event = fc.tuple(fc.constantFrom(...types), content, fc.dictionary(keys, fc.jsonValue()))
  const holds = (version: Parameters<typeof redact>[0], [type, inner, rest]: [string, object, object]) => {
    const pdu = { ...rest, type, content: inner } as JsonObject
    const once = redact(version, pdu)
    assert.deepEqual(redact(version, once), once)
    for (const key of Object.keys(once)) assert.ok(Object.hasOwn(pdu, key))
  }
  fc.assert(fc.property(rules, event, holds))
})

test('an event without a content gets an empty one', () => {
  const rules = requireRoomRules('12')
  for (const content of [undefined, null, [], 'x']) assert.deepEqual(redact(rules, { type: 'a', content }).content, {})
})
