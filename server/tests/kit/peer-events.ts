/** What a scripted server says in a room that it has joined: its own line of events, told or kept back. */

import {
  buildEvent,
  type EventDraft,
  type EventId,
  type JsonObject,
  type JsonValue,
  type RoomEvent,
  referenceHash,
  requireRoomRules,
  selectAuthEvents,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import type { InProcess } from './in-process.ts'
import type { Peer, PeerAnswer } from './peer.ts'
import type { PeerRoom } from './peer-rooms.ts'

export type PeerLine = {
  readonly room: PeerRoom
  readonly userId: UserId
  /** Everything built or known, by ID. */
  readonly events: Map<EventId, RoomEvent>
  /** State events by key, as the peer sees the room. */
  readonly state: Map<string, RoomEvent>
  /** The state before each event that was built. */
  readonly before: Map<EventId, readonly RoomEvent[]>
  tips: readonly EventId[]
  depth: number
  /** The next event; it follows the line and becomes its end, unless `change` says otherwise. */
  add(change: Partial<EventDraft> & { type?: string }): RoomEvent
  /** A message with this text. */
  say(body: string, change?: Partial<EventDraft>): RoomEvent
}

/** The line that begins with the peer's join. */
export function startLine(peer: Peer, room: PeerRoom, localpart = 'pat'): PeerLine {
  const rules = requireRoomRules(room.version)
  const events = new Map([...room.reply.authChain, ...room.state].map((event) => [event.eventId, event]))
  const state = new Map(room.state.map((event) => [stateKeyOf(event.type, event.stateKey ?? ''), event]))
  const userId = `@${localpart}:${peer.name}` as UserId
  const build = (change: Partial<EventDraft>): RoomEvent => {
    const subject = { type: 'm.room.message', sender: userId, content: {}, stateKey: undefined, ...change }
    const keys = selectAuthEvents(rules, subject).map(([type, key]) => stateKeyOf(type, key))
    const draft: EventDraft = {
      roomId: room.roomId,
      originServerTs: Date.now(),
      depth: line.depth + 1,
      prevEvents: line.tips,
      authEvents: keys.flatMap((key) => state.get(key)?.eventId ?? []),
      ...(rules.eventIdFormat === 'explicit' && { eventId: `$${Math.random()}:${peer.name}` as EventId }),
      referenceHashOf: (id) => referenceHash(rules, events.get(id)!.pdu),
      ...subject,
    }
    return buildEvent(rules, draft, peer.signer)
  }
  const line: PeerLine = {
    ...{ room, userId, events, state, before: new Map() },
    tips: [room.join.eventId],
    depth: room.join.depth,
    add(change) {
      const event = build(change)
      events.set(event.eventId, event)
      line.before.set(event.eventId, [...state.values()])
      if (change.prevEvents !== undefined) return event
      if (event.stateKey !== undefined) state.set(stateKeyOf(event.type, event.stateKey), event)
      line.tips = [event.eventId]
      line.depth = event.depth
      return event
    },
    say: (body, change = {}) => line.add({ ...change, content: { msgtype: 'm.text', body } }),
  }
  return line
}

let transactions = 0

/** Sends a transaction; answers the results of its events by ID. */
export async function sendTransaction(
  peer: Peer,
  server: Pick<InProcess, 'serverName'>,
  events: readonly (RoomEvent | JsonValue)[],
  edus: readonly JsonValue[] = [],
  transactionId = `t${++transactions}`,
): Promise<PeerAnswer> {
  const pdus = events.map((event) => (isEvent(event) ? event.pdu : event)) as JsonValue[]
  const body = { origin: peer.name, origin_server_ts: Date.now(), pdus, edus: [...edus] }
  return peer.ask(server.serverName, 'PUT', `/_matrix/federation/v1/send/${transactionId}`, body)
}

function isEvent(value: RoomEvent | JsonValue): value is RoomEvent {
  return typeof value === 'object' && value !== null && 'pdu' in value && 'eventId' in value
}

/** What is said of each event of a transaction: `ok`, or why it was not taken. */
export function resultsOf(answer: PeerAnswer): Record<string, string> {
  const { pdus } = answer.body as { pdus: Record<string, JsonObject> }
  return Object.fromEntries(Object.entries(pdus).map(([id, { error }]) => [id, String(error ?? 'ok')]))
}

/** The peer answers as one that has the events of its line; it does not tell `withheld` as what came before others. */
export function answerFrom(peer: Peer, line: PeerLine, withheld: ReadonlySet<EventId> = new Set()): void {
  peer.answer = ({ path, body }) => {
    const url = new URL(path, 'https://peer')
    const [, , , , operation, first, second] = url.pathname.split('/').map(decodeURIComponent)
    const told = (events: readonly RoomEvent[]) => events.map(({ pdu }) => pdu)
    const state = line.before.get((url.searchParams.get('event_id') ?? '') as EventId)
    const event = line.events.get((operation === 'event_auth' ? second : first) as EventId)
    if (operation === 'get_missing_events') return ok({ events: told(listBetween(line, body, withheld)) })
    if (operation === 'backfill') {
      const limit = Number(url.searchParams.get('limit'))
      return ok({ pdus: told(listBack(line, url.searchParams.getAll('v') as EventId[], limit, withheld)) })
    }
    if (operation === 'event' && event !== undefined) return ok({ pdus: [event.pdu] })
    if (operation === 'event_auth' && event !== undefined) return ok({ auth_chain: told(listAuth(line, [event])) })
    if (operation === 'state_ids' && state !== undefined) {
      return ok({ pdu_ids: idsOf(state), auth_chain_ids: idsOf(listAuth(line, state)) })
    }
    if (operation === 'state' && state !== undefined) {
      return ok({ pdus: told(state), auth_chain: told(listAuth(line, state)) })
    }
    return refusal
  }
}

const ok = (body: JsonValue): PeerAnswer => ({ status: 200, body })
const idsOf = (events: readonly RoomEvent[]) => events.map(({ eventId }) => eventId)

/** The auth chains of these events. */
function listAuth(line: PeerLine, events: readonly RoomEvent[]): RoomEvent[] {
  const found = new Map<EventId, RoomEvent>()
  const open = events.flatMap(({ authEvents }) => authEvents)
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const event = line.events.get(id)
    if (event === undefined || found.has(id)) continue
    found.set(id, event)
    open.push(...event.authEvents)
  }
  return [...found.values()]
}

