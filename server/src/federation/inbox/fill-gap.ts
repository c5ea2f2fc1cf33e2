/**
 * Events whose predecessors are not here: those between are asked for, and where that does not reach what is known, the
 * state. Spec: server-server-api#backfilling-and-retrieving-missing-events.
 */

import type { EventId } from '@parallax/protocol'
import type { Arriving, Receipt } from '../../rooms/index.ts'
import { askForPolicy } from '../check/ask-for-policy.ts'
import { inGraphOrder } from './arriving-row.ts'
import { NobodyAnswers } from './ask-servers.ts'
import { fetchAuth, fetchEvent, fetchState } from './fetch-outliers.ts'
import { checkAll, type Gap, listUnknown } from './gap.ts'
import type { InboxDeps } from './inbox-deps.ts'
import { gapLimits } from './limits.ts'
import { listPast } from './past.ts'

/** An event may lack what it follows, and after that what it cites. */
const MENDED_MAX = 2

type Lacking = Extract<Receipt, { kind: 'lacking' }>

/**
 * True if the event is part of the room's graph now, shown or not; false if what it rests on is not told. Throws
 * NobodyAnswers, and RemoteError `closed`.
 */
export async function fillGap(deps: InboxDeps, gap: Gap, arriving: Arriving): Promise<boolean> {
  const pool = new Map([[arriving.event.eventId, arriving]])
  await gatherBetween(deps, gap, pool, arriving.event.eventId)
  const past = new Set(await listPast(deps, gap, pool, arriving.event.eventId))
  const fate: Fate = { lost: new Set(), mended: new Map(), past }
  const askAll = (some: readonly Arriving[]) => Promise.all(some.map((one) => askForPolicy(deps, gap.room, one)))
  for (let rest = await askAll(inGraphOrder(pool.values())); rest.length > 0; ) {
    const lacking = await receiveAll(deps, gap, fate, rest)
    rest = await askAll(await mendAll(deps, gap, fate, lacking, arriving.event.eventId))
  }
  const isFilled = !fate.lost.has(arriving.event.eventId)
  if (!isFilled && gap.isSenderAway) throw new NobodyAnswers()
  return isFilled
}

/** Those that are still lacking; events of the past get places before the one with which the room was entered. */
async function receiveAll(
  { rooms }: InboxDeps,
  { room: { room }, isDoubtful }: Gap,
  fate: Fate,
  rest: readonly Arriving[],
): Promise<LackingOne[]> {
  const { true: past = [], false: news = [] } = Object.groupBy(rest, ({ event }) => `${fate.past.has(event.eventId)}`)
  const entry = past.length === 0 ? undefined : await rooms.findEntry(room)
  const lackingPast = entry === undefined ? [] : lackingOf(past, await rooms.receiveHistory(room, entry.place, past))
  const receipts = await rooms.receive(
    room,
    news.map((one) => ({ ...one, isDoubtful })),
  )
  if (isDoubtful && receipts.some(({ kind }) => kind === 'postponed')) throw new NobodyAnswers()
  return [...lackingPast, ...lackingOf(news, receipts)]
}

function lackingOf(list: readonly Arriving[], receipts: readonly Receipt[]): LackingOne[] {
  return list.flatMap((one, index) => {
    const receipt = receipts[index]
    return receipt?.kind === 'lacking' ? [{ one, receipt }] : []
  })
}

/** Events that are not to be had; how often each was given what it lacked; those that are no news. */
type Fate = {
  readonly lost: Set<EventId>
  readonly mended: Map<EventId, number>
  readonly past: Set<EventId>
}
type LackingOne = { readonly one: Arriving; readonly receipt: Lacking }

/** What is to be received again, in graph order: those that have what they lacked now, and those that follow them. */
async function mendAll(
  deps: InboxDeps,
  gap: Gap,
  { lost, mended, past }: Fate,
  lacking: readonly LackingOne[],
  sent: EventId,
): Promise<Arriving[]> {
  const open = new Set(lacking.map(({ one }) => one.event.eventId))
  const again: Arriving[] = []
  for (const { one, receipt } of lacking) {
    const { eventId } = one.event
    const times = (mended.get(eventId) ?? 0) + 1
    const isLost = times > MENDED_MAX || receipt.prevEvents.some((id) => lost.has(id))
    if (!isLost && receipt.prevEvents.some((id) => open.has(id))) {
      again.push(one)
      continue
    }
    // Who sends an event tells what it follows: on a state that only that server tells nothing new is based.
    const isUntold = receipt.prevEvents.length > 0 && eventId === sent
    const before = isLost || isUntold ? undefined : await mend(deps, gap, one, receipt)
    mended.set(eventId, times)
    if (before === undefined) lost.add(eventId)
    else again.push(...before, one)
    if (past.has(eventId)) for (const { event } of before ?? []) past.add(event.eventId)
  }
  return again
}

