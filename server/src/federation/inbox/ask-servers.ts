/** Asking other servers of a room for what an event rests on: first the one that sent it, then a few others. */

import type { ServerName } from '@parallax/protocol'
import { type Parties, RemoteError } from '../../remote/index.ts'
import type { OurRoom } from './find-our-room.ts'
import type { InboxDeps } from './inbox-deps.ts'
import { gapLimits } from './limits.ts'

/** Nobody could be asked, or not all that there was to ask: later somebody may. */
export class NobodyAnswers extends Error {
  constructor(options?: ErrorOptions) {
    super('no server of the room could be asked', options)
    this.name = 'NobodyAnswers'
  }
}

/** Makes one call to a server of the room. */
export type AskRoom = <T>(call: (parties: Parties) => Promise<T>) => Promise<T | undefined>

/**
 * A function that answers what the first server answers that can be reached; undefined if it refuses. Throws
 * NobodyAnswers, and RemoteError `closed` while this server stops. `onAway`: called if the sender cannot be reached.
 */
export function createAskRoom(
  deps: InboxDeps,
  { room, ours }: OurRoom,
  sender: ServerName,
  onAway: () => void,
): AskRoom {
  let others: readonly ServerName[] | undefined
  return async (call) => {
    let failure: unknown
    for (let nth = 0; nth <= gapLimits.othersAskedMax; nth++) {
      if (nth > 0) others ??= await listOthers(deps, room, sender)
      const server = nth === 0 ? sender : others?.[nth - 1]
      if (server === undefined) break
      try {
        return await call({ origin: ours, destination: server })
      } catch (error) {
        if (!(error instanceof RemoteError) || error.kind === 'closed') throw error
        if (!isPassing(error)) return undefined
        failure = error
        if (nth === 0) onAway()
      }
    }
    throw new NobodyAnswers({ cause: failure })
  }
}

async function listOthers(
  { rooms, domains, remote, clock }: InboxDeps,
  room: number,
  sender: ServerName,
): Promise<ServerName[]> {
  const nowMs = clock.nowMs()
  const others: ServerName[] = []
  for (const server of (await rooms.listJoinedServers(room)).keys()) {
    if (server === sender || domains.isLocal(server) || !remote.isAllowed(server)) continue
    if (remote.destinations.retryAtMs(server) > nowMs) continue
    others.push(server)
    if (others.length === gapLimits.othersAskedMax) break
  }
  return others
}

/** True if the server may well answer another time: what cannot be read may have been cut off, or be a proxy's. */
function isPassing({ kind, answer }: RemoteError): boolean {
  if (kind === 'refused') return answer !== undefined && (answer.status >= 500 || answer.status === 429)
  return ['dns', 'connect', 'tls', 'timeout', 'backing-off', 'bad-reply'].includes(kind)
}
