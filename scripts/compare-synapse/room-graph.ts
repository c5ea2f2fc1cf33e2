/** Random room graphs: forks, merges, stale and wrong auth events, rejected events. */

import {
  createSigningKey,
  type EventId,
  type JsonObject,
  type RoomEvent,
  type RoomId,
  requireRoomRules,
  roomIdOfCreate,
  roomVersions,
  type StateMap,
  selectAuthEvents,
  splitStateKey,
  stateKeyOf,
} from '../../packages/protocol/src/index.ts'
import { drawEvent } from './draw-event.ts'
import { addEvent, createDraft, type Draft, eventIn, type RoomGraph, stateBefore } from './graph-builder.ts'
import { createRandom } from './random.ts'
import { type Drawn, serverOf, type World } from './world.ts'

const users = ['@a:a.test', '@b:a.test', '@c:b.test:8448', '@d:b.test:8448', '@e:c.test', '@f:c.test', '@g:a.test']
const keys = [1, 2].map((byte) => createSigningKey(`k${byte}`, new Uint8Array(32).fill(byte)))

/** The graph that belongs to the seed, of a version that follows from it too unless given. */
export function generateGraph(seed: number, version?: string): RoomGraph {
  const random = createRandom(seed)
  const rules = requireRoomRules(version ?? random.pick([...roomVersions.keys()]))
  const draft = createDraft(rules, random)
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
  const create = addEvent(draft, { type: 'm.room.create', stateKey: '', content }, creator, [], [])
  if (rules.privilegedCreators) draft.roomId = roomIdOfCreate(create.event.eventId)
  const join: Drawn = { type: 'm.room.member', stateKey: creator, content: { membership: 'join' } }
  addEvent(draft, join, creator, [create.event.eventId], rules.privilegedCreators ? [] : [create.event.eventId])
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
  addEvent(draft, drawn, sender, prev, drawAuthEvents(draft, before, drawn, sender))
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
