/** Which servers are told of what happens in a room: those in it that are not shut out and that we talk to. */

import type { ServerAcl, ServerName } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import type { Access } from '../access.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { outboxLimits } from './limits.ts'

export interface Audience {
  /** None of ours among them; empty: nobody elsewhere is in the room. */
  listServers(room: number): Promise<readonly ServerName[]>
  /** Those that are shut out too. */
  listAllServers(room: number): Promise<readonly ServerName[]>
  /** True if the server may be told of the room. */
  isAllowed(server: ServerName, room: number): Promise<boolean>
  /** Servers with users in a room of the user; none of ours. */
  listSharing(user: number, exceptRoom?: number): Promise<Set<ServerName>>
}

type Known = {
  readonly joined: ReadonlyMap<ServerName, number>
  readonly list: ServerAcl | undefined
  readonly servers: readonly ServerName[]
}

export function createAudience(deps: FederationDeps, access: Access): Audience {
  const { rooms, domains, remote } = deps
  const kept = new Lru<number, Known>(outboxLimits.roomsMax)
  const isElsewhere = (server: ServerName) => !domains.isLocal(server) && remote.isAllowed(server)

  async function listServers(room: number): Promise<readonly ServerName[]> {
    const joined = await rooms.listJoinedServers(room)
    if (joined.size === 0 || (joined.size === 1 && domains.isLocal(joined.keys().next().value!))) return []
    const list = await access.findList(room)
    const known = kept.get(room)
    if (known !== undefined && known.joined === joined && known.list === list) return known.servers
    const servers = [...joined.keys()].filter((server) => isElsewhere(server) && (list?.allows(server) ?? true))
    kept.set(room, { joined, list, servers })
    return servers
  }

  return {
    listServers,
    listAllServers: async (room) => [...(await rooms.listJoinedServers(room)).keys()].filter(isElsewhere),
    isAllowed: async (server, room) => isElsewhere(server) && (await access.isAllowed(server, room)),
    async listSharing(user, exceptRoom) {
      const servers = new Set<ServerName>()
      for (const { room, membership } of (await rooms.listMemberships(user)).values()) {
        if (membership !== 'join' || room === exceptRoom) continue
        for (const server of (await rooms.listJoinedServers(room)).keys()) if (isElsewhere(server)) servers.add(server)
      }
      return servers
    },
  }
}
