/** A room that a scripted server has made, and how it lets others in: as told, or with lies. */

import {
  buildEvent,
  type EventDraft,
  type EventId,
  type JsonObject,
  type JsonValue,
  type RoomEvent,
  type RoomId,
  referenceHash,
  requireRoomRules,
  selectAuthEvents,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import type { Peer, PeerAnswer, PeerRequest } from './peer.ts'

export type HostedRoom = {
  readonly roomId: RoomId
  readonly version: string
  readonly host: UserId
  readonly events: Map<EventId, RoomEvent>
  /** The current state by key. */
  readonly state: Map<string, RoomEvent>
  tip: RoomEvent
  /** The next event; `change` may make it a lie. */
  build(change: Partial<EventDraft>): RoomEvent
  /** Builds it and makes it part of the room. */
  add(change: Partial<EventDraft>): RoomEvent
}

/** A public room of the peer's user @host. */
export function hostRoom(peer: Peer, version = '11'): HostedRoom {
  const rules = requireRoomRules(version)
  const host = `@host:${peer.name}` as UserId
  const events = new Map<EventId, RoomEvent>()
  const state = new Map<string, RoomEvent>()
  const isHashed = rules.privilegedCreators
  const freshId = () =>
    rules.eventIdFormat === 'explicit' ? { eventId: `$${crypto.randomUUID()}:${peer.name}` as EventId } : {}
  const content = { room_version: version, ...(rules.creatorIsSender ? {} : { creator: host }) }
  const create = buildEvent(
    rules,
    {
      ...{ type: 'm.room.create', sender: host, stateKey: '', originServerTs: Date.now(), depth: 1 },
      ...{ content, prevEvents: [], authEvents: [] },
      ...(isHashed ? { roomId: undefined } : { roomId: `!${crypto.randomUUID()}:${peer.name}` as RoomId }),
      ...freshId(),
    },
    peer.signer,
  )
  const room: HostedRoom = {
    ...{ roomId: create.roomId, version, host, events, state, tip: create },
    build(change) {
      const subject = { type: 'm.room.message', sender: host, stateKey: undefined, content: {}, ...change }
      const keys = selectAuthEvents(rules, subject).map(([type, key]) => stateKeyOf(type, key))
      const draft: EventDraft = {
        ...{ roomId: room.roomId, originServerTs: Date.now(), depth: room.tip.depth + 1 },
        prevEvents: [room.tip.eventId],
        authEvents: keys.flatMap((key) => state.get(key)?.eventId ?? []),
        referenceHashOf: (id) => referenceHash(rules, events.get(id)!.pdu),
        ...freshId(),
        ...subject,
      }
      return buildEvent(rules, draft, peer.signer)
    },
    add: (change) => take(room, room.build(change)),
  }
  take(room, create)
  room.add({ type: 'm.room.member', stateKey: host, content: { membership: 'join' } })
  const users = isHashed ? {} : { [host]: 100 }
  room.add({ type: 'm.room.power_levels', stateKey: '', content: { users } })
  room.add({ type: 'm.room.join_rules', stateKey: '', content: { join_rule: 'public' } })
  return room
}

function take(room: HostedRoom, event: RoomEvent): RoomEvent {
  room.events.set(event.eventId, event)
  room.tip = event
  if (event.stateKey !== undefined) room.state.set(stateKeyOf(event.type, event.stateKey), event)
  return event
}

/** What the peer says when it is asked for a way in: each may be changed by a test. */
export type Doorman = {
  template: (template: JsonObject) => JsonValue
  reply: (reply: JoinBody) => JsonValue | Promise<JsonValue>
}
export type JoinBody = { state: JsonValue[]; auth_chain: JsonValue[]; event?: JsonValue } & JsonObject

/** The peer lets whoever asks into the room, as the returned doorman says. */
export function letIn(peer: Peer, room: HostedRoom): Doorman {
  const doorman: Doorman = { template: (template) => template, reply: (reply) => reply }
  peer.answer = async (request) => {
    const [, , , , operation] = request.path.split('?')[0]!.split('/')
    if (operation === 'make_join') return ok(doorman.template(templateOf(room, request)))
    if (operation !== 'send_join') return { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'Not here.' } }
    const state = [...room.state.values()].map(({ pdu }) => pdu)
    const body = { origin: peer.name, members_omitted: false, event: request.body, state, auth_chain: [...state] }
    return ok(await doorman.reply(body))
  }
  return doorman
}

const ok = (body: JsonValue): PeerAnswer => ({ status: 200, body })

function templateOf(room: HostedRoom, { path }: PeerRequest): JsonObject {
  const userId = decodeURIComponent(path.split('?')[0]!.split('/').at(-1)!)
  const member = { type: 'm.room.member', sender: userId as UserId, stateKey: userId, content: { membership: 'join' } }
  const { pdu } = room.build(member)
  const { hashes: _hashes, signatures: _signatures, event_id: _id, ...event } = pdu
  return { room_version: room.version, event }
}
