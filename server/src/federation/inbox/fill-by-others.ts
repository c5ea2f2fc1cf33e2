/**
 * A server may not have what its event follows, as one that joined while the others were apart: other servers of the
 * room are asked then. What none of them knows is dropped.
 */

import type { ServerName } from '@parallax/protocol'
import type { Arriving } from '../../rooms/index.ts'
import { NobodyAnswers } from './ask-servers.ts'
import { fillGap } from './fill-gap.ts'
import type { Gap } from './gap.ts'
import type { InboxDeps } from './inbox-deps.ts'
import { gapLimits } from './limits.ts'

/**
 * `taken`: the event is part of the room's graph now; `later`: a server that may know more cannot be asked at the
 * moment; `unknown`: who was asked does not know. `openGap`: a gap that asks this server first.
 */
export async function fillByOthers(
  deps: InboxDeps,
  openGap: (server: ServerName) => Gap,
  origin: ServerName,
  arriving: Arriving,
): Promise<'taken' | 'later' | 'unknown'> {
  const { remote, rooms, domains, clock } = deps
  const { room } = openGap(origin).room
  let asked = 0
  let isAnyAway = false
  for (const server of (await rooms.listJoinedServers(room)).keys()) {
    if (server === origin || domains.isLocal(server) || !remote.isAllowed(server)) continue
    if (asked === gapLimits.othersAskedMax) return 'unknown'
    if (remote.destinations.retryAtMs(server) > clock.nowMs()) {
      isAnyAway = true
      continue
    }
    try {
      if (await fillGap(deps, openGap(server), arriving)) return 'taken'
      asked++
    } catch (error) {
      if (!(error instanceof NobodyAnswers)) throw error
      isAnyAway = true
    }
  }
  return isAnyAway ? 'later' : 'unknown'
}
