/** What relates to an event, and threads. Spec: client-server-api#relationships-api, #server-behaviour-of-threading. */

import type { EventId, RoomId } from '@parallax/protocol'
import { relationLimits } from '../relations/limits.ts'
import type { RelationRow, StoredEvent } from '../rooms.ts'
import { parseToken, tokenOf } from '../token.ts'
import { requireReadable } from './readable.ts'
import { renderEvents } from './render-events.ts'
import { requireVisible } from './show-event.ts'
import { filterShown } from './shown.ts'
import type { ViewCaller, ViewDeps } from './view.ts'

export type RelationsQuery = {
  readonly relType: string | undefined
  readonly type: string | undefined
  readonly direction: 'b' | 'f'
  readonly from: string | undefined
  readonly to: string | undefined
  readonly limit: number
  readonly isRecursive: boolean
}

type Found = { readonly rows: readonly RelationRow[]; readonly depth: number }

/** JSON text of a page. Throws MatrixError M_NOT_FOUND, M_INVALID_PARAM. */
export async function listRelations(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  eventId: EventId,
  query: RelationsQuery,
): Promise<string> {
  const parent = await requireVisible(deps, caller, roomId, eventId)
  const { rows, depth } = await findRows(deps, parent, query)
  const limit = Math.min(Math.max(query.limit, 1), relationLimits.pageMax)
  const [type] = query.type === undefined ? [undefined] : await deps.names.find([query.type])
  const isWanted = (row: RelationRow): boolean =>
    (query.relType === undefined || row.relType === query.relType) && (query.type === undefined || row.type === type)
  const wanted = rows.filter(isWanted)
  const events = await deps.rooms.listEvents(wanted.map((row) => row.event))
  const here = events.filter((event) => event.room === parent.room && event.outcome === 0)
  const visible = await filterShown(deps.rooms, caller, parent.room, here)
  const page = visible.slice(0, limit)
  const options = { nowMs: deps.clock.nowMs(), withRoomId: true }
  const chunk = await renderEvents(deps.rooms, caller, page, options)
  let text = `{"chunk":[${chunk.join(',')}]`
  const last = page.at(-1)?.stream
  const hasMore = visible.length > limit || rows.length >= relationLimits.scannedMax
  if (last != null && hasMore) text += `,"next_batch":"${tokenOf(query.direction === 'b' ? last - 1 : last)}"`
  if (query.from !== undefined) text += `,"prev_batch":${JSON.stringify(query.from)}`
  if (query.isRecursive) text += `,"recursion_depth":${depth}`
  return `${text}}`
}

/** Rows in the order of the walk, from where it begins to where it ends. */
async function findRows({ rooms }: ViewDeps, parent: StoredEvent, query: RelationsQuery): Promise<Found> {
  const { direction } = query
  const farthest = direction === 'b' ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER
  const from = query.from === undefined ? farthest : parseToken(query.from)
  const to = query.to === undefined ? -farthest : parseToken(query.to)
  const isBefore = ({ stream }: RelationRow): boolean => (direction === 'b' ? stream > to : stream <= to)
  const range = { direction, from, limit: relationLimits.scannedMax }
  if (!query.isRecursive) {
    const rows = await rooms.listRelations(parent.eventId, range)
    return { rows: query.to === undefined ? rows : rows.filter(isBefore), depth: 1 }
  }
  const all: RelationRow[] = []
  let parents: readonly string[] = [parent.eventId]
  let depth = 0
  while (parents.length > 0 && depth < relationLimits.depthMax && all.length < relationLimits.recursedMax) {
    const found = await rooms.listRelationsOf(parents, relationLimits.recursedMax - all.length)
    all.push(...found)
    parents = found.map((row) => row.eventId)
    depth++
  }
  const isAfter = ({ stream }: RelationRow): boolean => (direction === 'b' ? stream <= from : stream > from)
  const rows = all.filter((row) => isAfter(row) && (query.to === undefined || isBefore(row)))
  rows.sort((left, right) => (direction === 'b' ? right.stream - left.stream : left.stream - right.stream))
  return { rows, depth }
}

export type ThreadsQuery = {
  readonly from: string | undefined
  readonly limit: number
  readonly onlyParticipated: boolean
}

/** JSON text of a page of threads, the one with the latest reply first. Throws M_FORBIDDEN, M_INVALID_PARAM. */
export async function listThreads(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  query: ThreadsQuery,
): Promise<string> {
  const { info } = await requireReadable(deps.rooms, roomId, caller)
  const limit = Math.min(Math.max(query.limit, 1), relationLimits.pageMax)
  const shown: { readonly event: StoredEvent; readonly latest: number }[] = []
  let before = query.from === undefined ? Number.MAX_SAFE_INTEGER : parseToken(query.from) + 1
  let scanned = 0
  let isEnd = false
  while (shown.length <= limit && !isEnd && scanned < relationLimits.scannedMax) {
    const threads = await deps.rooms.listThreads(info.room, before, limit + 1)
    isEnd = threads.length <= limit
    scanned += threads.length
    before = threads.at(-1)?.latest ?? before
    const events = await visibleRoots(deps, caller, info.room, threads, query.onlyParticipated)
    shown.push(
      ...threads.flatMap(({ root, latest }) => (events.has(root) ? [{ event: events.get(root)!, latest }] : [])),
    )
  }
  const page = shown.slice(0, limit)
  const options = { nowMs: deps.clock.nowMs(), withRoomId: true }
  const chunk = await renderEvents(
    deps.rooms,
    caller,
    page.map(({ event }) => event),
    options,
  )
  const text = `{"chunk":[${chunk.join(',')}]`
  return shown.length > limit ? `${text},"next_batch":"${tokenOf(page.at(-1)!.latest - 1)}"}` : `${text}}`
}

async function visibleRoots(
  deps: ViewDeps,
  caller: ViewCaller,
  room: number,
  threads: readonly { readonly root: EventId }[],
  onlyParticipated: boolean,
): Promise<Map<EventId, StoredEvent>> {
  const ids = threads.map(({ root }) => root)
  const found = ids.length === 0 ? [] : await deps.rooms.listEventsById(ids)
  const events = found.filter((event) => event.room === room && event.outcome === 0)
  const visible = await filterShown(deps.rooms, caller, room, events)
  const own = onlyParticipated ? await deps.rooms.listThreadsWith(ids, caller.user) : undefined
  const wanted = visible.filter((event) => own === undefined || own.has(event.eventId) || event.sender === caller.user)
  return new Map(wanted.map((event) => [event.eventId, event]))
}
