/**
 * Events, states and auth chains as other servers ask for them. Each answer is JSON text, spliced from stored events.
 * Spec: server-server-api#retrieving-events, #backfilling-and-retrieving-missing-events.
 */

import type { EventId, RoomId, ServerName } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { KnownRoom, StoredEvent } from '../../rooms/index.ts'
import type { Access } from '../access.ts'
import type { Asking, FederationDeps } from '../federation-deps.ts'
import { federationLimits } from '../limits.ts'
import { pduTextsOf, visiblePduTexts } from './pdu-texts.ts'
import { walkBack } from './walk-back.ts'

type ServeDeps = FederationDeps & { readonly access: Access }

/** One event. Throws M_NOT_FOUND, M_FORBIDDEN. */
export async function serveEvent(deps: ServeDeps, asking: Asking, eventId: EventId): Promise<string> {
  const { rooms, access } = deps
  const stored = await rooms.findEvent(eventId)
  const isThere = stored !== undefined && stored.outcome !== 2
  const room = isThere ? await rooms.findRoomByNumber(stored.room) : undefined
  if (!isThere || room === undefined) throw new MatrixError('M_NOT_FOUND', 'The event is not known to this server.')
  const info = await access.requireMember(asking.origin, room.roomId)
  // An outlier is part of the room's state or its reasons, which everyone in the room knows.
  const texts =
    stored.outcome === 3
      ? await pduTextsOf(rooms, [stored.event])
      : await visiblePduTexts(rooms, info, asking.origin, [stored])
  return transactionText(deps, asking.destination, texts)
}

/** The state before an event with its auth chain: whole events, or IDs. Throws M_NOT_FOUND, M_FORBIDDEN. */
export async function serveState(
  deps: ServeDeps,
  asking: Asking,
  question: { readonly roomId: RoomId; readonly eventId: EventId; readonly form: 'events' | 'ids' },
): Promise<string> {
  const { rooms, access } = deps
  const info = await access.requireMember(asking.origin, question.roomId)
  if (info.completeSince === undefined) {
    const message = 'This server is still fetching the members of the room.'
    throw new MatrixError('M_UNABLE_DUE_TO_PARTIAL_STATE', message, {}, 403)
  }
  const stored = await requirePlaced(deps, info, question.eventId)
  const state = stored.snapshot === 0 ? [] : await rooms.listState(stored.snapshot)
  const events = state.map(({ event }) => event)
  const chain = await rooms.listAuthChain(events)
  if (question.form === 'events') {
    const [pdus, auth] = await Promise.all([pduTextsOf(rooms, events), pduTextsOf(rooms, chain)])
    return `{"pdus":[${pdus.join(',')}],"auth_chain":[${auth.join(',')}]}`
  }
  const [ids, authIds] = await Promise.all([idsOf(deps, events), idsOf(deps, chain)])
  return JSON.stringify({ pdu_ids: ids, auth_chain_ids: authIds })
}

/** The auth chain of an event. Throws M_NOT_FOUND, M_FORBIDDEN. */
export async function serveEventAuth(
  deps: ServeDeps,
  asking: Asking,
  question: { readonly roomId: RoomId; readonly eventId: EventId },
): Promise<string> {
  const { rooms, access } = deps
  const info = await access.requireMember(asking.origin, question.roomId)
  const [stored] = await rooms.listEventsById([question.eventId])
  if (stored === undefined || stored.room !== info.room || stored.outcome === 2) throw unknownEvent()
  const texts = await pduTextsOf(rooms, await rooms.listAuthChain([stored.event]))
  return `{"auth_chain":[${texts.join(',')}]}`
}

/** Events up to and including some, deepest first. Throws M_FORBIDDEN. */
export async function serveBackfill(
  deps: ServeDeps,
  asking: Asking,
  question: { readonly roomId: RoomId; readonly from: readonly EventId[]; readonly limit: number },
): Promise<string> {
  const info = await deps.access.requireMember(asking.origin, question.roomId)
  const limit = Math.min(question.limit, federationLimits.backfillMax)
  const events = await walkBack(deps.rooms, info.room, { starts: question.from, limit, enters: () => true })
  const texts = await visiblePduTexts(deps.rooms, info, asking.origin, events)
  return transactionText(deps, asking.destination, texts)
}

export type MissingQuestion = {
  readonly roomId: RoomId
  readonly earliest: readonly EventId[]
  readonly latest: readonly EventId[]
  readonly limit: number
  readonly minDepth: number
}

/** Events before `latest` and after `earliest`, oldest first. Throws M_FORBIDDEN. */
export async function serveMissingEvents(
  deps: ServeDeps,
  asking: Asking,
  { roomId, earliest, latest, limit, minDepth }: MissingQuestion,
): Promise<string> {
  const info = await deps.access.requireMember(asking.origin, roomId)
  const stop = new Set(earliest.slice(0, federationLimits.startsMax))
  const starts = latest.slice(0, federationLimits.startsMax)
  const from = new Set(starts)
  const events = await walkBack(deps.rooms, info.room, {
    starts,
    limit: Math.min(limit, federationLimits.missingEventsMax) + starts.length,
    enters: (event) => from.has(event.eventId) || (!stop.has(event.eventId) && event.depth >= minDepth),
  })
  const missing = events.filter(({ eventId }) => !from.has(eventId)).reverse()
  const texts = await visiblePduTexts(deps.rooms, info, asking.origin, missing)
  return `{"events":[${texts.join(',')}]}`
}

/** The event nearest to a time that the server's users may see. Throws M_NOT_FOUND, M_FORBIDDEN. */
export async function serveEventAtTime(
  deps: ServeDeps,
  asking: Asking,
  question: { readonly roomId: RoomId; readonly ts: number; readonly direction: 'f' | 'b' },
): Promise<object> {
  const { rooms, access } = deps
  const info = await access.requireMember(asking.origin, question.roomId)
  const { ts, direction } = question
  const limit = federationLimits.timedAtOnce
  for (let skip = 0; skip < federationLimits.walkedMax; skip += limit) {
    const events = await rooms.listByTime(info.room, { ts, direction, skip, limit })
    const [visible] = await rooms.filterVisibleToServer(info.room, asking.origin, events)
    if (visible !== undefined) return { event_id: visible.eventId, origin_server_ts: visible.ts }
    if (events.length < limit) break
  }
  throw new MatrixError('M_NOT_FOUND', 'There is no event on that side of that time.')
}

/** An event with a place in the room's graph. */
async function requirePlaced({ rooms }: ServeDeps, info: KnownRoom, eventId: EventId): Promise<StoredEvent> {
  const stored = await rooms.findEvent(eventId)
  if (stored === undefined || stored.room !== info.room || stored.outcome >= 2) throw unknownEvent()
  return stored
}

async function idsOf({ rooms }: ServeDeps, events: readonly number[]): Promise<EventId[]> {
  const ids: EventId[] = []
  for (let from = 0; from < events.length; from += federationLimits.textsAtOnce) {
    const part = await rooms.listEvents(events.slice(from, from + federationLimits.textsAtOnce))
    for (const { eventId } of part) ids.push(eventId)
  }
  return ids
}

function transactionText({ clock }: ServeDeps, origin: ServerName, pdus: readonly string[]): string {
  return `{"origin":${JSON.stringify(origin)},"origin_server_ts":${clock.nowMs()},"pdus":[${pdus.join(',')}]}`
}

function unknownEvent(): MatrixError {
  return new MatrixError('M_NOT_FOUND', 'The event is not known in this room.')
}