/** Adds the events between the room's graph and those of the pool, as far as others tell them. */
async function gatherBetween(deps: InboxDeps, gap: Gap, pool: Map<EventId, Arriving>, sent: EventId): Promise<void> {
  const earliest = await deps.rooms.listExtremities(gap.room.room)
  let chars = 0
  for (let round = 0; round < gapLimits.roundsMax; round++) {
    const past = await listPast(deps, gap, pool, sent)
    const isDeep = past.size >= gapLimits.pastEventsMax
    const open = [...pool.values()].filter(({ event }) => !isDeep || !past.has(event.eventId))
    const missing = await listMissing(deps, gap, pool, open)
    const isFull = pool.size >= gapLimits.eventsMax || chars > gapLimits.charsMax
    if (missing.size === 0 || isFull || deps.clock.nowMs() > gap.untilMs) return
    const here = [...missing].flatMap((id) => gap.waiting.get(id) ?? [])
    for (const one of here) pool.set(one.event.eventId, one)
    if (here.length > 0) continue
    const latest = open.filter(({ event }) => event.prevEvents.some((id) => missing.has(id)))
    const question = {
      earliest: earliest.slice(0, gapLimits.latestMax),
      latest: latest.slice(-gapLimits.latestMax).map(({ event }) => event.eventId),
      limit: round === 0 ? gapLimits.firstEventsMax : gapLimits.eventsAtOnceMax,
      minDepth: 0,
    }
    const told = await gap.ask((parties) => deps.remote.calls.getMissingEvents(parties, gap.room.roomId, question))
    const countMax = gapLimits.eventsMax - pool.size
    const before = pool.size
    for (const one of await checkAll(deps, gap, (told ?? []).slice(0, countMax))) {
      if (pool.has(one.event.eventId)) continue
      pool.set(one.event.eventId, one)
      chars += JSON.stringify(one.event.pdu).length
    }
    const fullCount = Math.min(question.limit, gapLimits.eventsMin)
    if (pool.size === before || told === undefined || told.length < fullCount) return
  }
}

/** What these events of the pool follow and that is neither among them nor part of the room's graph. */
async function listMissing(
  deps: InboxDeps,
  { room }: Gap,
  pool: ReadonlyMap<EventId, Arriving>,
  open: readonly Arriving[],
): Promise<Set<EventId>> {
  const named = new Set(open.flatMap(({ event }) => event.prevEvents))
  const outside = [...named].filter((id) => !pool.has(id))
  return listUnknown(deps, room, outside, false)
}

/** What was not asked for in time is not what nobody tells. */
function requireTime({ clock }: InboxDeps, { untilMs }: Gap): void {
  if (clock.nowMs() > untilMs) throw new NobodyAnswers()
}

/** Events to be received before it; undefined: what it rests on is not told. */
async function mend(
  deps: InboxDeps,
  gap: Gap,
  { event }: Arriving,
  { authEvents, prevEvents }: Lacking,
): Promise<readonly Arriving[] | undefined> {
  if (prevEvents.length === 0) {
    if (gap.authsLeft-- <= 0) return undefined
    requireTime(deps, gap)
    await fetchAuth(deps, gap, event.eventId, authEvents)
    const unknown = await listUnknown(deps, gap.room, authEvents, true)
    return unknown.size === 0 ? [] : undefined
  }
  // The states before those that it follows bring their auth chains along.
  const before: Arriving[] = []
  for (const id of prevEvents) {
    if (gap.statesLeft-- <= 0) return undefined
    requireTime(deps, gap)
    const one = await fetchEvent(deps, gap, id)
    const stateBefore = one && (await gap.inStateLane(() => fetchState(deps, gap, id)))
    if (one === undefined || stateBefore === undefined) return undefined
    before.push({ ...one, stateBefore })
  }
  return before
}
