/**
 * Which hits are shown: what the caller may see, with its newest text, and has not been redacted since. What is hidden
 * from the caller is not even counted.
 */

import type { EventId, JsonObject, UserId } from '@parallax/protocol'
import { contentText, headerOf, type StoredEvent } from '../../rooms/index.ts'
import type { SearchCaller, SearchDeps } from '../search.ts'
import { fold } from '../words.ts'
import type { Ranked } from './collect-hits.ts'
import type { MessageRequest } from './read-request.ts'
import { searchableTextOf } from './searchable-text.ts'

export type Match = { readonly event: StoredEvent; readonly rank: number }

type ExamineDeps = Pick<SearchDeps, 'rooms'>
type Asked = Pick<MessageRequest, 'wish' | 'types' | 'passes'> & {
  readonly caller: SearchCaller
  readonly ignored: ReadonlySet<UserId>
}

/** One match for each hit, undefined where nothing is to be shown. */
export async function examineHits(
  deps: ExamineDeps,
  asked: Asked,
  hits: readonly Ranked[],
): Promise<(Match | undefined)[]> {
  const found = (await deps.rooms.listEvents(hits.map(({ event }) => event))).filter(isShown)
  const targets = new Map<number, EventId>()
  for (const event of found) {
    const target = editOf(event)
    if (target !== undefined) targets.set(event.event, target)
  }
  const originals = targets.size === 0 ? [] : await deps.rooms.listEventsById([...targets.values()])
  const byId = new Map(originals.filter(isShown).map((event) => [event.eventId, event]))
  const shownFor = new Map<number, { readonly hit: StoredEvent; readonly shown: StoredEvent }>()
  for (const hit of found) {
    const target = targets.get(hit.event)
    const shown = target === undefined ? hit : byId.get(target)
    if (shown !== undefined) shownFor.set(hit.event, { hit, shown })
  }
  const edits = await deps.rooms.findEdits([...shownFor.values()].map(({ shown }) => shown))
  const pairs = [...shownFor.values()]
  const all = new Map([...found, ...byId.values(), ...edits.values()].map((event) => [event.event, event]))
  const visible = await listVisible(deps, asked.caller.userId, [...all.values()])
  const matching = new Map<number, StoredEvent>()
  for (const { hit, shown } of pairs) {
    const edit = edits.get(shown.event)
    const newest = edit !== undefined && visible.has(edit.event) ? edit : shown
    if (newest.event !== hit.event || !visible.has(hit.event) || !visible.has(shown.event)) continue
    if (isWanted(asked, hit, shown)) matching.set(hit.event, shown)
  }
  return hits.map(({ event, rank }) => {
    const shown = matching.get(event)
    return shown && { event: shown, rank }
  })
}

function isShown(event: StoredEvent): boolean {
  return event.outcome === 0 && event.stream !== null && event.redactedBy === null
}

/** The event that this one edits. */
function editOf(event: StoredEvent): EventId | undefined {
  if (event.slot !== null || !event.body.includes('"m.replace"')) return undefined
  const relation = (JSON.parse(contentText(event)) as JsonObject)['m.relates_to'] as JsonObject | undefined
  if (relation?.rel_type !== 'm.replace' || typeof relation.event_id !== 'string') return undefined
  return relation.event_id as EventId
}

function isWanted({ types, passes, ignored, wish }: Asked, hit: StoredEvent, shown: StoredEvent): boolean {
  const { type, sender } = headerOf(shown)
  if (!types.has(type) || ignored.has(sender)) return false
  if (passes !== undefined && !passes(shown)) return false
  if (wish.runs.length === 0) return true
  const text = fold(searchableTextOf(type, JSON.parse(contentText(hit))))
  return wish.runs.every((run) => text.includes(run))
}

async function listVisible(
  { rooms }: ExamineDeps,
  viewer: UserId,
  events: readonly StoredEvent[],
): Promise<ReadonlySet<number>> {
  const visible = new Set<number>()
  for (const [room, here] of Map.groupBy(events, (event) => event.room)) {
    for (const { event } of await rooms.filterVisible(room, viewer, here)) visible.add(event)
  }
  return visible
}
