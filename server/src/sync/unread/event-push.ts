/** One event as push rules see it, read once and shared by all users whose counts it may change. */

import {
  createEventEvaluator,
  type EventEvaluator,
  type EventId,
  isJsonObject,
  type JsonObject,
  powerOf,
  type RoomEvent,
  type RoomPushContext,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import type { KnownRoom, StoredEvent } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncDeps } from '../sync-deps.ts'

export type EventPush = {
  readonly type: string
  readonly sender: UserId
  /** `main`, or the ID of the thread's root. */
  readonly thread: string
  /** The event that it redacts. */
  readonly redacts: EventId | undefined
  readonly evaluator: EventEvaluator
}

export interface EventPushes {
  find(info: KnownRoom, event: StoredEvent): Promise<EventPush>
}

export function createEventPushes({ rooms }: Pick<SyncDeps, 'rooms'>): EventPushes {
  const byEvent = new Lru<number, EventPush>(syncLimits.evaluatorsMax)
  const contexts = createContexts({ rooms })
  return {
    async find(info, event) {
      const known = byEvent.get(event.event)
      if (known !== undefined) return known
      const parsed = parseEvent(info, event)
      const push: EventPush = {
        type: parsed.type,
        sender: parsed.sender,
        thread: await findThread(rooms, info, parsed.content),
        redacts: parsed.redacts,
        evaluator: createEventEvaluator(parsed, await contexts.find(info, parsed.sender)),
      }
      byEvent.set(event.event, push)
      return push
    },
  }
}

/** The members that push rules may look at. */
function parseEvent(info: KnownRoom, { body, rest, eventId, depth }: StoredEvent): RoomEvent {
  const wire = JSON.parse(`{${body}}`)
  return {
    eventId,
    roomId: info.roomId,
    type: wire.type,
    sender: wire.sender,
    stateKey: wire.state_key,
    content: wire.content,
    originServerTs: wire.origin_server_ts,
    depth,
    prevEvents: [],
    authEvents: [],
    redacts: wire.type === 'm.room.redaction' ? redactsOf(wire.content, rest) : undefined,
    pdu: wire,
  }
}

/** Versions 11 and later keep it in the content, earlier ones beside it. */
function redactsOf(content: JsonObject, rest: string): EventId | undefined {
  const value = content.redacts ?? (rest.includes('"redacts"') ? JSON.parse(`{${rest}}`).redacts : undefined)
  return typeof value === 'string' ? (value as EventId) : undefined
}

/** Follows relations until one is a thread's. Spec: client-server-api#marking-notifications-as-read. */
async function findThread(rooms: SyncDeps['rooms'], info: KnownRoom, content: JsonObject): Promise<string> {
  let relation = content['m.relates_to']
  for (let hop = 0; hop < syncLimits.threadHopsMax; hop++) {
    if (!isJsonObject(relation) || typeof relation.event_id !== 'string') return 'main'
    if (relation.rel_type === 'm.thread') return relation.event_id
    if (typeof relation.rel_type !== 'string') return 'main'
    const target = await rooms.findEvent(relation.event_id as EventId)
    if (target === undefined || target.room !== info.room) return 'main'
    relation = parseEvent(info, target).content['m.relates_to']
  }
  return 'main'
}

/** What rules ask of a room, until its state changes; a sender's power is worked out only for who asks for it. */
function createContexts({ rooms }: Pick<SyncDeps, 'rooms'>) {
  const byRoom = new Lru<number, RoomContext>(syncLimits.heroRoomsMax)

  async function load(info: KnownRoom): Promise<RoomContext> {
    const create = await rooms.findStateEvent(info.room, 'm.room.create', '')
    const levels = await rooms.findStateEvent(info.room, 'm.room.power_levels', '')
    const known = new Map<string, RoomEvent | undefined>([
      [stateKeyOf('m.room.create', ''), create],
      [stateKeyOf('m.room.power_levels', ''), levels],
    ])
    const state = { get: (type: string, key: string) => known.get(stateKeyOf(type, key)) }
    const notifications = levels?.content.notifications
    return {
      snapshot: info.snapshot,
      notificationLevels: isJsonObject(notifications) ? notifications : undefined,
      powerOf: (sender) => powerOf(info.rules, state, sender, create),
    }
  }

  return {
    async find(info: KnownRoom, sender: UserId): Promise<RoomPushContext> {
      let context = byRoom.get(info.room)
      if (context?.snapshot !== info.snapshot) {
        context = await load(info)
        byRoom.set(info.room, context)
      }
      const { notificationLevels, powerOf: findPower } = context
      return {
        memberCount: info.joinedCount,
        notificationLevels,
        get senderPower() {
          return findPower(sender)
        },
      }
    },
  }
}

type RoomContext = {
  readonly snapshot: number
  readonly notificationLevels: JsonObject | undefined
  readonly powerOf: (sender: UserId) => number
}

/** True if following the event's relations, of whatever kind, leads to this root. */
export async function leadsTo(
  rooms: SyncDeps['rooms'],
  info: KnownRoom,
  event: StoredEvent,
  root: string,
): Promise<boolean> {
  let at: StoredEvent | undefined = event
  for (let hop = 0; at !== undefined && at.room === info.room && hop < syncLimits.threadHopsMax; hop++) {
    const relation = parseEvent(info, at).content['m.relates_to']
    if (!isJsonObject(relation) || typeof relation.event_id !== 'string') return false
    if (relation.event_id === root) return true
    at = await rooms.findEvent(relation.event_id as EventId)
  }
  return false
}

/** The thread that an event belongs to: `main`, or the ID of its root. */
export function threadOf(rooms: SyncDeps['rooms'], info: KnownRoom, event: StoredEvent): Promise<string> {
  return findThread(rooms, info, parseEvent(info, event).content)
}
