/** The checks of an event of another server that look at other events. Pure. */

import {
  type AuthState,
  allow,
  type CitedEvent,
  checkAuthEvents,
  type EventId,
  type RoomEvent,
  type RoomRules,
  stateKeyOf,
} from '@parallax/protocol'

export type JudgeFacts = {
  readonly create: RoomEvent
  /** The events that it cites, as far as they are stored. */
  readonly find: (eventId: EventId) => CitedEvent | undefined
  readonly before: AuthState
  /** The room's current state; undefined: the same as before the event. */
  readonly now: AuthState | undefined
  readonly isAuthoriserSigned: boolean
  readonly isPolicySigned: boolean
}

/** 0 accepted, 1 soft-failed, 2 rejected; the reason of what is not accepted, a sentence without its full stop. */
export type Judgement =
  | { readonly outcome: 0 }
  | {
      readonly outcome: 1 | 2
      readonly reason: string
      /** By what the event itself cites, whatever the state is. */
      readonly isByItself: boolean
    }

/**
 * Checks 4 to 7 of server-server-api#checks-performed-on-receipt-of-a-pdu, in that order; 1 to 3 are those of format,
 * signatures and hash, which come before.
 */
export function judge(rules: RoomRules, event: RoomEvent, facts: JudgeFacts): Judgement {
  const { create, before, now } = facts
  const authFacts = { create, authorisingServerSigned: facts.isAuthoriserSigned }
  const rejected = (reason: string, isByItself = true): Judgement => ({ outcome: 2, reason, isByItself })
  // A room begins once; its beginning may arrive late, when its history is filled in.
  if (event.type === 'm.room.create' && event.eventId !== create.eventId) {
    return rejected('The room has a create event already')
  }
  // 4. By its auth events: the list itself, and what they allow.
  const cited = checkAuthEvents(rules, event, facts.find)
  if (!cited.ok) return rejected(cited.reason)
  const byAuthEvents = allow(rules, event, citedState(event, facts), authFacts)
  if (!byAuthEvents.ok) return rejected(byAuthEvents.reason)
  // 5. By the state before it.
  const byStateBefore = allow(rules, event, before, authFacts)
  if (!byStateBefore.ok) return rejected(byStateBefore.reason, false)
  // 6. By the current state.
  const byStateNow = now === undefined ? byStateBefore : allow(rules, event, now, authFacts)
  if (!byStateNow.ok) return { outcome: 1, reason: byStateNow.reason, isByItself: false }
  // 7. By the room's policy server.
  if (!facts.isPolicySigned)
    return { outcome: 1, reason: 'The policy server of the room did not sign it', isByItself: false }
  return { outcome: 0 }
}

/** The state that an event's own auth events make up. */
export function citedState(event: RoomEvent, { find }: Pick<JudgeFacts, 'find'>): AuthState {
  const events = new Map<string, RoomEvent>()
  for (const id of event.authEvents) {
    const cited = find(id)?.event
    if (cited?.stateKey !== undefined) events.set(stateKeyOf(cited.type, cited.stateKey), cited)
  }
  return { get: (type, stateKey) => events.get(stateKeyOf(type, stateKey)) }
}
