/** Builds the sync component. */

import { MatrixError } from '../base/index.ts'
import { parseSyncToken, parseToken } from '../rooms/index.ts'
import { type AnswerDeps, answer, emptyAnswer } from './answer.ts'
import { createRecentChanges, isQuiet, loadChanges, type RecentChanges } from './changes.ts'
import { createSyncFilters, type SyncFilters } from './filter.ts'
import { syncLimits } from './limits.ts'
import { sendReceipt, setReadMarkers, setTyping } from './markers.ts'
import { createNotifier, type Notifier } from './notifier.ts'
import { createSentMembers } from './sent-members.ts'
import { createSliding } from './sliding/sliding.ts'
import { readDeviceLists } from './streams/device-lists.ts'
import { createStrippedStates } from './streams/invites.ts'
import { createKeyCountStream } from './streams/key-counts.ts'
import { isPresenceWanted, mayHavePresence } from './streams/presence.ts'
import { createSortedStates } from './streams/state.ts'
import { createRoomSummaries } from './streams/summary.ts'
import { pageThreads } from './streams/threads.ts'
import { createToDeviceStream } from './streams/to-device.ts'
import type { DeviceListChanges, Sync, SyncCaller, SyncQuery, UnreadCounts } from './sync.ts'
import type { SyncDeps } from './sync-deps.ts'
import { createTransitions } from './transitions.ts'
import { createUnread } from './unread/unread.ts'
import type { SyncView } from './view.ts'
import { createVisibleEvents } from './visible.ts'

type Parts = AnswerDeps & {
  readonly filters: SyncFilters
  readonly recent: RecentChanges
  readonly notifier: Notifier
}

/** Follows the journal from now on; everything else is read when it is asked for. */
export function createSync(deps: SyncDeps): Sync {
  const recent = createRecentChanges(deps.journal.committed())
  const keyCounts = createKeyCountStream(deps)
  const notifier = createNotifier({
    ...deps,
    onRecords(records) {
      recent.add(records)
      keyCounts.onRecords(records)
      sliding.onRecords(records)
    },
    onFailed: (error) => deps.logger.error({ error }, 'polls could not be woken'),
  })
  const parts: Parts = {
    ...deps,
    filters: createSyncFilters(deps.users),
    recent,
    notifier,
    keyCounts,
    visible: createVisibleEvents(deps),
    sorted: createSortedStates(deps),
    sentMembers: createSentMembers(),
    summaries: createRoomSummaries(deps),
    unread: createUnread(deps),
    stripped: createStrippedStates(deps),
    toDevice: createToDeviceStream(deps),
    transitions: createTransitions(deps),
  }
  const sliding = createSliding(parts)
  return {
    nextSliding: (caller, request, signal) => sliding.next(caller, request, signal),
    async next(caller, query, signal) {
      const end = deps.presence.connect(caller.user, caller.deviceId ?? '', query.set_presence ?? 'online')
      try {
        return await next(parts, caller, query, signal)
      } finally {
        end()
      }
    },
    listDeviceListChanges: (caller, from, to) => listDeviceListChanges(parts, caller, from, to),
    listThreads: (caller, query) => pageThreads(deps, caller.user, query),
    sendReceipt: (caller, request) => sendReceipt(deps, caller, request),
    setReadMarkers: (caller, roomId, markers) => setReadMarkers(deps, caller, roomId, markers),
    setTyping: (caller, roomId, timeoutMs) => setTyping(deps, caller, roomId, timeoutMs),
    countUnread: (caller, room, upto) => countUnread(parts, caller, room, upto),
    close() {
      parts.unread.close()
      notifier.close()
    },
  }
}

/** A request once its parameters are read. */
type SyncRequest = Pick<
  SyncView,
  'caller' | 'filter' | 'isFullState' | 'stateAfter' | 'since' | 'toDeviceSince' | 'presenceSince'
>

