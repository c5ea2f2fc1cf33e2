/** Servers of a room that may be asked for its history. */

import { type ServerName, serverNameOf } from '@parallax/protocol'
import type { FederationDeps } from '../federation-deps.ts'
import { historyLimits } from '../inbox/limits.ts'

/**
 * Those with the most users in the room first, without those that did not answer lately. The server that made the room
 * is always among them: the others may all have joined after what is missing.
 */
export async function listAskable(
  { rooms, remote, domains, clock }: FederationDeps,
  room: number,
): Promise<ServerName[]> {
  const nowMs = clock.nowMs()
  const isAskable = (server: ServerName) =>
    !domains.isLocal(server) && remote.isAllowed(server) && remote.destinations.retryAtMs(server) <= nowMs
  const counted = [...(await rooms.listJoinedServers(room))].filter(([server]) => isAskable(server))
  counted.sort(([, a], [, b]) => b - a)
  const servers = counted.map(([server]) => server)
  const create = await rooms.findStateEvent(room, 'm.room.create', '')
  const maker = create && serverNameOf(create.sender)
  if (maker === undefined || servers.indexOf(maker) < historyLimits.serversMax) {
    return servers.slice(0, historyLimits.serversMax)
  }
  return [...servers.slice(0, historyLimits.serversMax - 1), maker]
}
