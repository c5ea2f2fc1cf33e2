/**
 * What is told with an event of those that relate to it. Spec: client-server-api#aggregations-of-child-events. One
 * query says for a whole page that there is nothing, which is so for most.
 */

import { type EventId, isJsonObject } from '@parallax/protocol'
import type { Reader } from '../../store/index.ts'
import { clientEventText, contentText } from '../client-format.ts'
import { listEvents, listEventsById } from '../event-table.ts'
import type { Veil, Veils } from '../lenses.ts'
import type { StoredEvent } from '../rooms.ts'
import { relationLimits } from './limits.ts'
import {
  type BundleCount,
  countRelations,
  listEdits,
  listReferences,
  listThreadsWith,
  relationOf,
} from './relation-table.ts'

/** JSON texts of `m.relations` by event number, for those events that have some. */
export type Bundles = ReadonlyMap<number, string>

const none: Bundles = new Map()
const nobody: ReadonlySet<number> = new Set()

type BundleDeps = {
  readonly reader: Reader
  readonly listIgnored: (user: number) => Promise<ReadonlySet<number>>
  readonly findVeils: (user: number, events: readonly StoredEvent[]) => Promise<Veils>
  /** Those of the events of one room that the user may see. */
  readonly filterVisible: (user: number, events: readonly StoredEvent[]) => Promise<readonly StoredEvent[]>
}

type BundleViewer = {
  readonly nowMs: number
  readonly ignored: ReadonlySet<number>
  /** What relates to an event may have come after the viewer left. */
  readonly filter: (events: readonly StoredEvent[]) => Promise<readonly StoredEvent[]>
  readonly findVeil: (event: StoredEvent) => Promise<Veil | undefined>
}

/** The bundles of some events as one user gets them: without what ignored users sent. */
export async function bundleRelations(
  { reader, listIgnored, findVeils, filterVisible }: BundleDeps,
  user: number,
  events: readonly StoredEvent[],
  nowMs: number,
): Promise<Bundles> {
  const candidates = events.filter((event) => event.redactedBy === null)
  if (candidates.length === 0) return none
  const filter = (list: readonly StoredEvent[]) => filterVisible(user, list)
  const findVeil = async (event: StoredEvent) => (await findVeils(user, [event])).get(event.event)
  const viewer = { nowMs, ignored: await listIgnored(user), filter, findVeil }
  const counts = await countRelations(
    reader,
    candidates.map((event) => event.eventId),
    viewer.ignored,
  )
  if (counts.length === 0) return none
  const byParent = Map.groupBy(counts, ({ parent }) => parent)
  const roots = counts.filter(({ relType }) => relType === 'm.thread').map(({ parent }) => parent)
  const participated = roots.length === 0 ? new Set<EventId>() : await listThreadsWith(reader, roots, user)
  const bundles = new Map<number, string>()
  for (const event of candidates) {
    const own = byParent.get(event.eventId)
    if (own === undefined) continue
    const parts: string[] = []
    for (const count of own) {
      const part = await partOf(reader, viewer, event, count, participated.has(event.eventId) || event.sender === user)
      if (part !== undefined) parts.push(`${JSON.stringify(count.relType)}:${part}`)
    }
    if (parts.length > 0) bundles.set(event.event, `{${parts.join(',')}}`)
  }
  return bundles
}

async function partOf(
  reader: Reader,
  { nowMs, ignored, filter, findVeil }: BundleViewer,
  event: StoredEvent,
  { relType, count, last }: BundleCount,
  isParticipant: boolean,
): Promise<string | undefined> {
  if (relType === 'm.replace') {
    const edit = await findEdit(reader, event, filter)
    return edit && clientEventText(edit, { nowMs, veil: await findVeil(edit) })
  }
  if (relType === 'm.reference') {
    const ids = await listReferences(reader, event.eventId, relationLimits.referencesMax, ignored)
    const seen = new Set((await filter(await listEventsById(reader, ids))).map(({ eventId }) => eventId))
    const chunk = ids.filter((eventId) => seen.has(eventId)).map((eventId) => ({ event_id: eventId }))
    return chunk.length === 0 ? undefined : JSON.stringify({ chunk })
  }
  if (relType !== 'm.thread') return undefined
  const [latest] = await filter(await listEvents(reader, [last]))
  if (latest === undefined || latest.room !== event.room) return undefined
  const edit = await findEdit(reader, latest, filter)
  const relations = edit && `{"m.replace":${clientEventText(edit, { nowMs })}}`
  const text = clientEventText(latest, { nowMs, relations, veil: await findVeil(latest) })
  return `{"latest_event":${text},"count":${count},"current_user_participated":${isParticipant}}`
}

/** The edit that counts. Spec: client-server-api#validity-of-replacement-events. */
export async function findEdit(
  reader: Reader,
  event: StoredEvent,
  filter: BundleViewer['filter'] = async (events) => events,
): Promise<StoredEvent | undefined> {
  if (event.slot !== null || relationOf(event)?.relType === 'm.replace') return undefined
  const edits = await listEvents(reader, await listEdits(reader, event, relationLimits.editsMax))
  return (await filter(edits)).find((edit) => edit.slot === null && hasNewContent(edit))
}

/** As `findEdit`, by the number of the edited event; one query for those that have none. */
export async function findEdits(
  reader: Reader,
  events: readonly StoredEvent[],
): Promise<ReadonlyMap<number, StoredEvent>> {
  const ids = events.map((event) => event.eventId)
  const counts = ids.length === 0 ? [] : await countRelations(reader, ids, nobody)
  const edited = new Set(counts.filter(({ relType }) => relType === 'm.replace').map(({ parent }) => parent))
  const edits = new Map<number, StoredEvent>()
  for (const event of events) {
    const edit = edited.has(event.eventId) ? await findEdit(reader, event) : undefined
    if (edit !== undefined) edits.set(event.event, edit)
  }
  return edits
}

/** Encrypted edits have theirs inside. */
function hasNewContent(edit: StoredEvent): boolean {
  const content = JSON.parse(contentText(edit))
  return isJsonObject(content['m.new_content']) || edit.body.endsWith(',"type":"m.room.encrypted"')
}
