/** Power and levels as the rest of the server asks for them. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventOf } from '../../tests/kit/event-vectors.ts'
import type { JsonObject } from '../json/json.ts'
import { requireRoomRules } from '../room-version/versions.ts'
import { levelFor, notificationPower, powerOf, requiredPower } from './power.ts'

const creator = '@creator:a.test'

function stateWith(levels: JsonObject | undefined, extra: JsonObject = {}) {
  const create = { type: 'm.room.create', state_key: '', sender: creator, content: { creator, ...extra } }
  const events = [eventOf(create)]
  if (levels) events.push(eventOf({ type: 'm.room.power_levels', state_key: '', sender: creator, content: levels }))
  return { get: (type: string) => events.find((event) => event.type === type) }
}

test('without power levels the creator has 100, others 0, and the defaults hold', () => {
  for (const version of ['1', '11']) {
    const rules = requireRoomRules(version)
    assert.equal(powerOf(rules, stateWith(undefined), creator), 100)
    assert.equal(powerOf(rules, stateWith(undefined), '@x:a.test'), 0)
    assert.equal(requiredPower(rules, stateWith(undefined), 'x', true), 50)
    assert.equal(requiredPower(rules, stateWith(undefined), 'x', false), 0)
    assert.equal(levelFor(rules, stateWith(undefined), 'ban'), 50)
    assert.equal(levelFor(rules, stateWith(undefined), 'invite'), 0)
    assert.equal(notificationPower(rules, stateWith(undefined), 'room'), 50)
  }
})

test('creators of version 12 have infinite power', () => {
  const state = stateWith({ users: { '@x:a.test': 100 } }, { additional_creators: ['@y:b.test'] })
  for (const [version, power] of [
    ['11', 0],
    ['12', Number.POSITIVE_INFINITY],
  ] as const) {
    assert.equal(powerOf(requireRoomRules(version), state, creator), power)
    assert.equal(powerOf(requireRoomRules(version), state, '@y:b.test'), power)
    assert.equal(powerOf(requireRoomRules(version), state, '@x:a.test'), 100)
  }
})

test('reads listed levels and their defaults', () => {
  const rules = requireRoomRules('11')
  const state = stateWith({
    users_default: 5,
    events: { x: 7 },
    notifications: { room: 20 },
    events_default: 3,
    ban: 9,
  })
  assert.equal(powerOf(rules, state, '@x:a.test'), 5)
  assert.equal(requiredPower(rules, state, 'x', true), 7)
  assert.equal(requiredPower(rules, state, 'constructor', false), 3)
  assert.equal(levelFor(rules, state, 'ban'), 9)
  assert.equal(notificationPower(rules, state, 'room'), 20)
  assert.equal(notificationPower(rules, state, '__proto__'), 50)
})
