/** One room of a reply: first it is planned with reads of its own, then rendered from what was loaded for all rooms. */

import { type StoredEvent, syncTokenOf } from '../rooms/index.ts'
import { roomChange } from './changes.ts'
import type { Renderer } from './render.ts'
import type { SentMembers } from './sent-members.ts'
import { countsText } from './streams/counts.ts'
import { readState, type SortedStates } from './streams/state.ts'
import { type RoomSummaries, summaryText } from './streams/summary.ts'
import { readTimeline, type Timeline } from './streams/timeline.ts'
import { readTyping } from './streams/typing.ts'
import type { SyncDeps } from './sync-deps.ts'
import type { Unread } from './unread/unread.ts'
import type { RoomVisit, SyncView } from './view.ts'
import type { VisibleEvents } from './visible.ts'

export type RoomPartDeps = SyncDeps & {
  readonly visible: VisibleEvents
  readonly sorted: SortedStates
  readonly sentMembers: SentMembers
  readonly summaries: RoomSummaries
  readonly unread: Unread
}

export type RoomPlan = {
  readonly visit: RoomVisit
  readonly timeline: Timeline
  /** Numbers of state events. */
  readonly state: readonly number[]
  /** JSON texts; of rooms that were left only the first two are told. */
  readonly summary: string
  readonly counts: string
  readonly ephemeral: readonly string[]
  readonly accountData: readonly string[]
}

export type RoomExtras = { readonly receipts: readonly string[]; readonly accountData: readonly string[] }

/** What is told of a room where the caller is joined. */
export async function planJoined(
  deps: RoomPartDeps,
  view: SyncView,
  visit: RoomVisit,
  extras: RoomExtras,
): Promise<RoomPlan> {
  const { info, place, kinds, isWhole } = visit
  const hasEvents = isWhole || (kinds & roomChange.event) !== 0
  const timeline = hasEvents ? await readTimeline(deps, view, visit) : noTimeline(view)
  const tellsMembers = isWhole || (kinds & roomChange.member) !== 0
  const heroes = tellsMembers ? await deps.summaries.heroes(info, view.caller.userId) : undefined
  const state = hasEvents ? await readState(deps, view, visit, timeline, heroes ?? []) : []
  const counts = await deps.unread.count(view.caller, info, place, view.upto)
  const typing = await readTyping(deps, view, visit)
  const { passesType, inRoom } = view.filter.ephemeral
  const isTold = (type: string) => (passesType?.(type, undefined) ?? true) && (inRoom?.(info.roomId) ?? true)
  return {
    visit,
    timeline,
    state,
    summary: tellsMembers ? summaryText(info, heroes) : '{}',
    counts: countsText(counts, view.filter.threadCounts),
    ephemeral: [
      ...(typing !== undefined && isTold('m.typing') ? [typing] : []),
      ...(isTold('m.receipt') ? extras.receipts : []),
    ],
    accountData: view.filter.roomAccountData.inRoom?.(info.roomId) === false ? [] : extras.accountData,
  }
}

/** What is told of a room that the caller left. */
export async function planLeft(deps: RoomPartDeps, view: SyncView, visit: RoomVisit): Promise<RoomPlan> {
  const timeline = await readTimeline(deps, view, visit)
  const state = await readState(deps, view, visit, timeline, [])
  return { visit, timeline, state, summary: '{}', counts: '', ephemeral: [], accountData: [] }
}

/** True if there is nothing to tell of a joined room. */
export function isPlanEmpty({ visit, timeline, state, ephemeral, accountData }: RoomPlan): boolean {
  if (visit.isWhole || (visit.kinds & roomChange.ownReceipt) !== 0) return false
  return (
    timeline.events.length === 0 &&
    !timeline.isLimited &&
    state.length === 0 &&
    ephemeral.length === 0 &&
    accountData.length === 0
  )
}

export function joinedText(view: SyncView, plan: RoomPlan, renderer: Renderer, state: readonly StoredEvent[]): string {
  return (
    `{"summary":${plan.summary},${timelineAndState(view, plan, renderer, state)},` +
    `"ephemeral":${eventsText(plan.ephemeral)},"account_data":${eventsText(plan.accountData)},${plan.counts}}`
  )
}

export function leftText(view: SyncView, plan: RoomPlan, renderer: Renderer, state: readonly StoredEvent[]): string {
  return `{${timelineAndState(view, plan, renderer, state)},"account_data":{"events":[]}}`
}

function timelineAndState(view: SyncView, { timeline }: RoomPlan, renderer: Renderer, state: readonly StoredEvent[]) {
  const prevBatch = syncTokenOf({ position: timeline.start, toDevice: timeline.start })
  const { memberships } = timeline
  const events = timeline.events
    .map((event, index) => renderer.timelineEvent(event, memberships?.[index] ?? 'join'))
    .join(',')
  const { passes } = view.filter.state
  const shown = passes === undefined ? state : state.filter(passes)
  return (
    `"timeline":{"events":[${events}],"prev_batch":"${prevBatch}","limited":${timeline.isLimited}},` +
    `"${view.stateAfter ?? 'state'}":${eventsText(shown.map(renderer.stateEvent))}`
  )
}

/** JSON text of `{"events":[…]}`. */
export function eventsText(events: readonly string[]): string {
  return `{"events":[${events.join(',')}]}`
}

function noTimeline({ since = 0 }: SyncView): Timeline {
  return { events: [], memberships: undefined, isLimited: false, start: since, newest: undefined, oldest: undefined }
}
