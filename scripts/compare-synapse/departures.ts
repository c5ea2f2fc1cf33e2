/**
 * Where Synapse departs from the specification's text, or the text is silent and we chose otherwise. The random graphs
 * leave these cases out; each is proved here by a small room whose last event the two judge as stated. A departure that
 * is no longer one fails the comparison: then it goes from this list and into the random graphs.
 */

import {
  createSigner,
  createSigningKey,
  type EventId,
  type JsonObject,
  type RoomId,
  requireRoomRules,
  type ServerName,
  selectAuthEvents,
  signJson,
  stateKeyOf,
} from '../../packages/protocol/src/index.ts'
import { addEvent, createDraft, isAccepted, type RoomGraph } from './graph-builder.ts'
import { createRandom } from './random.ts'
import type { Drawn } from './world.ts'

/** One departure: the room's events in a line, the last of them in question. */
type Departure = {
  readonly name: string
  readonly reason: string
  readonly version: string
  readonly create?: JsonObject
  readonly events: readonly (Drawn & { readonly sender: string })[]
  /** What our code says of the last event; Synapse says the opposite. */
  readonly isAllowed: boolean
}

const admin = '@admin:a.test'
const other = '@other:b.test'

const member = (user: string, membership: string, sender = user): Drawn & { sender: string } => ({
  type: 'm.room.member',
  stateKey: user,
  sender,
  content: { membership },
})
const state = (type: string, content: JsonObject, stateKey = ''): Drawn & { sender: string } => ({
  type,
  stateKey,
  sender: admin,
  content,
})
const powerLevels = (content: JsonObject, stateKey = '') => state('m.room.power_levels', content, stateKey)
const publicRoom = state('m.room.join_rules', { join_rule: 'public' })

const departures: readonly Departure[] = [
  {
    name: 'target in a closed room',
    reason: 'm.federate: the text judges the server of the sender only, Synapse that of the target too',
    version: '11',
    create: { 'm.federate': false },
    events: [member(other, 'invite', admin)],
    isAllowed: true,
  },
  {
    name: 'm.federate that is neither true nor false',
    reason: 'The text closes the room for `false` only, Synapse for everything but `true`',
    version: '11',
    create: { 'm.federate': 'no' },
    events: [publicRoom, member(other, 'join')],
    isAllowed: true,
  },
  {
    name: 'level given as a boolean',
    reason: 'The text wants integers or strings of digits (v1–9), Synapse takes true for 1',
    version: '9',
    events: [powerLevels({ users: { [admin]: 100, [other]: true } })],
    isAllowed: false,
  },
  {
    name: 'level with an underscore',
    reason: 'The text lists what a string may hold (v1–9), Synapse takes whatever Python reads as an integer',
    version: '9',
    events: [powerLevels({ users: { [admin]: 100, [other]: '1_0' } })],
    isAllowed: false,
  },
  {
    name: 'level beyond 2^53',
    reason: 'Such levels are out of range; we compare them as doubles, Synapse exactly',
    version: '9',
    events: [
      powerLevels({ users: { [admin]: '9007199254740992' } }),
      powerLevels({ users: { [admin]: '9007199254740992', [other]: '9007199254740993' } }),
    ],
    isAllowed: true,
  },
  {
    name: 'listed user without a server',
    reason: 'The keys of `users` must be valid user IDs; Synapse looks for the sigil and a colon only',
    version: '11',
    events: [powerLevels({ users: { [admin]: 100, '@nobody:': 1 } })],
    isAllowed: false,
  },
  {
    name: 'power levels under another state key',
    reason: 'The text compares with the room’s power levels, Synapse with those under the same state key',
    version: '11',
    events: [powerLevels({ users: { [admin]: 50 } }), powerLevels({ users: { [admin]: 100 } }, 'x')],
    isAllowed: false,
  },
  {
    name: 'redaction of nothing',
    reason: 'Without `redacts` there is no event whose server could match (v1–2), Synapse lets it pass',
    version: '2',
    events: [publicRoom, member(other, 'join'), { type: 'm.room.redaction', sender: other, content: {} }],
    isAllowed: false,
  },
  {
    name: '`events` that is a list',
    reason: 'The text is silent (v1–9); accepted, Synapse raises at every later event of the room',
    version: '9',
    events: [powerLevels({ users: { [admin]: 100 } }), powerLevels({ users: { [admin]: 100 }, events: [] })],
    isAllowed: false,
  },
  {
    name: 'unreadable level among the first power levels',
    reason: 'The first levels stand (v1–9); we read what is no level as unspecified, Synapse raises',
    version: '9',
    events: [powerLevels({ users: { [admin]: 100 }, ban: 'x' }), member(other, 'ban', admin)],
    isAllowed: true,
  },
  {
    name: 'entry of public_keys without a key',
    reason: 'The text allows a signature by any key; Synapse raises at an entry without `public_key`',
    version: '11',
    events: [
      state('m.room.third_party_invite', { public_keys: [{}, { public_key: thirdPartyKey().publicKey }] }, 'token'),
      { ...member(other, 'invite', admin), content: { membership: 'invite', third_party_invite: thirdPartySigned() } },
    ],
    isAllowed: true,
  },
]

function thirdPartyKey() {
  return createSigningKey('1', new Uint8Array(32).fill(7))
}

function thirdPartySigned(): JsonObject {
  const signer = createSigner('id.test' as ServerName, thirdPartyKey())
  return { signed: signJson({ mxid: other, token: 'token' }, signer) }
}

/** A departure as a graph, with the verdict that we claim for its last event. */
export type DepartureCase = { readonly name: string; readonly graph: RoomGraph; readonly isAllowed: boolean }

/** All listed departures. */
export function listDepartures(): DepartureCase[] {
  return departures.map((departure) => ({
    name: `${departure.name}: ${departure.reason}`,
    graph: buildGraph(departure),
    isAllowed: departure.isAllowed,
  }))
}

function buildGraph({ version, create, events }: Departure): RoomGraph {
  const rules = requireRoomRules(version)
  const draft = createDraft(rules, createRandom(0))
  draft.roomId = '!room:a.test' as RoomId
  const content = { room_version: version, creator: admin, ...create }
  const line = [{ type: 'm.room.create', stateKey: '', sender: admin, content }, member(admin, 'join'), ...events]
  for (const { sender, ...drawn } of line) {
    const last = draft.judged.at(-1)
    const pairs = selectAuthEvents(rules, { ...drawn, stateKey: drawn.stateKey, sender })
    const auth = pairs.map(([type, key]) => last?.after.get(stateKeyOf(type, key)))
    addEvent(
      draft,
      drawn,
      sender,
      last ? [last.event.eventId] : [],
      auth.filter((id): id is EventId => id !== undefined),
    )
  }
  const refused = draft.judged.slice(0, -1).find((judged) => !isAccepted(judged))
  if (refused) throw new Error(`The case is wrong: ${JSON.stringify(refused.verdicts)}`)
  return { seed: 0, version, events: draft.judged }
}
