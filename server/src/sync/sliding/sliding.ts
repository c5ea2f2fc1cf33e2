/** Answers sliding sync: a second view of the streams of /sync, by lists of rooms. Spec: msc4186. */

import { createKeyedQueue, MatrixError } from '../../base/index.ts'
import type { JournalRecord } from '../../journal/index.ts'
import type { StoredEvent } from '../../rooms/index.ts'
import { inGroups, loadState } from '../answer.ts'
import { loadChanges, type RecentChanges } from '../changes.ts'
import type { Notifier } from '../notifier.ts'
import { createRenderer } from '../render.ts'
import type { KeyCountStream } from '../streams/key-counts.ts'
import type { SlidingSyncRequest, SyncCaller } from '../sync.ts'
import type { Transitions } from '../transitions.ts'
import type { Unread } from '../unread/unread.ts'
import type { SyncView } from '../view.ts'
import { createBumpStamps } from './bump-stamps.ts'
import { type Connection, parsePos, posOf, type RoomEntry, unknownPos } from './connection.ts'
import { createConnections } from './connections.ts'
import { everything, readExtensions } from './extensions.ts'
import { createDirectRooms, createRoomFacts, listWanted, type WantedRooms } from './list-rooms.ts'
import { createRoomOrder } from './room-order.ts'
import { type Dialect, isPlanEmpty, planRoom, type ResultDeps, resultText, type SlidingPlan } from './room-result.ts'
import { entryAfter, type SlidingVisit, visitRoom } from './room-visit.ts'
import { readSlidingRequest, type SlidingRequest } from './sliding-request.ts'

export type SlidingDeps = Omit<ResultDeps, 'bumps'> & {
  readonly recent: RecentChanges
  readonly notifier: Pick<Notifier, 'wait'>
  readonly keyCounts: KeyCountStream
  readonly transitions: Transitions
  readonly unread: Unread
}

export interface Sliding {
  /** See `Sync.nextSliding`. */
  next(caller: SyncCaller, request: SlidingSyncRequest, signal: AbortSignal): Promise<string>
  onRecords(records: readonly JournalRecord[]): void
}

type Parts = ReturnType<typeof createParts>

function createParts(deps: SlidingDeps) {
  return {
    ...deps,
    connections: createConnections(deps),
    turns: createKeyedQueue<number>(),
    order: createRoomOrder(deps),
    facts: createRoomFacts(deps),
    directs: createDirectRooms(deps),
    bumps: createBumpStamps(deps),
  }
}

export function createSliding(deps: SlidingDeps): Sliding {
  const parts = createParts(deps)
  return {
    async next(caller, { body, query, dialect }, signal) {
      const request = readSlidingRequest(body, query)
      const end = deps.presence.connect(caller.user, caller.deviceId ?? '', request.presence)
      try {
        return await next(parts, { caller, request, dialect, signal })
      } finally {
        end()
      }
    },
    onRecords(records) {
      parts.order.onRecords(records)
      for (const { entry } of records) {
        if (entry.kind === 'session-ended' && entry.locked !== true)
          parts.connections.endSession(entry.user, entry.device)
      }
    },
  }
}

type Asked = {
  readonly caller: SyncCaller
  readonly request: SlidingRequest
  readonly dialect: Dialect
  readonly signal: AbortSignal
}

async function next(parts: Parts, asked: Asked): Promise<string> {
  const { caller, request, signal } = asked
  const begun = parts.journal.committed()
  const pos = request.pos === undefined ? undefined : parsePos(request.pos)
  if (pos !== undefined && pos.position > parts.journal.committed()) throw unknownPos()
  const connection =
    pos === undefined
      ? parts.connections.open(caller, request.connection)
      : await parts.connections.find(caller, pos.connection, pos.state)
  const turn: Turn = {
    ...asked,
    connection,
    since: pos?.position,
    known: pos?.extensions ?? 0,
    number: ++connection.requests,
  }
  const endMs = parts.clock.nowMs() + (pos === undefined ? 0 : request.timeoutMs)
  let isOver = false
  for (;;) {
    const upto = parts.journal.committed()
    const mayWait = !isOver && endMs > parts.clock.nowMs()
    const reply = await parts.turns.run(connection.id, () => answer(parts, turn, mayWait))
    if (reply !== undefined) return reply
    if (parts.journal.committed() > upto) continue
    const { user, deviceId } = caller
    const waitMs = Math.max(0, endMs - parts.clock.nowMs())
    const wait = { user, deviceId, waitMs, begun, wantsPresence: false, signal }
    const { reason } = await parts.notifier.wait(wait)
    if (signal.aborted) throw overtaken()
    isOver = reason === 'timeout'
  }
}

