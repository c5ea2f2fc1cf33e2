/** Auth events and the effect of redactions against the vectors in `vectors/auth-events`. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allowRedaction,
  checkAuthEvents,
  type EventId,
  type JsonObject,
  type RoomEvent,
  type RoomRules,
  selectAuthEvents,
} from '../src/index.ts'
import { eventOf, readVectorFile, rulesOfRange, type VectorEvent } from './kit/event-vectors.ts'

type Named = { readonly name: string; readonly versions: string }
type Selection = Named & { readonly event: VectorEvent; readonly selected: readonly (readonly [string, string])[] }
type List = Named & {
  readonly event: VectorEvent
  readonly auth_events: readonly string[]
  readonly create?: 'unknown' | 'rejected' | 'other-type'
  readonly allowed: boolean
  readonly rule?: string
}
type Applied = Named & {
  readonly sender: string
  readonly original_sender: string
  readonly power_levels: JsonObject
  readonly applied: boolean
}

for (const vector of readVectorFile<{ vectors: Selection[] }>('auth-events/selection.json').vectors) {
  test(`selects, ${vector.versions}: ${vector.name}`, () => {
    for (const rules of rulesOfRange(vector.versions)) {
      assert.deepEqual(
        selectAuthEvents(rules, eventOf(vector.event)).sort(),
        [...vector.selected].sort(),
        rules.version,
      )
    }
  })
}

const lists = readVectorFile<{ events: VectorEvent[]; vectors: List[] }>('auth-events/list.json')
for (const vector of lists.vectors) {
  test(`list of auth events, ${vector.versions}: ${vector.name}`, () => {
    for (const rules of rulesOfRange(vector.versions)) checkList(rules, vector)
  })
}

function checkList(rules: RoomRules, vector: List): void {
  const roomId = rules.privilegedCreators ? '!create' : '!room:a.test'
  const events = new Map<string, RoomEvent>()
  for (const event of lists.events) events.set(event.event_id!, eventOf({ room_id: roomId, ...event }))
  if (vector.create === 'unknown') events.delete('$create')
  if (vector.create === 'other-type') events.set('$create', { ...events.get('$create')!, type: 'm.room.topic' })
  const find = (id: EventId) => {
    const event = events.get(id)
    return event && { event, isRejected: id === '$bad' || (id === '$create' && vector.create === 'rejected') }
  }
  const event = eventOf({ ...vector.event, room_id: roomId, auth_events: vector.auth_events })
  const verdict = checkAuthEvents(rules, event, find)
  assert.equal(verdict.ok ? 'allowed' : verdict.rule, vector.allowed ? 'allowed' : vector.rule, rules.version)
}

for (const vector of readVectorFile<{ vectors: Applied[] }>('auth-events/apply-redaction.json').vectors) {
  test(`effect of a redaction, ${vector.versions}: ${vector.name}`, () => {
    for (const rules of rulesOfRange(vector.versions)) {
      const creator = '@creator:a.test'
      const create = eventOf({ type: 'm.room.create', state_key: '', sender: creator, content: { creator } })
      const content = vector.power_levels
      const levels = eventOf({ type: 'm.room.power_levels', state_key: '', sender: creator, content })
      const auth = { get: (type: string) => [create, levels].find((event) => event.type === type) }
      const original = eventOf({ event_id: '$x', type: 'm.room.message', sender: vector.original_sender, content: {} })
      const redaction = eventOf({ type: 'm.room.redaction', sender: vector.sender, content: {}, redacts: '$x' })
      assert.equal(allowRedaction(rules, redaction, original, auth).ok, vector.applied, rules.version)
      const another = { ...original, eventId: '$y' as EventId }
      assert.equal(allowRedaction(rules, redaction, another, auth).ok, false)
    }
  })
}
