/**
 * Evaluation of push rules: one evaluator per event, asked for each user, so that what depends on the event alone is
 * found once. Spec: client-server-api#push-rules.
 */

import type { RoomEvent } from '../event/room-event.ts'
import { type CompiledPushRules, type CompiledRule, noPush, type PushOutcome, slotCount } from './compile-rules.ts'
import { createEventFacts, type EventFacts, type RoomPushContext } from './event-facts.ts'

export type EventEvaluator = {
  /** What the event means for the user, whose display name in the room is given; `noPush` for its sender. */
  evaluate(rules: CompiledPushRules, displayName?: string): PushOutcome
}

/** An evaluator for one event of a room; keep it no longer than the event is handled. */
export function createEventEvaluator(event: RoomEvent, room: RoomPushContext): EventEvaluator {
  const facts = createEventFacts(event, room)
  /** By slot: 0 unknown, 1 matches, 2 does not. */
  const answers = new Uint8Array(slotCount)
  return {
    evaluate(rules, displayName) {
      if (rules.userId === event.sender) return noPush
      return (
        findOutcome(facts, answers, rules.first, displayName) ??
        rules.byRoom.get(event.roomId) ??
        rules.bySender.get(event.sender) ??
        findOutcome(facts, answers, rules.underride, displayName) ??
        noPush
      )
    },
  }
}

/** The outcome of the first rule that matches. */
function findOutcome(
  facts: EventFacts,
  answers: Uint8Array,
  rules: readonly CompiledRule[],
  displayName: string | undefined,
): PushOutcome | undefined {
  for (const rule of rules) {
    if (matches(facts, answers, rule, displayName)) return rule.outcome
  }
  return undefined
}

function matches(
  facts: EventFacts,
  answers: Uint8Array,
  { slot, conditions }: CompiledRule,
  displayName: string | undefined,
): boolean {
  const answer = slot < 0 ? 0 : answers[slot]!
  if (answer !== 0) return answer === 1
  const found = allHold(facts, conditions, displayName)
  if (slot >= 0) answers[slot] = found ? 1 : 2
  return found
}

function allHold(facts: EventFacts, conditions: CompiledRule['conditions'], displayName: string | undefined): boolean {
  for (const holds of conditions) {
    if (!holds(facts, displayName)) return false
  }
  return true
}
