/**
 * History from before what is here, asked for when somebody reads back that far.
 * Spec: server-server-api#backfilling-and-retrieving-missing-events.
 */

import type { EventId } from '@parallax/protocol'
import { Lru, MatrixError } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import type { Arriving } from '../../rooms/index.ts'
import { inGraphOrder } from '../inbox/arriving-row.ts'
import { NobodyAnswers } from '../inbox/ask-servers.ts'
import { fetchAuth, fetchState } from '../inbox/fetch-outliers.ts'
import { findOurRoom } from '../inbox/find-our-room.ts'
import { checkAll, createGaps, type Gap, listUnknown, type OpenGap } from '../inbox/gap.ts'
import type { InboxDeps } from '../inbox/inbox-deps.ts'
import { historyLimits } from '../inbox/limits.ts'
import { listAskable } from './askable-servers.ts'

/** `filled`: events came; `slow`: they may yet come; `none`: there are none, or nobody tells them. */
export type Filled = 'filled' | 'slow' | 'none'

/** A function that asks for a room's history; side by side it asks once. */
export function createFillHistory(deps: InboxDeps): (room: number, before: number) => Promise<Filled> {
  const { clock, logger } = deps
  const openGap = createGaps(deps)
  const under = new Map<number, Promise<Filled>>()
  const inVainMs = new Lru<number, number>(historyLimits.roomsMax)
  const fill = async (room: number, before: number): Promise<Filled> => {
    try {
      const isFilled = await fillRoom(deps, openGap, room, before)
      if (!isFilled) inVainMs.set(room, clock.nowMs())
      return isFilled ? 'filled' : 'none'
    } catch (error) {
      // Whoever reads gets what is here.
      if (!(error instanceof RemoteError || error instanceof MatrixError))
        logger.error({ room, err: error }, 'history could not be filled in')
      return 'none'
    } finally {
      under.delete(room)
    }
  }
  return async (room, before) => {
    if (clock.nowMs() - (inVainMs.get(room) ?? 0) < historyLimits.askAgainMs) return 'none'
    if ((await deps.rooms.listJoinedServers(room)).size < 2) return 'none'
    const task = under.get(room) ?? fill(room, before)
    under.set(room, task)
    let cancel = (): void => {}
    const tooLong = new Promise<Filled>((resolve) => {
      cancel = clock.schedule(historyLimits.waitMs, () => resolve('slow'))
    })
    return Promise.race([task, tooLong]).finally(cancel)
  }
}

async function fillRoom(deps: InboxDeps, openGap: OpenGap, number: number, before: number): Promise<boolean> {
  const room = await findOurRoom(deps, await deps.rooms.findRoomByNumber(number))
  const edges = room === undefined ? [] : await deps.rooms.listHistoryEdges(number, before, historyLimits.edgesMax)
  if (room === undefined || edges.length === 0) return false
  // What comes before the join is judged by the whole state.
  if (room.isPartial) await deps.rooms.requireWhole(number)
  const whole = { ...room, isPartial: false }
  for (const server of await listAskable(deps, number)) {
    try {
      if (
        await fillFrom(deps, openGap(whole, server, new Map(), { isPatient: false, isDoubtful: false }), {
          before,
          edges,
        })
      )
        return true
    } catch (error) {
      if (!(error instanceof NobodyAnswers)) throw error
    }
  }
  return false
}

/** What is missing, and before which place. */
type Missing = { readonly before: number; readonly edges: readonly EventId[] }

/** True if an event was added. */
async function fillFrom(deps: InboxDeps, gap: Gap, { before, edges }: Missing): Promise<boolean> {
  const { room, roomId } = gap.room
  const question = { from: edges, limit: historyLimits.eventsMax }
  const told = await gap.ask((parties) => deps.remote.calls.backfill(parties, roomId, question))
  const events = await checkAll(deps, gap, (told ?? []).slice(0, historyLimits.eventsMax))
  const ids = events.map(({ event }) => event.eventId)
  const fresh = await listUnknown(deps, gap.room, ids, false)
  const ordered = inGraphOrder(events.filter(({ event }) => fresh.has(event.eventId)))
  const ready = await withStates(deps, gap, ordered)
  let isFilled = false
  for (let rest = ready; rest.length > 0; ) {
    const receipts = await deps.rooms.receiveHistory(room, before, rest)
    isFilled ||= receipts.some((receipt) => 'isNew' in receipt && receipt.isNew)
    rest = await withAuth(
      deps,
      gap,
      rest.filter((_, index) => lacksAuth(receipts[index])),
    )
  }
  return isFilled
}

function lacksAuth(receipt: Awaited<ReturnType<InboxDeps['rooms']['receiveHistory']>>[number] | undefined): boolean {
  return receipt?.kind === 'lacking' && receipt.authEvents.length > 0
}

/** The state before those that follow what is not told; those that it cannot be had of are left out. */
async function withStates(deps: InboxDeps, gap: Gap, ordered: readonly Arriving[]): Promise<Arriving[]> {
  const told = new Set(ordered.map(({ event }) => event.eventId))
  const named = ordered.flatMap(({ event }) => event.prevEvents).filter((id) => !told.has(id))
  const unknown = await listUnknown(deps, gap.room, named, false)
  const ready: Arriving[] = []
  for (const one of ordered) {
    const { eventId, prevEvents } = one.event
    if (!prevEvents.some((id) => unknown.has(id))) {
      ready.push(one)
      continue
    }
    if (gap.statesLeft-- <= 0) continue
    const stateBefore = await gap.inStateLane(() => fetchState(deps, gap, eventId))
    if (stateBefore !== undefined) ready.push({ ...one, stateBefore })
  }
  return ready
}

/** Those whose auth events were not here and now are. */
async function withAuth(deps: InboxDeps, gap: Gap, lacking: readonly Arriving[]): Promise<Arriving[]> {
  const ready: Arriving[] = []
  for (const one of lacking) {
    const { eventId, authEvents } = one.event
    const before = await listUnknown(deps, gap.room, authEvents, true)
    if (before.size > 0 && gap.authsLeft-- > 0) await fetchAuth(deps, gap, eventId, [...before])
    if (before.size > 0 && (await listUnknown(deps, gap.room, authEvents, true)).size === 0) ready.push(one)
  }
  return ready
}
