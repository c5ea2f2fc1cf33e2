/** Builds what talks to other servers. */

import { randomInt } from 'node:crypto'
import { compileServerAcl, type ServerName } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Domains } from '../config/index.ts'
import type { Store } from '../store/index.ts'
import { createCalls, type RemoteCalls } from './calls/calls.ts'
import { createDestinations, type Destinations } from './destinations/destinations.ts'
import { createDiscovery } from './discovery/discovery.ts'
import { createSrvResolver, type ResolveSrv } from './discovery/srv.ts'
import type { OutgoingHttp } from './http/outgoing-http.ts'
import { createKeyRing, type KeyRing } from './keys/key-ring.ts'
import { createNotary, type Notary } from './keys/notary.ts'
import { createSignedRequests } from './signed/signed-request.ts'
import { createTransport } from './signed/transport.ts'

export type RemoteDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly domains: Domains
  readonly outgoing: OutgoingHttp
  readonly config: {
    readonly enabled: boolean
    /** Patterns of servers; empty: all. */
    readonly allow: readonly string[]
    readonly deny: readonly string[]
    readonly notaries: readonly string[]
  }
  /** By default the name servers of the system. */
  readonly resolveSrv?: ResolveSrv
}

export interface Remote {
  readonly isEnabled: boolean
  /** True if the config lets this server be talked to, in both directions. */
  isAllowed(server: ServerName): boolean
  readonly calls: RemoteCalls
  readonly keyRing: KeyRing
  readonly notary: Notary
  readonly destinations: Destinations
}

/** Loads which servers did not answer lately. */
export async function createRemote(deps: RemoteDeps): Promise<Remote> {
  const { config, clock, domains, outgoing: http } = deps
  const random = () => randomInt(2 ** 47) / 2 ** 47
  const list = compileServerAcl({
    allow: config.allow.length === 0 ? ['*'] : [...config.allow],
    deny: [...config.deny],
  })
  const isAllowed = (server: ServerName) => config.enabled && list.allows(server)
  const destinations = await createDestinations({ ...deps, random })
  const discovery = createDiscovery({ http, clock, random, resolveSrv: deps.resolveSrv ?? createSrvResolver() })
  const transport = createTransport({ http, discovery, destinations, clock, isAllowed })
  const notaries = config.notaries as readonly ServerName[]
  const keyRing = createKeyRing({ ...deps, transport, notaries })
  return {
    isEnabled: config.enabled,
    isAllowed,
    calls: createCalls(createSignedRequests(transport, domains.findSigner)),
    keyRing,
    notary: createNotary({ keyRing, domains, clock }),
    destinations,
  }
}