/** Nobody reads it: a client that asks again has given up the request before. */
function overtaken(): MatrixError {
  return new MatrixError('M_UNKNOWN', 'Another request of this connection came meanwhile.')
}

type Turn = Asked & {
  readonly connection: Connection
  readonly since: number | undefined
  readonly known: number
  /** Of the requests of this connection. */
  readonly number: number
}

/** Undefined: there is nothing to tell, and the client can wait for it. */
async function answer(parts: Parts, turn: Turn, mayWait: boolean): Promise<string | undefined> {
  const { connection, request, dialect } = turn
  // The client has asked again meanwhile: it takes no notice of this reply, and the connection must not move by it.
  if (connection.requests !== turn.number) throw overtaken()
  const view = await lookAround(parts, turn)
  const wanted = await listWanted(parts, view, connection, request)
  const { told, silent } = await planRooms(parts, view, turn, wanted)
  const newRooms = new Set(told.filter(({ visit }) => visit.isNew).map(({ visit }) => visit.info.room))
  const place = { connection, wanted, asked: request.extensions, known: turn.known, newRooms }
  const extensions = await readExtensions(parts, view, place)
  if (mayWait && told.length === 0 && extensions.isEmpty) return undefined
  const rooms = await renderRooms(parts, view, told, dialect)
  const changed = new Map<number, RoomEntry>()
  for (const { visit, timeline } of [...told, ...silent]) {
    changed.set(visit.info.room, entryAfter(visit, view, timeline.isLimited))
  }
  if (connection.requests !== turn.number) throw overtaken()
  parts.connections.commit(connection, changed)
  connection.window = new Set(wanted.rooms.keys())
  const { upto: position } = view
  const pos = posOf({ position, connection: connection.id, state: connection.current, extensions: extensions.bits })
  const lists = [...wanted.counts].map(([name, count]) => `${JSON.stringify(name)}:{"count":${count}}`)
  const members = [
    `"pos":"${pos}"`,
    ...(request.transaction === undefined ? [] : [`"txn_id":${JSON.stringify(request.transaction)}`]),
    `"lists":{${lists.join(',')}}`,
    `"rooms":{${rooms.join(',')}}`,
    `"extensions":${extensions.text}`,
  ]
  return `{${members.join(',')}}`
}

async function lookAround(parts: Parts, { caller, since, connection }: Turn): Promise<SyncView> {
  const upto = parts.journal.committed()
  const memberships = await parts.rooms.listMemberships(caller.user)
  const viewer = { user: caller.user, deviceId: caller.deviceId, memberships }
  const changes =
    since === undefined
      ? undefined
      : (parts.recent.since(since, viewer) ?? (await loadChanges(parts, viewer, since, upto)))
  return {
    caller,
    since,
    upto,
    toDeviceSince: 0,
    presenceSince: 0,
    // The number names what members the connection was sent.
    filter: { ...everything, id: -connection.id },
    isFullState: false,
    stateAfter: undefined,
    memberships,
    changes,
    ignored: await parts.users.listIgnored(caller.user),
    inviteRules: await parts.users.findInviteRules(caller.user),
    nowMs: parts.clock.nowMs(),
  }
}

/** `silent`: nothing to tell, but to be remembered: the rules for the room are others now. */
async function planRooms(parts: Parts, view: SyncView, { connection, dialect }: Turn, wanted: WantedRooms) {
  const directs = await parts.directs.find(view)
  const visits: SlidingVisit[] = []
  for (const room of wanted.rooms.values()) {
    const visit = await visitRoom(parts, view, { connection, directs }, room)
    if (visit !== undefined) visits.push(visit)
  }
  const plans = await inGroups(visits, (visit) => planRoom(parts, view, visit, dialect))
  const told = plans.filter((plan) => !isPlanEmpty(plan))
  const silent = plans.filter((plan) => isPlanEmpty(plan))
  return { told, silent }
}

async function renderRooms(
  parts: Parts,
  view: SyncView,
  plans: readonly SlidingPlan[],
  dialect: Dialect,
): Promise<string[]> {
  if (plans.length === 0) return []
  const state = await loadState(parts, plans)
  const shown = plans.flatMap((plan) => plan.timeline.events)
  const renderer = await createRenderer(parts, view, shown)
  return plans.map((plan) => {
    const events: StoredEvent[] = plan.state.flatMap((number) => state.get(number) ?? [])
    return `${JSON.stringify(plan.visit.info.roomId)}:${resultText(view, plan, renderer, events, dialect)}`
  })
}
