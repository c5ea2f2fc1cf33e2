/** Stored events as the texts of a /sync reply: what belongs into `unsigned` is loaded for all rooms at once. */

import { isJsonObject, type JsonObject, type JsonValue } from '@parallax/protocol'
import {
  clientEventText,
  listHiddenReplaced,
  type Membership,
  pduText,
  type StoredEvent,
  type Veil,
} from '../rooms/index.ts'
import type { SyncDeps } from './sync-deps.ts'
import type { SyncView } from './view.ts'

export type Renderer = {
  timelineEvent(event: StoredEvent, membership: Membership): string
  stateEvent(event: StoredEvent): string
}

/** A renderer for these events of timelines, and for any state events. */
export async function createRenderer(
  { rooms }: Pick<SyncDeps, 'rooms'>,
  view: SyncView,
  timelineEvents: readonly StoredEvent[],
): Promise<Renderer> {
  const { caller, nowMs } = view
  const others = await loadOthers(rooms, timelineEvents)
  const hidden = await listHiddenReplaced(rooms, caller.userId, timelineEvents, others)
  const transactions = await loadTransactions(rooms, view, timelineEvents)
  const bundles = await rooms.bundleRelations(caller.user, timelineEvents, nowMs)
  const veils = await rooms.findVeils(caller.user, timelineEvents)
  const redaction = (event: StoredEvent) => {
    const found = event.redactedBy === null ? undefined : others.get(event.redactedBy)
    return found && clientEventText(found, { nowMs })
  }
  const shape = createShape(view)
  return {
    timelineEvent(event, membership) {
      const transactionId = event.sender === caller.user ? transactions?.get(event.event) : undefined
      const parts = {
        nowMs,
        ...(transactionId === undefined ? {} : { transactionId }),
        replaced: event.replaces === null ? undefined : others.get(event.replaces),
        isReplacedHidden: event.replaces !== null && hidden.has(event.replaces),
        redactedBecause: redaction(event),
        membership,
        relations: bundles.get(event.event),
        veil: veils.get(event.event),
      }
      return shape(event, clientEventText(event, parts, false), parts.veil)
    },
    stateEvent: (event) => shape(event, clientEventText(event, { nowMs, redactedBecause: redaction(event) }, false)),
  }
}

/** Events that these replaced, and redactions that pruned them. */
async function loadOthers(rooms: SyncDeps['rooms'], events: readonly StoredEvent[]): Promise<Map<number, StoredEvent>> {
  const wanted = new Set<number>()
  for (const { replaces, redactedBy } of events) {
    if (replaces !== null) wanted.add(replaces)
    if (redactedBy !== null) wanted.add(redactedBy)
  }
  if (wanted.size === 0) return new Map()
  return new Map((await rooms.listEvents([...wanted])).map((event) => [event.event, event]))
}

async function loadTransactions(
  rooms: SyncDeps['rooms'],
  { caller }: SyncView,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<number, string> | undefined> {
  if (caller.deviceId === undefined) return undefined
  const own = events.filter((event) => event.sender === caller.user).map((event) => event.event)
  return own.length === 0 ? undefined : rooms.listTransactionIds(caller.user, caller.deviceId, own)
}

type Shape = (event: StoredEvent, text: string, veil?: Veil) => string

function createShape({ filter }: SyncView): Shape {
  if (filter.format === 'federation') return (event, _, veil) => pduText(event, veil)
  const { fields } = filter
  if (fields === undefined) return (_, text) => text
  return (_, text) => JSON.stringify(pick(JSON.parse(text), fields))
}

/** Only these fields, and those without which a client cannot place an event. */
function pick(event: JsonObject, fields: readonly (readonly string[])[]): JsonObject {
  const picked: JsonObject = {}
  for (const path of [['event_id'], ['type'], ...fields]) copy(event, picked, path)
  return picked
}

function copy(from: JsonObject, to: JsonObject, path: readonly string[]): void {
  const [name, ...rest] = path
  const value: JsonValue | undefined = name !== undefined && Object.hasOwn(from, name) ? from[name] : undefined
  if (name === undefined || value === undefined) return
  if (rest.length === 0) {
    to[name] = value
    return
  }
  if (!isJsonObject(value)) return
  const inside: JsonObject = isJsonObject(to[name]) ? to[name] : {}
  copy(value, inside, rest)
  if (Object.keys(inside).length > 0) to[name] = inside
}
