/** Stored events as the JSON texts that one viewer gets, with what belongs into `unsigned`. */

import type { DeviceId, UserId } from '@parallax/protocol'
import { clientEventText } from '../client-format.ts'
import type { Veils } from '../lenses.ts'
import type { Membership, RoomReads, StoredEvent } from '../rooms.ts'

/** Who looks. */
export type Viewer = { readonly userId: UserId; readonly user: number; readonly deviceId: DeviceId | undefined }

export type RenderOptions = {
  readonly nowMs: number
  /** False in /sync, where the room is known from its place. */
  readonly withRoomId: boolean
  /** False for long lists of state: what each event replaced is left out. Default: true. */
  readonly withReplaced?: boolean
}

type RenderReads = Pick<
  RoomReads,
  'listEvents' | 'listTransactionIds' | 'listMembershipsAt' | 'filterVisible' | 'bundleRelations' | 'findVeils'
>

/** What the texts of some events say beside the events themselves; by event number. */
type Beside = {
  readonly others: ReadonlyMap<number, StoredEvent>
  /** Replaced events that the viewer may not see. */
  readonly hidden: ReadonlySet<number>
  readonly memberships: ReadonlyMap<number, Membership>
  readonly transactions: ReadonlyMap<number, string>
  readonly bundles: ReadonlyMap<number, string>
  readonly veils: Veils
}

/** One text per event, in order: age, the viewer's membership and transaction ID, previous content, redaction. */
export async function renderEvents(
  rooms: RenderReads,
  viewer: Viewer,
  events: readonly StoredEvent[],
  options: RenderOptions,
): Promise<string[]> {
  if (events.length === 0) return []
  const { nowMs, withReplaced = true } = options
  const others = await loadOthers(rooms, events, withReplaced)
  const beside: Beside = {
    others,
    hidden: await listHiddenReplaced(rooms, viewer.userId, events, others),
    memberships: await loadMemberships(rooms, viewer, events, others),
    transactions: await loadTransactions(rooms, viewer, events),
    bundles: withReplaced ? await rooms.bundleRelations(viewer.user, events, nowMs) : new Map(),
    veils: await rooms.findVeils(viewer.user, events),
  }
  return events.map((event) => renderEvent(event, beside, options))
}

function renderEvent(event: StoredEvent, beside: Beside, { nowMs, withRoomId }: RenderOptions): string {
  const { others, memberships } = beside
  const transactionId = beside.transactions.get(event.event)
  const redaction = event.redactedBy === null ? undefined : others.get(event.redactedBy)
  return clientEventText(
    event,
    {
      nowMs,
      ...(transactionId === undefined ? {} : { transactionId }),
      replaced: event.replaces === null ? undefined : others.get(event.replaces),
      isReplacedHidden: event.replaces !== null && beside.hidden.has(event.replaces),
      redactedBecause:
        redaction && clientEventText(redaction, { nowMs, membership: memberships.get(redaction.event) }, withRoomId),
      membership: memberships.get(event.event),
      relations: beside.bundles.get(event.event),
      veil: beside.veils.get(event.event),
    },
    withRoomId,
  )
}

/** The events that these replaced, and the redactions that pruned them. */
async function loadOthers(
  rooms: RenderReads,
  events: readonly StoredEvent[],
  withReplaced: boolean,
): Promise<Map<number, StoredEvent>> {
  const wanted = new Set<number>()
  for (const { replaces, redactedBy } of events) {
    if (replaces !== null && withReplaced) wanted.add(replaces)
    if (redactedBy !== null) wanted.add(redactedBy)
  }
  if (wanted.size === 0) return new Map()
  return new Map((await rooms.listEvents([...wanted])).map((event) => [event.event, event]))
}

/** Numbers of the events that these replaced, as far as the viewer may not see them; `others` holds them by number. */
export async function listHiddenReplaced(
  rooms: Pick<RoomReads, 'filterVisible'>,
  viewer: UserId,
  events: readonly StoredEvent[],
  others: ReadonlyMap<number, StoredEvent>,
): Promise<Set<number>> {
  const hidden = new Set<number>()
  for (const [room, here] of byRoom(events)) {
    const replaced = here.flatMap(({ replaces }) => (replaces === null ? [] : (others.get(replaces) ?? [])))
    if (replaced.length === 0) continue
    for (const { event } of replaced) hidden.add(event)
    for (const { event } of await rooms.filterVisible(room, viewer, replaced)) hidden.delete(event)
  }
  return hidden
}

async function loadMemberships(
  rooms: RenderReads,
  viewer: Viewer,
  events: readonly StoredEvent[],
  others: ReadonlyMap<number, StoredEvent>,
): Promise<Map<number, Membership>> {
  const redactions = events.flatMap(({ redactedBy }) => (redactedBy === null ? [] : (others.get(redactedBy) ?? [])))
  const found = new Map<number, Membership>()
  for (const [room, here] of byRoom([...events, ...redactions])) {
    const memberships = await rooms.listMembershipsAt(room, viewer.user, here)
    here.forEach((event, index) => {
      found.set(event.event, memberships[index]!)
    })
  }
  return found
}

async function loadTransactions(
  rooms: RenderReads,
  { user, deviceId }: Viewer,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<number, string>> {
  const own = deviceId === undefined ? [] : events.filter((event) => event.sender === user)
  if (own.length === 0) return new Map()
  return rooms.listTransactionIds(
    user,
    deviceId!,
    own.map((event) => event.event),
  )
}

function byRoom(events: readonly StoredEvent[]): Map<number, StoredEvent[]> {
  const rooms = new Map<number, StoredEvent[]>()
  for (const event of events) {
    const here = rooms.get(event.room)
    if (here === undefined) rooms.set(event.room, [event])
    else here.push(event)
  }
  return rooms
}
