/**
 * The `.well-known` document by which a domain delegates to another server. Spec: server-server-api#server-discovery.
 */

import { isServerName, ProtocolError, parseStrictJsonObject, type ServerName } from '@parallax/protocol'
import type { OutgoingHttp, OutgoingReply } from '../http/outgoing-http.ts'
import { discoveryLimits as limits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'

/** Whom the domain names, or that it names nobody; and for how long that holds. */
export type WellKnown = { readonly delegated: ServerName | undefined; readonly lifetimeMs: number }

/** Asks a host for its document; never rejects for what the other side does. */
export async function fetchWellKnown(http: OutgoingHttp, host: string, nowMs: number): Promise<WellKnown> {
  try {
    const reply = await http.request({
      url: `https://${host}/.well-known/matrix/server`,
      method: 'GET',
      headers: { accept: 'application/json' },
      timeoutMs: limits.wellKnownTimeoutMs,
      bodyBytesMax: limits.wellKnownBytesMax,
      redirectsMax: limits.wellKnownRedirectsMax,
      isTlsRequired: true,
    })
    const delegated = reply.status === 200 ? readDelegation(reply.body) : undefined
    if (delegated === undefined) return { delegated, lifetimeMs: limits.wellKnownAbsentMs }
    return { delegated, lifetimeMs: lifetimeOf(reply, nowMs) }
  } catch (error) {
    if (!(error instanceof RemoteError) || error.kind === 'closed') throw error
    return { delegated: undefined, lifetimeMs: limits.wellKnownFailedMs }
  }
}

function readDelegation(body: Uint8Array): ServerName | undefined {
  try {
    const name = parseStrictJsonObject(body)['m.server']
    return typeof name === 'string' && isServerName(name) ? name : undefined
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

/** How long the reply may be kept, by `Cache-Control` or else `Expires`, within our bounds. */
function lifetimeOf({ headers }: OutgoingReply, nowMs: number): number {
  const control = String(headers['cache-control'] ?? '').toLowerCase()
  const seconds = /(?:^|[\s,])max-age\s*=\s*"?(\d+)/.exec(control)?.[1]
  const expiresMs = Date.parse(String(headers.expires ?? ''))
  const saidMs = /(?:^|[\s,])no-(?:store|cache)/.test(control)
    ? 0
    : seconds !== undefined
      ? Number(seconds) * 1000
      : Number.isNaN(expiresMs)
        ? limits.wellKnownDefaultMs
        : expiresMs - nowMs
  return Math.min(Math.max(saidMs, limits.wellKnownMinMs), limits.wellKnownMaxMs)
}
