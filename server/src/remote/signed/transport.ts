/** One request to another server, wherever it is: its places are tried in order, and whether it answered is noted. */

import type { ServerName } from '@parallax/protocol'
import type { Clock } from '../../base/index.ts'
import type { Destinations } from '../destinations/destinations.ts'
import type { Discovery } from '../discovery/discovery.ts'
import type { Target } from '../discovery/target.ts'
import type { OutgoingHttp, OutgoingReply, OutgoingRequest } from '../http/outgoing-http.ts'
import { RemoteError } from '../remote-error.ts'

export type ServerRequest = Pick<
  OutgoingRequest,
  'method' | 'headers' | 'body' | 'timeoutMs' | 'bodyBytesMax' | 'signal' | 'openSink'
> & {
  /** From `/_matrix` on, with query. */
  readonly path: string
  /** True: also asked while it is left alone after a failure, because somebody waits for just this. */
  readonly isUrgent?: boolean
}

export interface Transport {
  /** Whatever the server answered, errors included; RemoteError if it did not answer or is not asked. */
  send(server: ServerName, request: ServerRequest): Promise<OutgoingReply>
  isAllowed(server: ServerName): boolean
}

export type TransportDeps = {
  readonly http: OutgoingHttp
  readonly discovery: Discovery
  readonly destinations: Destinations
  readonly clock: Clock
  readonly isAllowed: (server: ServerName) => boolean
}

/** Failures after which another place of the server may still answer. */
const triedOn: ReadonlySet<string> = new Set(['blocked-address', 'dns', 'connect', 'tls'])
/** Failures that say nothing about the server. */
const notItsFault: ReadonlySet<string> = new Set(['closed', 'denied', 'bad-name', 'backing-off', 'too-large'])
/** Statuses of a proxy whose server is away, or of a server that has too much to do. */
const awayStatuses: ReadonlySet<number> = new Set([429, 502, 503, 504])

export function createTransport(deps: TransportDeps): Transport {
  const { destinations, discovery, isAllowed } = deps
  return {
    isAllowed,
    async send(server, request) {
      if (!isAllowed(server)) throw new RemoteError('denied', `${server} is not to be talked to`)
      const retryMs = destinations.retryAtMs(server)
      if (request.isUrgent !== true && retryMs > deps.clock.nowMs()) {
        throw new RemoteError('backing-off', `${server} did not answer lately and is left alone until ${retryMs}`)
      }
      try {
        const reply = await sendToAny(deps.http, await discovery.find(server), request)
        if (awayStatuses.has(reply.status)) destinations.noteFailure(server, retryAfterMs(reply))
        else destinations.noteAlive(server)
        return reply
      } catch (error) {
        if (error instanceof RemoteError && !notItsFault.has(error.kind)) {
          destinations.noteFailure(server)
          discovery.forget(server)
        }
        throw error
      }
    },
  }
}

async function sendToAny(http: OutgoingHttp, targets: readonly Target[], request: ServerRequest) {
  const { path, isUrgent: _, ...rest } = request
  let failure: unknown
  for (const { host, port, hostHeader } of targets) {
    const url = `https://${host}:${port}${path}`
    try {
      return await http.request({ ...rest, url, headers: { ...rest.headers, host: hostHeader }, isTlsRequired: true })
    } catch (error) {
      if (!(error instanceof RemoteError) || !triedOn.has(error.kind)) throw error
      failure = error
    }
  }
  throw failure
}

/** Seconds in the header; dates are left to our own back-off. */
function retryAfterMs({ headers }: OutgoingReply): number {
  const seconds = Number(headers['retry-after'] ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0
}
