/** The address of the client behind a request. */

import type { IncomingMessage } from 'node:http'

/** The peer's address, or what a trusted proxy says: the last address of X-Forwarded-For that is no trusted proxy. */
export function addressOf(request: IncomingMessage, trustedProxies: ReadonlySet<string>): string {
  const peer = plain(request.socket.remoteAddress ?? '')
  if (!trustedProxies.has(peer)) return peer
  const forwarded = request.headers['x-forwarded-for']
  if (typeof forwarded !== 'string') return peer
  const hops = forwarded.split(',').map((hop) => plain(hop.trim()))
  return hops.findLast((hop) => hop !== '' && !trustedProxies.has(hop)) ?? peer
}

/** IPv4 addresses of a dual-stack socket without their prefix. */
function plain(address: string): string {
  return address.startsWith('::ffff:') ? address.slice(7) : address
}
