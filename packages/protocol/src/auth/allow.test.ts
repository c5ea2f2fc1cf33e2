/** The rules on arbitrary contents: a verdict, never an exception. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { eventOf } from '../../tests/kit/event-vectors.ts'
import type { JsonObject } from '../json/json.ts'
import { roomVersions } from '../room-version/versions.ts'
import { allow } from './allow.ts'
import { checkAuthEvents } from './check-auth-events.ts'
import { selectAuthEvents } from './select-auth-events.ts'

const types = ['create', 'member', 'power_levels', 'join_rules', 'third_party_invite', 'aliases', 'redaction', 'topic']
const keys = [
  ...['membership', 'creator', 'additional_creators', 'm.federate', 'room_version', 'join_rule', 'public_keys', 'ban'],
  ...['third_party_invite', 'join_authorised_via_users_server', 'users', 'events', 'notifications', 'users_default'],
]
const user = '@user:a.test'
const level = fc.oneof(fc.jsonValue(), fc.constantFrom('1', ' 2 ', 'join', 'invite', 'knock', 'ban', 'leave', user))
const map = fc.dictionary(fc.oneof(fc.constantFrom(user, '@b:b.test', '__proto__', 'constructor'), fc.string()), level)
const signed = fc.record({ signed: fc.record({ mxid: level, token: level, signatures: map }, { requiredKeys: [] }) })
const content = fc.dictionary(fc.constantFrom(...keys), fc.oneof(level, map, signed, fc.array(map)))
const event = fc.record({
  type: fc.constantFrom(...types.map((type) => `m.room.${type}`)),
  stateKey: fc.option(fc.constantFrom('', user, '@b:b.test', 'nobody', 'a.test'), { nil: undefined }),
  content,
})

test('judges any event against any state without an exception', () => {
  const rules = fc.constantFrom(...roomVersions.values())
  const state = fc.array(event, { maxLength: 8 })
  fc.assert(
    fc.property(rules, event, state, (version, subject, others) => {
      const events = [...others, subject].map(({ type, stateKey, content }) =>
        eventOf({
          type,
          ...(stateKey === undefined ? {} : { state_key: stateKey }),
          sender: user,
          content: content as JsonObject,
        }),
      )
      const judged = { ...events.at(-1)!, authEvents: events.slice(0, 3).map(({ eventId }) => eventId) }
      const get = (type: string, stateKey: string) =>
        events.find((found) => found.type === type && found.stateKey === stateKey)
      const create = get('m.room.create', '')
      const verdict = allow(version, judged, { get }, { create, authorisingServerSigned: true })
      assert.equal(typeof verdict.ok, 'boolean')
      const find = (id: string) => {
        const found = events.find(({ eventId }) => eventId === id)
        return found && { event: found, isRejected: false }
      }
      assert.equal(typeof checkAuthEvents(version, judged, find).ok, 'boolean')
      assert.ok(selectAuthEvents(version, judged).length <= 7)
    }),
    { numRuns: 400 },
  )
})
