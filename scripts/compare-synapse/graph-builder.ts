/** Room graphs that our own code judges as they grow. */

import {
  type AuthState,
  allow,
  checkAuthEvents,
  type EventId,
  eventIdOf,
  type JsonObject,
  parseStoredEvent,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  redact,
  resolveState,
  roomIdOfCreate,
  type StateMap,
  type StateMapKey,
  stateKeyOf,
  type Verdict,
} from '../../packages/protocol/src/index.ts'
import type { Random } from './random.ts'
import { type Drawn, serverOf } from './world.ts'

/** One event with what our code says of it. */
export type JudgedEvent = {
  readonly event: RoomEvent
  /** On the list of auth events, by their state, by the state before. */
  readonly verdicts: readonly [Verdict, Verdict, Verdict]
  readonly before: StateMap
  readonly after: StateMap
  readonly redacted: JsonObject
}

export type RoomGraph = { readonly seed: number; readonly version: string; readonly events: readonly JudgedEvent[] }

/** A graph that grows. */
export type Draft = {
  rules: RoomRules
  random: Random
  roomId: RoomId | undefined
  judged: JudgedEvent[]
  byId: Map<EventId, JudgedEvent>
}

/** A graph without events. */
export function createDraft(rules: RoomRules, random: Random): Draft {
  return { rules, random, roomId: undefined, judged: [], byId: new Map() }
}

/** The state before an event with these previous events, by our own resolution. */
export function stateBefore(draft: Draft, prev: readonly EventId[]): StateMap {
  const forks = prev.map((id) => draft.byId.get(id)!.after)
  const events = {
    get: (id: EventId) => draft.byId.get(id)?.event,
    isRejected: (id: EventId) => !isAccepted(draft.byId.get(id)!),
  }
  const resolution = resolveState(draft.rules, forks, events)
  if ('missing' in resolution) throw new Error(`Resolution lacks ${resolution.missing.join(' ')}`)
  return resolution.state
}

/** Adds an event to the graph and judges it. */
export function addEvent(
  draft: Draft,
  drawn: Drawn,
  sender: string,
  prev: readonly EventId[],
  auth: readonly EventId[],
): JudgedEvent {
  const { rules } = draft
  const pdu = buildPdu(draft, drawn, sender, prev, auth)
  const eventId = eventIdOf(rules, pdu)
  const event = parseStoredEvent(rules, eventId, draft.roomId ?? roomIdOfCreate(eventId), pdu)
  const before = prev.length === 0 ? new Map<StateMapKey, EventId>() : stateBefore(draft, prev)
  const verdicts = judge(draft, event, before)
  const after = new Map(before)
  const isNewState = event.stateKey !== undefined && verdicts.every(({ ok }) => ok)
  if (isNewState) after.set(stateKeyOf(event.type, event.stateKey!), eventId)
  const judged: JudgedEvent = {
    event,
    verdicts,
    before,
    after: isNewState ? after : before,
    redacted: redact(rules, pdu),
  }
  draft.judged.push(judged)
  draft.byId.set(eventId, judged)
  return judged
}

function judge(draft: Draft, event: RoomEvent, before: StateMap): [Verdict, Verdict, Verdict] {
  const { rules, byId } = draft
  const find = (id: EventId): { event: RoomEvent; isRejected: boolean } | undefined => {
    const judged = byId.get(id)
    return judged && { event: judged.event, isRejected: !isAccepted(judged) }
  }
  const facts = { create: rules.privilegedCreators ? draft.judged[0]?.event : undefined, authorisingServerSigned: true }
  const cited = new Map<string, RoomEvent>()
  for (const id of event.authEvents) {
    const auth = byId.get(id)!.event
    if (auth.stateKey !== undefined) cited.set(stateKeyOf(auth.type, auth.stateKey), auth)
  }
  const byAuth: AuthState = { get: (type, key) => cited.get(stateKeyOf(type, key)) }
  const byState: AuthState = { get: (type, key) => eventIn(draft, before, type, key) }
  return [checkAuthEvents(rules, event, find), allow(rules, event, byAuth, facts), allow(rules, event, byState, facts)]
}

/** The event at a place of a state. */
export function eventIn({ byId }: Draft, state: StateMap, type: string, stateKey: string): RoomEvent | undefined {
  const id = state.get(stateKeyOf(type, stateKey))
  return id === undefined ? undefined : byId.get(id)?.event
}

/** True if no rule refused the event. */
export function isAccepted(judged: JudgedEvent): boolean {
  return judged.verdicts.every(({ ok }) => ok)
}

function buildPdu(
  draft: Draft,
  drawn: Drawn,
  sender: string,
  prev: readonly EventId[],
  auth: readonly EventId[],
): JsonObject {
  const { random, rules, judged } = draft
  const refer = (ids: readonly EventId[]): JsonObject['x'] =>
    rules.eventFormat === 1 ? ids.map((id) => [id, { sha256: 'aGFzaA' }]) : [...ids]
  const depths = prev.map((id) => draft.byId.get(id)!.event.depth)
  const pdu: JsonObject = {
    type: drawn.type,
    sender,
    content: drawn.content,
    depth: random.chance(0.05) ? random.below(20) : Math.max(0, ...depths) + 1,
    // Many ties, and now and then a clock that is wrong.
    origin_server_ts: 1000 + judged.length - (judged.length % 3) + (random.chance(0.1) ? random.below(40) - 20 : 0),
    hashes: { sha256: `${judged.length}` },
    signatures: { [serverOf(sender)]: { 'ed25519:1': 'c2lnbmF0dXJl' } },
    prev_events: refer(prev),
    auth_events: refer(auth),
  }
  if (draft.roomId !== undefined) pdu.room_id = draft.roomId
  if (drawn.stateKey !== undefined) pdu.state_key = drawn.stateKey
  if (drawn.redacts !== undefined) pdu.redacts = drawn.redacts
  if (rules.eventFormat === 1)
    pdu.event_id = `$${judged.length}:${serverOf(random.chance(0.9) ? sender : '@x:other.test')}`
  for (const extra of random.some(['origin', 'membership', 'prev_state', 'extra'], 0.1)) pdu[extra] = 'x'
  return pdu
}
