/** A room of a scripted server that leaves its members out when it lets others in, and tells them when it is time. */

import {
  type EventId,
  type JsonValue,
  parsePdu,
  type RoomEvent,
  requireRoomRules,
  stateKeyOf,
} from '@parallax/protocol'
import type { Peer, PeerAnswer } from './peer.ts'
import { type HostedRoom, hostRoom, letIn } from './peer-hosts.ts'

export type PartialHost = {
  readonly room: HostedRoom
  /** The state before the last join. */
  before: readonly RoomEvent[]
  /** How the whole state is told; a test may replace it. Until `release` it waits. */
  tellState: (state: readonly RoomEvent[]) => readonly RoomEvent[] | undefined
  release(): void
  /** Lets it wait again. */
  hold(): void
  /** How often the whole state was asked for. */
  asked: number
}

/** `members`: local parts of users of the peer who are in the room, unknown to whoever is let in. */
export function hostPartialRoom(
  peer: Peer,
  members: readonly string[],
  { version = '11', servers = [peer.name as string] }: { version?: string; servers?: readonly string[] } = {},
): PartialHost {
  const room = hostRoom(peer, version)
  for (const name of members) joinAs(room, `@${name}:${peer.name}`)
  let open: () => void = () => {}
  let gate: Promise<void>
  const host: PartialHost = {
    ...{ room, before: [], asked: 0 },
    tellState: (state) => state,
    release: () => open(),
    hold() {
      gate = new Promise((resolve) => {
        open = resolve
      })
    },
  }
  host.hold()
  const doorman = letIn(peer, room)
  doorman.reply = (reply) => {
    const join = parsePdu(requireRoomRules(version), reply.event!, { roomId: room.roomId })
    host.before = [...room.state.values()]
    room.events.set(join.eventId, join)
    room.state.set(stateKeyOf(join.type, join.stateKey!), join)
    room.tip = join
    const told = host.before.filter(({ type, stateKey }) => type !== 'm.room.member' || stateKey === room.host)
    return {
      ...reply,
      ...{ state: pdus(told), auth_chain: pdus(chainOf(room, told)) },
      members_omitted: true,
      servers_in_room: [...servers],
    }
  }
  const letInAnswer = peer.answer
  peer.answer = async (request) => {
    const [, , , , operation, , eventId] = request.path.split('?')[0]!.split('/').map(decodeURIComponent)
    if (operation === 'make_join' || operation === 'send_join') return letInAnswer(request)
    if (operation === 'get_missing_events') return ok({ events: listMissing(room, request.body.latest_events) })
    if (operation === 'event') return answerEvent(room, request.path)
    if (operation === 'event_auth') return answerAuth(room, eventId as EventId)
    if (operation !== 'state' && operation !== 'state_ids') return refusal
    host.asked++
    await gate
    const state = host.tellState(host.before)
    if (state === undefined) return { status: 500, body: { errcode: 'M_UNKNOWN', error: 'Not now.' } }
    const ids = state.map((event) => event.eventId)
    if (operation === 'state_ids')
      return ok({ pdu_ids: ids, auth_chain_ids: chainOf(room, state).map((event) => event.eventId) })
    return ok({ pdus: pdus(state), auth_chain: pdus(chainOf(room, state)) })
  }
  return host
}

/** A user of the peer joins the room. */
export function joinAs(room: HostedRoom, userId: string): RoomEvent {
  const sender = userId as RoomEvent['sender']
  return room.add({ type: 'm.room.member', sender, stateKey: userId, content: { membership: 'join' } })
}

/** What these events rest on. */
function chainOf({ events }: HostedRoom, of: readonly RoomEvent[]): RoomEvent[] {
  const found = new Set<RoomEvent>()
  const open = [...of]
  for (let event = open.pop(); event !== undefined; event = open.pop()) {
    for (const cited of event.authEvents.flatMap((id) => events.get(id) ?? [])) {
      if (!found.has(cited)) open.push(cited)
      found.add(cited)
    }
  }
  return [...found]
}

/** The events that these follow. */
function listMissing({ events }: HostedRoom, latest: JsonValue | undefined): JsonValue[] {
  const ids = (latest as EventId[]).flatMap((id) => events.get(id)?.prevEvents ?? [])
  return pdus(ids.flatMap((id) => events.get(id) ?? []))
}

function answerEvent({ events }: HostedRoom, path: string): PeerAnswer {
  const event = events.get(decodeURIComponent(path.split('/').at(-1)!) as EventId)
  return event === undefined ? refusal : ok({ pdus: pdus([event]) })
}

function answerAuth({ events }: HostedRoom, id: EventId): PeerAnswer {
  const event = events.get(id)
  return event === undefined
    ? refusal
    : ok({ auth_chain: pdus(event.authEvents.flatMap((of) => events.get(of) ?? [])) })
}

const pdus = (events: readonly RoomEvent[]): JsonValue[] => events.map(({ pdu }) => pdu)
const ok = (body: JsonValue): PeerAnswer => ({ status: 200, body })
const refusal: PeerAnswer = { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Not here.' } }