async function next(parts: Parts, caller: SyncCaller, query: SyncQuery, signal: AbortSignal): Promise<string> {
  const begun = parts.journal.committed()
  const request = await readRequest(parts, caller, query)
  const isWaiting = request.since !== undefined && !request.isFullState
  const waitMs = isWaiting ? Math.min(query.timeout ?? 0, syncLimits.timeoutMaxMs) : 0
  const endMs = parts.clock.nowMs() + waitMs
  const wantsPresence = isPresenceWanted(parts, request)
  let isOver = false
  for (;;) {
    const view = await lookAround(parts, request)
    const reply = isSilent(parts, view) ? undefined : await answer(parts, view)
    const leftMs = endMs - parts.clock.nowMs()
    const mayWait = isWaiting && !isOver && leftMs > 0 && (reply?.isEmpty ?? true)
    if (!mayWait) return reply?.text ?? emptyAnswer(parts, view, { toDevice: view.upto, presence: view.upto })
    if (parts.journal.committed() > view.upto) continue
    const { user, deviceId } = caller
    const ended = await parts.notifier.wait({ user, deviceId, waitMs: leftMs, begun, wantsPresence, signal })
    if (ended.reason !== 'timeout') continue
    // Not all presence wakes: what there is of it goes with this reply.
    isOver = mayHavePresence(parts, request)
    if (isOver) continue
    // Nobody woke this poll: up to where the notifier came there was nothing for it.
    const upto = Math.max(view.upto, ended.settled)
    return emptyAnswer(parts, { caller, upto }, { toDevice: upto, presence: upto })
  }
}

async function readRequest(parts: Parts, caller: SyncCaller, query: SyncQuery): Promise<SyncRequest> {
  const token = query.since === undefined || query.since === '' ? undefined : parseSyncToken(query.since)
  if (token !== undefined && token.position > parts.journal.committed()) {
    throw new MatrixError('M_INVALID_PARAM', 'This token is not one that this server gave out.')
  }
  const isUnstable = query['org.matrix.msc4222.use_state_after'] === true
  return {
    caller,
    filter: await parts.filters.find(caller.user, query.filter),
    isFullState: query.full_state === true && token !== undefined,
    stateAfter: query.use_state_after ? 'state_after' : isUnstable ? 'org.matrix.msc4222.state_after' : undefined,
    since: token?.position,
    toDeviceSince: token?.toDevice ?? 0,
    presenceSince: token?.presence ?? 0,
  }
}

/** Fixes the span of positions that the reply tells of, and what changed in it. */
async function lookAround(parts: Parts, request: SyncRequest): Promise<SyncView> {
  const { caller, since } = request
  const upto = parts.journal.committed()
  const memberships = await parts.rooms.listMemberships(caller.user)
  const viewer = { user: caller.user, deviceId: caller.deviceId, memberships }
  const changes =
    since === undefined
      ? undefined
      : (parts.recent.since(since, viewer) ?? (await loadChanges(parts, viewer, since, upto)))
  const ignored = await parts.users.listIgnored(caller.user)
  const inviteRules = await parts.users.findInviteRules(caller.user)
  return { ...request, upto, memberships, changes, ignored, inviteRules, nowMs: parts.clock.nowMs() }
}

function isSilent(parts: Parts, view: SyncView): boolean {
  return (
    view.changes !== undefined &&
    !view.isFullState &&
    isQuiet(view.changes) &&
    !parts.toDevice.mayWait(view) &&
    !mayHavePresence(parts, view)
  )
}

async function listDeviceListChanges(
  parts: Parts,
  { user }: SyncCaller,
  from: string,
  to: string,
): Promise<DeviceListChanges> {
  const memberships = await parts.rooms.listMemberships(user)
  const viewer = { user, deviceId: undefined, memberships }
  const changes = await loadChanges(parts, viewer, parseToken(from), parseToken(to))
  return readDeviceLists(parts, { user, memberships }, changes)
}

async function countUnread(parts: Parts, caller: SyncCaller, room: number, upto: number): Promise<UnreadCounts> {
  const info = await parts.rooms.findRoomByNumber(room)
  const member = (await parts.rooms.listMemberships(caller.user)).get(room)
  if (info === undefined || member?.membership !== 'join')
    return { main: { notify: 0, highlight: 0 }, threads: new Map() }
  return parts.unread.count(caller, info, member, upto)
}
