/** Servers of a room that may be asked for its history. */

import type { ServerName } from '@parallax/protocol'
import type { FederationDeps } from '../federation-deps.ts'
import { historyLimits } from '../inbox/limits.ts'

/** Those with the most users in the room first, without those that did not answer lately. */
export async function listAskable(
  { rooms, remote, domains, clock }: FederationDeps,
  room: number,
): Promise<ServerName[]> {
  const nowMs = clock.nowMs()
  const isAskable = (server: ServerName) =>
    !domains.isLocal(server) && remote.isAllowed(server) && remote.destinations.retryAtMs(server) <= nowMs
  const counted = [...(await rooms.listJoinedServers(room))].filter(([server]) => isAskable(server))
  counted.sort(([, a], [, b]) => b - a)
  return counted.slice(0, historyLimits.serversMax).map(([server]) => server)
}
