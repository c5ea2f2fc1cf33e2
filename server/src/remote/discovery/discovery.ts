/** Finds where a server is, in the order of the specification: server-server-api#server-discovery. */

import { isServerName, type ServerName } from '@parallax/protocol'
import { type Clock, Lru } from '../../base/index.ts'
import type { OutgoingHttp } from '../http/outgoing-http.ts'
import { discoveryLimits as limits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import { orderSrv, type ResolveSrv } from './srv.ts'
import { defaultPort, findExplicitTarget, type Target } from './target.ts'
import { fetchWellKnown } from './well-known.ts'

export interface Discovery {
  /** The places to try, in order; at least one. RemoteError `bad-name` or `dns`. */
  find(server: ServerName): Promise<readonly Target[]>
  /** Forgets where the server was: it did not answer there. */
  forget(server: ServerName): void
}

export type DiscoveryDeps = {
  readonly http: OutgoingHttp
  readonly clock: Clock
  readonly resolveSrv: ResolveSrv
  /** Numbers from 0 up to 1. */
  readonly random: () => number
}

type Kept<T> = { readonly value: T; readonly untilMs: number }

export function createDiscovery(deps: DiscoveryDeps): Discovery {
  const { clock } = deps
  const delegations = createKept<ServerName | undefined>(clock, async (host) => {
    const { delegated, lifetimeMs } = await fetchWellKnown(deps.http, host, clock.nowMs())
    return { value: delegated, lifetimeMs }
  })
  const records = createKept<readonly Target[]>(clock, async (host) => ({
    value: await findBySrv(deps, host),
    lifetimeMs: limits.srvMs,
  }))
  return {
    async find(server) {
      if (!isServerName(server)) throw new RemoteError('bad-name', 'not a server name')
      // 1 and 2: an address, or a host with a port.
      const explicit = findExplicitTarget(server)
      if (explicit !== undefined) return [explicit]
      // 3: delegated by a document.
      const delegated = await delegations.find(server)
      if (delegated === undefined) return records.find(server)
      // 3.1 and 3.2: to an address, or a host with a port.
      const target = findExplicitTarget(delegated)
      return target === undefined ? records.find(delegated) : [target]
    },
    forget(server) {
      records.forget(server)
    },
  }
}

/** Steps 3.3 to 3.5 and 4 to 6: SRV records, the older ones, port 8448. */
async function findBySrv({ resolveSrv, random }: DiscoveryDeps, host: string): Promise<readonly Target[]> {
  for (const service of ['_matrix-fed._tcp', '_matrix._tcp']) {
    const found = await resolveSrv(`${service}.${host}`)
    if (found.length === 0) continue
    const usable = found.filter(({ name }) => name !== '' && name !== '.' && isServerName(name))
    if (usable.length === 0) throw new RemoteError('dns', `${host} says by SRV that it has no Matrix server`)
    const ordered = orderSrv(usable, random).slice(0, limits.targetsMax)
    return ordered.map(({ name, port }) => ({ host: name.replace(/\.$/, ''), port, hostHeader: host }))
  }
  return [{ host, port: defaultPort, hostHeader: host }]
}

/** Answers by name that are kept for a time; a name is asked for once at a time. */
function createKept<T>(clock: Clock, ask: (name: string) => Promise<{ value: T; lifetimeMs: number }>) {
  const kept = new Lru<string, Kept<T>>(limits.serversMax)
  const asking = new Map<string, Promise<T>>()
  const start = async (name: string): Promise<T> => {
    try {
      const { value, lifetimeMs } = await ask(name)
      kept.set(name, { value, untilMs: clock.nowMs() + lifetimeMs })
      return value
    } finally {
      asking.delete(name)
    }
  }
  return {
    find(name: string): Promise<T> {
      const known = kept.get(name)
      if (known !== undefined && known.untilMs > clock.nowMs()) return Promise.resolve(known.value)
      const under = asking.get(name) ?? start(name)
      asking.set(name, under)
      return under
    },
    forget(name: string): void {
      kept.delete(name)
    },
  }
}
