/** Where a server is to be connected to. */

import { isIP } from 'node:net'
import { type ServerName, splitServerName } from '@parallax/protocol'

export type Target = {
  /** Host to connect to; an IPv6 address stands in brackets. */
  readonly host: string
  readonly port: number
  /** Value of the `Host` header; its host is the name in the TLS certificate. */
  readonly hostHeader: string
}

/** The port of servers that name none. */
export const defaultPort = 8448

/** True for an IPv4 address, or an IPv6 address in brackets. */
export function isIpLiteral(host: string): boolean {
  return host.startsWith('[') || isIP(host) === 4
}

/** The place that the name itself tells: an address, or a host with a port; undefined: it must be looked for. */
export function findExplicitTarget(name: ServerName): Target | undefined {
  const { host, port } = splitServerName(name)
  if (port === undefined && !isIpLiteral(host)) return undefined
  return { host, port: port ?? defaultPort, hostHeader: name }
}
