/** Finds messages by words. Spec: client-server-api#server-side-search. */

import { setImmediate } from 'node:timers/promises'
import { messageLimits } from '../limits.ts'
import type { MessagesQuery, SearchCaller, SearchDeps } from '../search.ts'
import { collectHits, type Ranked, rankHits } from './collect-hits.ts'
import { examineHits, type Match } from './examine-hits.ts'
import type { MessageIndex } from './index-messages.ts'
import { type PageToken, parsePageToken } from './page-token.ts'
import { type MessageRequest, readRequest } from './read-request.ts'
import { type Page, showPage } from './show-page.ts'
import { listHighlights } from './terms.ts'

type FindDeps = SearchDeps & { readonly index: Pick<MessageIndex, 'view'> }

/** JSON text of a page. Throws MatrixError M_BAD_JSON, M_INVALID_PARAM. */
export async function findMessages(
  deps: FindDeps,
  caller: SearchCaller,
  query: MessagesQuery,
  next: string | undefined,
): Promise<string> {
  const request = readRequest(query)
  const first: PageToken = { upTo: deps.journal.committed(), offset: 0, count: 0, group: undefined }
  const from = next === undefined ? first : parsePageToken(next)
  const rooms = await listRooms(deps, caller, request)
  const { terms } = request.wish
  const isVain = terms.length === 0 || rooms.size === 0
  const found = isVain
    ? []
    : await collectHits(deps.store.longReader, deps.index.view(), terms, { rooms, upTo: from.upTo })
  const hits = rankHits(found, request.order)
  const page = await readPage(deps, caller, request, { hits, from })
  return showPage(deps, caller, request, { page, from, highlights: listHighlights(query.search_term) })
}

/** Rooms that the caller is or was in and has not forgotten, as far as the filter wants them. */
async function listRooms(deps: FindDeps, { user }: SearchCaller, request: MessageRequest): Promise<Set<number>> {
  const open = [...(await deps.rooms.listMemberships(user)).values()].filter(({ membership, forgotten }) => {
    return membership === 'join' || ((membership === 'leave' || membership === 'ban') && !forgotten)
  })
  const rooms = new Set(open.map(({ room }) => room))
  if (request.rooms !== undefined) {
    const named = new Set(await deps.names.find([...request.rooms]))
    for (const room of rooms) if (!named.has(room)) rooms.delete(room)
  }
  for (const room of await deps.names.find([...request.notRooms])) if (room !== undefined) rooms.delete(room)
  return rooms
}

/** The first page goes on after its last match, to count. */
async function readPage(
  deps: FindDeps,
  caller: SearchCaller,
  request: MessageRequest,
  { hits, from }: { readonly hits: readonly Ranked[]; readonly from: PageToken },
): Promise<Page> {
  const { limit } = request
  const asked = { ...request, caller, ignored: await deps.users.listIgnored(caller.user) }
  const isFirst = from.offset === 0
  const matches: Match[] = []
  const seen = new Set<number>()
  let { count, offset } = from
  let examined = 0
  for (let at = from.offset; at < hits.length && examined < messageLimits.examinedMax; ) {
    if (!isFirst && matches.length === limit) break
    const wanted = examined === 0 ? messageLimits.examinedFirst : messageLimits.examinedAtOnce
    const some = takeSome(hits, at, Math.min(wanted, messageLimits.examinedMax - examined), from.group)
    examined += some.hits.length
    for (const [index, match] of (await examineHits(deps, asked, some.hits)).entries()) {
      if (match === undefined || seen.has(match.event.event) || !isOfGroup(match, from.group)) continue
      seen.add(match.event.event)
      if (isFirst) count++
      if (matches.push(match) === limit) offset = some.places[index]! + 1
    }
    at = some.end
    if (matches.length < limit) offset = at
    await setImmediate()
  }
  const isFull = matches.length >= limit || offset < hits.length
  return { matches: matches.slice(0, limit), count, offset, isFull }
}

type Some = { readonly hits: Ranked[]; readonly places: number[]; readonly end: number }

/** The next hits from a place on that may be of the group, with their places. */
function takeSome(hits: readonly Ranked[], from: number, size: number, group: PageToken['group']): Some {
  const some: Ranked[] = []
  const places: number[] = []
  let end = from
  for (; end < hits.length && some.length < size; end++) {
    const hit = hits[end]!
    if (group?.key === 'room_id' && hit.room !== group.number) continue
    some.push(hit)
    places.push(end)
  }
  return { hits: some, places, end }
}

function isOfGroup({ event }: Match, group: PageToken['group']): boolean {
  return group === undefined || (group.key === 'room_id' ? event.room : event.sender) === group.number
}
