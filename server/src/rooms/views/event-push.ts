/** One event as push rules see it, read once and shared by all users whom it may notify. */

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
import type { Reads } from '../ephemeral/receipts.ts'
import type { KnownRoom, RoomReads, StoredEvent } from '../rooms.ts'
import { viewLimits } from './limits.ts'

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

type PushReads = Pick<RoomReads, 'findStateEvent' | 'findEvent'>

/** The component: sync counts with it, push notifies with it. */
export function createEventPushes({ rooms }: { readonly rooms: PushReads }): EventPushes {
  const byEvent = new Lru<number, EventPush>(viewLimits.evaluatorsMax)
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
async function findThread(rooms: PushReads, info: KnownRoom, content: JsonObject): Promise<string> {
  let relation = content['m.relates_to']
  for (let hop = 0; hop < viewLimits.threadHopsMax; hop++) {
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
function createContexts({ rooms }: { readonly rooms: PushReads }) {
  const byRoom = new Lru<number, RoomContext>(viewLimits.pushContextsMax)

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

/** True if a receipt of the user stands at the event or after it; an event's number is its place in the timeline. */
export function isRead(reads: Reads, { event, thread }: { readonly event: number; readonly thread: string }): boolean {
  const all = reads.get('')
  const own = reads.get(thread)
  return (all !== undefined && event <= all) || (own !== undefined && event <= own)
}

type RoomContext = {
  readonly snapshot: number
  readonly notificationLevels: JsonObject | undefined
  readonly powerOf: (sender: UserId) => number
}

/** True if following the event's relations, of whatever kind, leads to this root. */
export async function leadsTo(rooms: PushReads, info: KnownRoom, event: StoredEvent, root: string): Promise<boolean> {
  let at: StoredEvent | undefined = event
  for (let hop = 0; at !== undefined && at.room === info.room && hop < viewLimits.threadHopsMax; hop++) {
    const relation = parseEvent(info, at).content['m.relates_to']
    if (!isJsonObject(relation) || typeof relation.event_id !== 'string') return false
    if (relation.event_id === root) return true
    at = await rooms.findEvent(relation.event_id as EventId)
  }
  return false
}

/** The thread that an event belongs to: `main`, or the ID of its root. */
export function threadOf(rooms: PushReads, info: KnownRoom, event: StoredEvent): Promise<string> {
  return findThread(rooms, info, parseEvent(info, event).content)
}
