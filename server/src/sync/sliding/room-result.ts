/** One room of a sliding sync reply. Spec: msc4186#roomresult. */

import { isJsonObject, type JsonValue } from '@parallax/protocol'
import { contentText, type StoredEvent, tokenOf } from '../../rooms/index.ts'
import type { Renderer } from '../render.ts'
import type { SentMembers } from '../sent-members.ts'
import type { StrippedStates } from '../streams/invites.ts'
import type { RoomSummaries } from '../streams/summary.ts'
import { readTimeline, type Timeline } from '../streams/timeline.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { SyncView } from '../view.ts'
import type { VisibleEvents } from '../visible.ts'
import type { BumpStamps } from './bump-stamps.ts'
import { readRequiredState, type WantedState } from './required-state.ts'
import type { SlidingVisit } from './room-visit.ts'

export type ResultDeps = SyncDeps & {
  readonly visible: VisibleEvents
  readonly sentMembers: SentMembers
  readonly summaries: RoomSummaries
  readonly stripped: StrippedStates
  readonly bumps: BumpStamps
}

/** Names of fields: of the accepted proposal, or of its first implementation. */
export type Dialect = 'accepted' | 'unstable'

export type SlidingPlan = {
  readonly visit: SlidingVisit
  readonly timeline: Timeline
  /** Numbers of state events, for `loadState`. */
  readonly state: readonly number[]
  readonly removed: WantedState['removed']
  /** Members of the result that need no events, as texts. */
  readonly fields: readonly string[]
}

const nothing: Timeline = {
  events: [],
  memberships: undefined,
  isLimited: false,
  start: 0,
  newest: undefined,
  oldest: undefined,
}

/** Reads what is told of the room, but for the texts of its state. */
export async function planRoom(
  deps: ResultDeps,
  view: SyncView,
  visit: SlidingVisit,
  dialect: Dialect,
): Promise<SlidingPlan> {
  if (visit.isStripped) {
    const events = (await deps.stripped.find(visit.place))?.events ?? '[]'
    const field = dialect === 'accepted' ? 'stripped_state' : 'invite_state'
    const fields = [...usualFields(visit, visit.place.position), '"initial":true', `"${field}":${events}`]
    return { visit, timeline: nothing, state: [], removed: [], fields }
  }
  const { wishes } = visit.wanted.config
  const timeline = visit.hasEvents ? await readEvents(deps, view, visit) : nothing
  const needsState = visit.hasEvents || visit.oldWishes !== undefined
  const state = needsState
    ? await readRequiredState(deps, view, { visit, timeline, wishes, oldWishes: visit.oldWishes })
    : { events: [], removed: [], changedTypes: new Set<string>() }
  const fields = await readFields(deps, view, visit, state.changedTypes)
  return { visit, timeline, state: state.events, removed: state.removed, fields }
}

async function readEvents(deps: ResultDeps, view: SyncView, visit: SlidingVisit): Promise<Timeline> {
  const { filter } = view
  const limit = visit.wanted.config.timelineLimit
  const asked = { ...view, since: undefined, filter: { ...filter, timeline: { ...filter.timeline, limit } } }
  const span = visit.isExpanded ? { ...visit, after: undefined } : visit
  return readTimeline(deps, asked, span)
}

function usualFields({ wanted, place }: SlidingVisit, bumpStamp: number): string[] {
  const { lists } = wanted
  return [
    `"bump_stamp":${bumpStamp}`,
    `"membership":"${place.membership}"`,
    ...(lists.length === 0 ? [] : [`"lists":${JSON.stringify(lists)}`]),
  ]
}

async function readFields(
  deps: ResultDeps,
  view: SyncView,
  visit: SlidingVisit,
  changed: ReadonlySet<string> | undefined,
): Promise<string[]> {
  const { info, isNew, place, counts } = visit
  const isJoined = place.membership === 'join'
  const stamp = isJoined ? await deps.bumps.find(info.room, view.upto) : place.position
  const hasChanged = (...types: string[]) => changed === undefined || types.some((type) => changed.has(type))
  const fields = usualFields(visit, stamp)
  if (isNew) fields.push('"initial":true')
  if (isNew ? visit.isDirect : visit.isDirect !== visit.entry?.isDirect) fields.push(`"is_dm":${visit.isDirect}`)
  if (hasChanged('m.room.name')) fields.push(...(await readText(deps, visit, 'm.room.name', 'name', 'name')))
  if (hasChanged('m.room.avatar')) fields.push(...(await readText(deps, visit, 'm.room.avatar', 'url', 'avatar')))
  if (!isJoined) return fields
  if (hasChanged('m.room.member')) {
    fields.push(`"joined_count":${info.joinedCount}`, `"invited_count":${info.invitedCount}`)
  }
  if (hasChanged('m.room.member', 'm.room.name', 'm.room.canonical_alias')) {
    fields.push(...(await readHeroes(deps, view, visit)))
  }
  if (counts !== undefined) {
    fields.push(`"notification_count":${counts.notify}`, `"highlight_count":${counts.highlight}`)
  }
  return fields
}

