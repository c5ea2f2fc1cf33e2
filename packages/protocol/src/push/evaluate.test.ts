/** Evaluation of push rules against the vectors. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { RoomEvent } from '../event/room-event.ts'
import type { EventId, RoomId, UserId } from '../ids.ts'
import type { JsonObject } from '../json/json.ts'
import { compilePushRules, noPush, type PushOutcome } from './compile-rules.ts'
import { createEventEvaluator } from './evaluate.ts'
import type { PushRule, PushRuleKind } from './rules.ts'
import { type DefaultRuleChange, noStoredPushRules, type StoredPushRules } from './stored-rules.ts'

type Vector = {
  readonly name: string
  readonly event: {
    readonly type: string
    readonly sender: string
    readonly state_key?: string
    readonly content: JsonObject
  }
  readonly room: {
    readonly memberCount: number
    readonly senderPower: number
    readonly notificationLevels?: JsonObject
  }
  readonly displayName?: string
  readonly own?: Partial<Record<PushRuleKind, Partial<PushRule>[]>>
  readonly changes?: Record<string, DefaultRuleChange>
  readonly outcome: { readonly notify: boolean; readonly highlight: boolean; readonly sound: string | null }
}
type VectorFile = { readonly user: UserId; readonly roomId: RoomId; readonly cases: readonly Vector[] }

const vectors: VectorFile = JSON.parse(
  readFileSync(new URL('../../vectors/push/evaluate.json', import.meta.url), 'utf8'),
)

for (const vector of vectors.cases) {
  test(`push: ${vector.name}`, () => {
    const evaluator = createEventEvaluator(buildEvent(vector.event), {
      ...vector.room,
      notificationLevels: vector.room.notificationLevels,
    })
    const rules = compilePushRules(vectors.user, buildStored(vector))
    const { notify, highlight, sound } = evaluator.evaluate(rules, vector.displayName)
    assert.deepEqual({ notify, highlight, sound: sound ?? null }, vector.outcome)
  })
}

test('push: one evaluator answers each user by that user’s own rules', () => {
  const event = buildEvent({
    type: 'm.room.message',
    sender: '@s:x',
    content: { body: 'b', 'm.mentions': { user_ids: ['@b:x'] } },
  })
  const evaluator = createEventEvaluator(event, { memberCount: 4, senderPower: 0, notificationLevels: undefined })
  const changes = { '.m.rule.message': { enabled: false } }
  const ask = (userId: string, stored?: StoredPushRules): PushOutcome =>
    evaluator.evaluate(compilePushRules(userId as UserId, stored))
  assert.deepEqual(ask('@a:x'), { notify: true, highlight: false, sound: undefined, actions: ['notify'], tweaks: {} })
  assert.deepEqual(ask('@b:x').tweaks, { sound: 'default', highlight: true })
  assert.equal(ask('@c:x', { ...noStoredPushRules, changes }), noPush)
  assert.equal(ask('@s:x'), noPush)
  assert.equal(ask('@d:x').notify, true)
})

function buildEvent({ type, sender, state_key, content }: Vector['event']): RoomEvent {
  return {
    eventId: '$event' as EventId,
    roomId: vectors.roomId,
    type,
    sender: sender as UserId,
    stateKey: state_key,
    content,
    originServerTs: 1,
    depth: 1,
    prevEvents: [],
    authEvents: [],
    redacts: undefined,
    pdu: { origin: 'there' },
  }
}

function buildStored({ own, changes }: Vector): StoredPushRules {
  const complete = (kind: PushRuleKind): PushRule[] =>
    (own?.[kind] ?? []).map((rule) => ({ rule_id: '', default: false, enabled: true, actions: [], ...rule }))
  return {
    own: {
      override: complete('override'),
      content: complete('content'),
      room: complete('room'),
      sender: complete('sender'),
      underride: complete('underride'),
    },
    changes: changes ?? {},
  }
}
