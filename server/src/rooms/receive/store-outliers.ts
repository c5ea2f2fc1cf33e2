/**
 * Outliers: events that others rest on, without a place of their own in the graph. Each is judged by its auth events
 * alone; those that are against the rules are stored as rejected, so that what rests on them is rejected too.
 */

import { allow, checkAuthEvents, type EventId, type RoomEvent, stateKeyOf, topologicalOrder } from '@parallax/protocol'
import type { Writer } from '../../store/index.ts'
import { insertEvent, splitEventText, updateTold } from '../event-table.ts'
import type { StoredEvent } from '../rooms.ts'
import type { TurnDeps } from '../run-turn.ts'
import type { Arriving, OutlierKind, OutlierRoom } from './arriving.ts'
import { citedState } from './judge.ts'
import { createLoadedEvents, type LoadedEvent, type LoadedEvents } from './loaded-events.ts'

type Judged = { readonly event: RoomEvent; readonly isRejected: boolean }

/** Stores those of the events that are not stored; answers what became of each that was not. */
export function storeOutliers(
  deps: TurnDeps,
  where: OutlierRoom,
  arriving: readonly Arriving[],
): Promise<ReadonlyMap<EventId, OutlierKind>> {
  return deps.queue.run(where.room, async () => {
    const events = createLoadedEvents(deps.reader, where)
    const byId = new Map(arriving.map((one) => [one.event.eventId, one]))
    await events.loadById(byId.keys())
    const outside = await listOutside(
      deps,
      [...byId.keys()].flatMap((id) => events.byId(id) ?? []),
    )
    const fresh = [...byId.values()].filter(({ event: { eventId } }) => {
      return events.byId(eventId) === undefined || outside.has(eventId)
    })
    const create = createIdOf(where)
    const cited = fresh.flatMap(({ event }) => [...event.authEvents, ...create]).filter((id) => !byId.has(id))
    await events.loadById(cited)
    const kinds = new Map<EventId, OutlierKind>()
    const judged = judgeAll(where, fresh, events, kinds)
    await write(deps, where, judged, events)
    return kinds
  })
}

/** Members' events that were known before the room was, and that no auth chain has. */
async function listOutside({ authChains }: TurnDeps, known: readonly LoadedEvent[]): Promise<ReadonlySet<EventId>> {
  const members = known.filter(({ event, stored }) => event.type === 'm.room.member' && stored?.snapshot === 0)
  const { places } = await authChains.load(members.map(({ number }) => number))
  const loose = members.filter(({ number, isRejected }) => !isRejected && !places.has(number))
  return new Set(loose.map(({ event }) => event.eventId))
}

/** Version 12: the create event, which no event cites. */
function createIdOf({ rules, roomId }: OutlierRoom): EventId[] {
  return rules.privilegedCreators ? [`$${roomId.slice(1)}` as EventId] : []
}

function judgeAll(
  where: OutlierRoom,
  fresh: readonly Arriving[],
  events: LoadedEvents,
  kinds: Map<EventId, OutlierKind>,
): Judged[] {
  const byId = new Map(fresh.map((one) => [one.event.eventId, one]))
  const judged = new Map<EventId, Judged>()
  const find = (id: EventId) => judged.get(id) ?? events.byId(id)
  const creates = createIdOf(where)
  const restsOn = (id: EventId) => [...byId.get(id)!.event.authEvents, ...creates.filter((create) => create !== id)]
  for (const id of topologicalOrder([...byId.keys()], (of) => restsOn(of).filter((one) => byId.has(one)))) {
    const one = byId.get(id)!
    if (restsOn(id).some((cited) => find(cited) === undefined)) {
      kinds.set(id, 'lacking')
      continue
    }
    const isRejected = !isAllowed(where, one, find)
    judged.set(id, { event: one.event, isRejected })
    kinds.set(id, isRejected ? 'rejected' : 'outlier')
  }
  return [...judged.values()]
}

function isAllowed(where: OutlierRoom, arriving: Arriving, find: (id: EventId) => Judged | undefined): boolean {
  const { rules } = where
  const { event, isAuthoriserSigned } = arriving
  if (!checkAuthEvents(rules, event, find).ok) return false
  const [createId] = createIdOf(where)
  const create = createId === undefined ? undefined : find(createId)?.event
  const state = citedState(event, { find })
  return allow(rules, event, state, { create, authorisingServerSigned: isAuthoriserSigned }).ok
}

async function write(
  deps: TurnDeps,
  where: OutlierRoom,
  judged: readonly Judged[],
  events: LoadedEvents,
): Promise<void> {
  if (judged.length === 0) return
  const texts = new Set<string>()
  for (const { event } of judged) {
    texts.add(event.type)
    texts.add(event.sender)
    if (event.stateKey !== undefined) texts.add(stateKeyOf(event.type, event.stateKey))
  }
  const list = [...texts]
  const interned = await deps.names.intern(list)
  const numberOf = new Map(list.map((text, index) => [text, interned[index]!]))
  const ids = new Set(judged.map(({ event }) => event.eventId))
  const stored = judged.flatMap(({ event }) => [...event.authEvents, ...createIdOf(where)]).filter((id) => !ids.has(id))
  const numbers = new Map(stored.flatMap((id) => [[id, events.byId(id)?.number] as const]))
  const places = await deps.authChains.load([...new Set(numbers.values())].filter((number) => number !== undefined))
  await deps.store.transact((tx: Writer) => {
    for (const { event, isRejected } of judged) {
      const known = events.byId(event.eventId)?.number
      const number = known ?? deps.journal.takeNumber()
      numbers.set(event.eventId, number)
      const key = event.stateKey === undefined ? undefined : stateKeyOf(event.type, event.stateKey)
      const outcome = isRejected ? 2 : 3
      const stored: StoredEvent = {
        event: number,
        eventId: event.eventId,
        room: where.room,
        stream: null,
        type: numberOf.get(event.type)!,
        sender: numberOf.get(event.sender)!,
        slot: key === undefined ? null : numberOf.get(key)!,
        depth: event.depth,
        ts: event.originServerTs,
        outcome,
        snapshot: 0,
        replaces: null,
        redactedBy: null,
        ...splitEventText(event),
      }
      if (known === undefined) insertEvent(tx, stored)
      else updateTold(tx, known, outcome)
      if (isRejected || key === undefined) continue
      const cited = [...event.authEvents, ...createIdOf(where)].filter((id) => id !== event.eventId)
      const authEvents = cited.flatMap((id) => numbers.get(id) ?? [])
      deps.authChains.insert(tx, places, { number, type: event.type, authEvents })
    }
    tx.onCommitted(() => {
      deps.authChains.remember(places)
      deps.memory.onStateStored(where.room)
    })
  })
}