/** One text of a state event's content. Rooms that were left are told as they were then. */
async function readText(
  deps: ResultDeps,
  { info, place, isNew, until }: SlidingVisit,
  type: string,
  from: string,
  field: string,
): Promise<string[]> {
  const content: JsonValue | undefined =
    place.membership === 'join'
      ? (await deps.rooms.findStateEvent(info.room, type, ''))?.content
      : await readContentAt(deps, info.room, until, type)
  const value = isJsonObject(content) ? content[from] : undefined
  if (typeof value === 'string' && value !== '') return [`"${field}":${JSON.stringify(value)}`]
  return isNew ? [] : [`"${field}":null`]
}

async function readContentAt({ rooms }: ResultDeps, room: number, position: number, type: string) {
  const snapshot = await rooms.findSnapshotAt(room, position)
  const events = snapshot === undefined ? [] : await rooms.listStateOfType(snapshot, type)
  return events[0] && JSON.parse(contentText(events[0]))
}

async function readHeroes(deps: ResultDeps, { caller }: SyncView, { info }: SlidingVisit): Promise<string[]> {
  const heroes = await deps.summaries.heroes(info, caller.userId)
  if (heroes === undefined) return []
  const list: object[] = []
  for (const userId of heroes) {
    const content = (await deps.rooms.findStateEvent(info.room, 'm.room.member', userId))?.content ?? {}
    const { displayname, avatar_url: avatarUrl } = content
    list.push({
      user_id: userId,
      ...(typeof displayname === 'string' ? { displayname } : {}),
      ...(typeof avatarUrl === 'string' ? { avatar_url: avatarUrl } : {}),
    })
  }
  return [`"heroes":${JSON.stringify(list)}`]
}

/** True if there is nothing in it that the client does not know. */
export function isPlanEmpty({ visit, timeline, state, removed }: SlidingPlan): boolean {
  const { entry, isNew, counts, isDirect, place } = visit
  if (isNew || visit.isStripped || entry === undefined || place.membership !== 'join') return false
  const hasCounts = counts !== undefined && `${counts.notify}/${counts.highlight}` !== entry.counts
  const isQuiet = timeline.events.length + state.length + removed.length === 0 && !timeline.isLimited
  return isQuiet && !hasCounts && isDirect === entry.isDirect
}

/** JSON text of the result. */
export function resultText(
  view: SyncView,
  plan: SlidingPlan,
  renderer: Renderer,
  state: readonly StoredEvent[],
  dialect: Dialect,
): string {
  const { visit, timeline, removed, fields } = plan
  const { events, memberships } = timeline
  const parts = [...fields]
  if (visit.hasEvents && !visit.isStripped) {
    const texts = events.map((event, index) => renderer.timelineEvent(event, memberships?.[index] ?? 'join'))
    const live = view.since === undefined ? 0 : events.filter((event) => event.stream! > view.since!).length
    parts.push(
      `"${dialect === 'accepted' ? 'timeline_events' : 'timeline'}":[${texts.join(',')}]`,
      `"prev_batch":"${tokenOf(timeline.start)}"`,
      `"limited":${timeline.isLimited}`,
      `"num_live":${live}`,
    )
    if (visit.isExpanded) {
      parts.push(`"${dialect === 'accepted' ? 'expanded_timeline' : 'unstable_expanded_timeline'}":true`)
    }
  }
  if (state.length + removed.length > 0 || visit.isNew) {
    const stubs = removed.map(([type, stateKey]) => JSON.stringify({ type, state_key: stateKey }))
    parts.push(`"required_state":[${[...state.map(renderer.stateEvent), ...stubs].join(',')}]`)
  }
  return `{${parts.join(',')}}`
}
