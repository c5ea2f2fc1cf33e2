/** Random room graphs, judged by our own code: forks, merges, stale and wrong auth events, rejected events. */

import {
  type AuthState,
  allow,
  checkAuthEvents,
  createSigningKey,
  type EventId,
  eventIdOf,
  type JsonObject,
  parseStoredEvent,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  redact,
  requireRoomRules,
  resolveState,
  roomIdOfCreate,
  roomVersions,
  type StateMap,
  type StateMapKey,
  selectAuthEvents,
  splitStateKey,
  stateKeyOf,
  type Verdict,
} from '../../packages/protocol/src/index.ts'
import { drawEvent } from './draw-event.ts'
import { createRandom, type Random } from './random.ts'
import { type Drawn, serverOf, type World } from './world.ts'

const users = ['@a:a.test', '@b:a.test', '@c:b.test:8448', '@d:b.test:8448', '@e:c.test', '@f:c.test', '@g:a.test']
const keys = [1, 2].map((byte) => createSigningKey(`k${byte}`, new Uint8Array(32).fill(byte)))

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

type Draft = {
  rules: RoomRules
  random: Random
  roomId: RoomId | undefined
  judged: JudgedEvent[]
  byId: Map<EventId, JudgedEvent>
}

/** The graph that belongs to the seed, of a version that follows from it too unless given. */
export function generateGraph(seed: number, version?: string): RoomGraph {
  const random = createRandom(seed)
  const rules = requireRoomRules(version ?? random.pick([...roomVersions.keys()]))
  const draft: Draft = { rules, random, roomId: undefined, judged: [], byId: new Map() }
  addCreate(draft)
  const size = 8 + random.below(45)
  while (draft.judged.length < size) addNext(draft)
  return { seed, version: rules.version, events: draft.judged }
}

function addCreate(draft: Draft): void {
  const { random, rules } = draft
  const creator = random.pick(users)
  const content: JsonObject = { room_version: rules.version, predecessor: { room_id: '!old:a.test' } }
  if (!rules.creatorIsSender || random.chance(0.3)) content.creator = random.chance(0.95) ? creator : random.pick(users)
  if (random.chance(0.04)) content['m.federate'] = random.chance(0.5)
  if (random.chance(rules.privilegedCreators ? 0.5 : 0.05)) content.additional_creators = random.some(users, 0.3)
  if (!rules.privilegedCreators) draft.roomId = `!room:${serverOf(creator)}` as RoomId
  const create = add(draft, { type: 'm.room.create', stateKey: '', content }, creator, [], [])
  if (rules.privilegedCreators) draft.roomId = roomIdOfCreate(create.event.eventId)
  const join: Drawn = { type: 'm.room.member', stateKey: creator, content: { membership: 'join' } }
  add(draft, join, creator, [create.event.eventId], rules.privilegedCreators ? [] : [create.event.eventId])
}

function addNext(draft: Draft): void {
  const { random, judged } = draft
  const prev = drawPrev(draft)
  const before = stateBefore(draft, prev)
  const find = (type: string, stateKey: string): RoomEvent | undefined => eventIn(draft, before, type, stateKey)
  const joined = users.filter((user) => find('m.room.member', user)?.content.membership === 'join')
  const sender = joined.length > 0 && random.chance(0.7) ? random.pick(joined) : random.pick(users)
  const world: World = {
    rules: draft.rules,
    random,
    users: isClosed(judged[0]!.event, sender) ? users.filter((user) => serverOf(user) === serverOf(sender)) : users,
    sender,
    keys,
    find,
    stateKeys: (type) =>
      [...before.keys()]
        .map(splitStateKey)
        .filter(([of]) => of === type)
        .map(([, key]) => key),
    anyEvent: () => random.pick(judged).event,
  }
  const drawn = drawEvent(world)
  add(draft, drawn, sender, prev, drawAuthEvents(draft, before, drawn, sender))
}

/** In closed rooms Synapse judges the target's server too (see exceptions): only its own server's users are drawn. */
function isClosed(create: RoomEvent, sender: string): boolean {
  return create.content['m.federate'] === false && serverOf(sender) === serverOf(create.sender)
}

/** Mostly one of the last events or all ends of the graph; now and then something from long ago. */
function drawPrev({ random, judged }: Draft): EventId[] {
  const cited = new Set(judged.flatMap(({ event }) => event.prevEvents))
  const ends = judged
    .map(({ event }) => event.eventId)
    .filter((id) => !cited.has(id))
    .slice(-4)
  const kind = random.below(10)
  const recent = judged.slice(-6).map(({ event }) => event.eventId)
  if (kind < 4) return [judged.at(-1)!.event.eventId]
  if (kind < 7) return [...new Set([...ends.filter(() => random.chance(0.7)), random.pick(ends)])]
  if (kind < 9) return [...new Set([random.pick(recent), random.pick(recent)])]
  return [random.pick(judged).event.eventId]
}

function stateBefore(draft: Draft, prev: readonly EventId[]): StateMap {
  const forks = prev.map((id) => draft.byId.get(id)!.after)
  const events = {
    get: (id: EventId) => draft.byId.get(id)?.event,
    isRejected: (id: EventId) => !isAccepted(draft.byId.get(id)!),
  }
  const resolution = resolveState(draft.rules, forks, events)
  if ('missing' in resolution) throw new Error(`Resolution lacks ${resolution.missing.join(' ')}`)
  return resolution.state
}

function drawAuthEvents(draft: Draft, before: StateMap, drawn: Drawn, sender: string): EventId[] {
  const { random, rules, judged } = draft
  const subject = { type: drawn.type, stateKey: drawn.stateKey, sender, content: drawn.content }
  const pairs = selectAuthEvents(rules, subject)
  let ids = pairs.map(([type, key]) => before.get(stateKeyOf(type, key))).filter((id) => id !== undefined)
  if (random.chance(0.9)) return ids
  const states = judged.filter(({ event }) => event.stateKey !== undefined).map(({ event }) => event)
  const kind = random.below(4)
  if (kind === 0) ids = ids.filter(() => random.chance(0.7))
  if (kind === 1) ids = [...ids, random.pick(states).eventId]
  // Another event of the same key: as seen from elsewhere in the graph, or rejected.
  if (kind >= 2)
    ids = ids.map((id) => random.pick(states.filter((event) => isSameKey(event, draft.byId.get(id)!.event))).eventId)
  return ids
}

function isSameKey(a: RoomEvent, b: RoomEvent): boolean {
  return a.type === b.type && a.stateKey === b.stateKey
}

function add(
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

function eventIn({ byId }: Draft, state: StateMap, type: string, stateKey: string): RoomEvent | undefined {
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
    pdu.event_id = `$${judged.length}:${serverOf(random.chance(0.9) ? sender : random.pick(users))}`
  for (const extra of random.some(['origin', 'membership', 'prev_state', 'extra'], 0.1)) pdu[extra] = 'x'
  return pdu
}