const refusal: PeerAnswer = { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Not here.' } }

/** Events up to and including these, newest first. */
function listBack(
  line: PeerLine,
  from: readonly EventId[],
  limit: number,
  withheld: ReadonlySet<EventId>,
): RoomEvent[] {
  const found = new Map<EventId, RoomEvent>()
  const open = [...from]
  for (let id = open.shift(); id !== undefined && found.size < limit; id = open.shift()) {
    const event = line.events.get(id)
    if (event === undefined || found.has(id) || withheld.has(id)) continue
    found.set(id, event)
    open.push(...event.prevEvents)
  }
  return [...found.values()]
}

type MissingQuestion = {
  readonly earliest_events: EventId[]
  readonly latest_events: EventId[]
  readonly limit: number
}

function listBetween(line: PeerLine, body: JsonObject, withheld: ReadonlySet<EventId>): RoomEvent[] {
  const { earliest_events: earliest, latest_events: latest, limit } = body as MissingQuestion
  const seen = new Set<EventId>([...earliest, ...latest])
  const found: RoomEvent[] = []
  const open = latest.flatMap((id) => line.events.get(id) ?? [])
  for (let at = open.shift(); at !== undefined && found.length < limit; at = open.shift()) {
    for (const id of at.prevEvents) {
      const event = line.events.get(id)
      if (event === undefined || seen.has(id) || withheld.has(id) || found.length >= limit) continue
      seen.add(id)
      found.push(event)
      open.push(event)
    }
  }
  return found.reverse()
}
