/** Connections kept open, one small pool for each origin and TLS name; loaded when the first request is made. */

import type { LookupFunction } from 'node:net'
import { isIP } from 'node:net'
import { getCACertificates } from 'node:tls'
import type { Dispatcher } from 'undici'
import type { IsAddressAllowed } from '../address/address-rules.ts'
import { remoteLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'

/** Where requests to an origin go. */
export type OpenOrigin = (origin: string) => Dispatcher

export type ConnectionRules = {
  readonly isAllowed: IsAddressAllowed
  readonly lookup: LookupFunction
  /** Certificates in PEM to be trusted beside the usual ones. */
  readonly authorities: readonly string[]
  /** By default sockets to the origin. */
  readonly openOrigin?: OpenOrigin | undefined
}

export interface Connections {
  /** Sends one request; the answer's body must be read or destroyed. */
  send(url: URL, options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>): Promise<Dispatcher.ResponseData>
  close(): Promise<void>
}

/** The connections of this process. */
export async function openConnections(rules: ConnectionRules): Promise<Connections> {
  const { buildConnector, Pool } = await import('undici')
  const connector = buildConnector({
    lookup: rules.lookup,
    timeout: remoteLimits.connectMs,
    allowH2: false,
    // NOTE: a resumed TLS session is not compared with the name again, so none is resumed.
    maxCachedSessions: 0,
    ...(rules.authorities.length > 0 && { ca: [...getCACertificates(), ...rules.authorities] }),
  })
  const connect: typeof connector = (options, callback) => {
    const host = options.hostname.replace(/^\[|\]$/g, '')
    if (isIP(host) === 0 || rules.isAllowed(host)) return connector(options, callback)
    callback(new RemoteError('blocked-address', `${host} is an address that is not allowed`), null)
  }
  const pools = new Map<string, Dispatcher>()
  const openPool: OpenOrigin = (origin) =>
    new Pool(origin, {
      connect,
      connections: remoteLimits.requestsPerOriginMax,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: remoteLimits.idleConnectionMs,
      keepAliveMaxTimeout: remoteLimits.idleConnectionMs,
      headersTimeout: 0,
      bodyTimeout: 0,
      maxHeaderSize: remoteLimits.headerBytesMax,
    })
  const { openOrigin: open = openPool } = rules
  return {
    send(url, options) {
      const headers = options.headers as Record<string, string>
      const key = `${url.origin} ${headers.host ?? ''}`
      const pool = pools.get(key) ?? open(url.origin)
      pools.delete(key)
      pools.set(key, pool)
      if (pools.size > remoteLimits.originsMax) closeOldest(pools)
      return pool.request({ ...options, path: url.pathname + url.search })
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

/** Closes the pool that was used longest ago; what it has under way ends first. */
function closeOldest(pools: Map<string, Dispatcher>): void {
  for (const [key, pool] of pools) {
    pools.delete(key)
    void pool.close()
    return
  }
}
