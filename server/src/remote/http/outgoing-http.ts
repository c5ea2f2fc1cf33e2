/** Requests to other machines: addresses checked, redirects, size and time bounded. Nothing else opens sockets. */

import type { Clock } from '../../base/index.ts'
import { type AddressConfig, createAddressRules } from '../address/address-rules.ts'
import { createFilteredLookup, type ResolveAddresses, resolveAddresses } from '../address/filtered-lookup.ts'
import { remoteLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import { type Connections, type OpenOrigin, openConnections } from './connections.ts'
import { isBroken, toRemoteError } from './error-kind.ts'
import { createPlaces } from './places.ts'
import { discard, type ReplySink, readReply } from './read-reply.ts'

export type OutgoingRequest = {
  /** `https:` or `http:`. */
  readonly url: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD'
  /** Names in lower case. `host` also decides the name that the TLS certificate must have. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** For all of it: waiting for a place, redirects, and reading the reply to its end. */
  readonly timeoutMs: number
  /** Of the reply's body. */
  readonly bodyBytesMax: number
  /** How many redirects are followed (GET and HEAD only); 0: a redirect is an answer like others. */
  readonly redirectsMax?: number
  /** Only `https:` may be used, redirects included. */
  readonly isTlsRequired?: boolean
  /** Ends it early. */
  readonly signal?: AbortSignal
  /**
   * Takes the body of an answer of status 200 as it comes, in place of a buffer; `body` is then empty. Called anew if
   * the request is sent again.
   */
  readonly openSink?: (reply: Pick<OutgoingReply, 'headers'>) => Promise<ReplySink>
}

export type OutgoingReply = {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  /** Where it came from, after redirects. */
  readonly url: string
}

export interface OutgoingHttp {
  /** Answers whatever the other side answered, errors included; a RemoteError if it did not answer. */
  request(request: OutgoingRequest): Promise<OutgoingReply>
  /** Requests that have a place, and those that wait for one. */
  counts(): { readonly running: number; readonly waiting: number }
  close(): Promise<void>
}

export type OutgoingHttpDeps = {
  readonly clock: Clock
  readonly config: AddressConfig & {
    /** Certificates in PEM to be trusted beside the usual ones. */
    readonly authorities: readonly string[]
  }
  /** How names are resolved; by default as the operating system does. */
  readonly resolve?: ResolveAddresses
  /** Another network than the machine's, for tests. */
  readonly openOrigin?: OpenOrigin | undefined
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

type SendOptions = Parameters<Connections['send']>[1] & { readonly signal: AbortSignal }

/** Headers that are not for another origin. */
const privateHeaders: ReadonlySet<string> = new Set(['authorization', 'cookie', 'host'])

/** The one way out of this process. */
export function createOutgoingHttp(deps: OutgoingHttpDeps): OutgoingHttp {
  const { clock, config, resolve = resolveAddresses, openOrigin } = deps
  const isAllowed = createAddressRules(config)
  const lookup = createFilteredLookup(isAllowed, resolve)
  const places = createPlaces(remoteLimits.requestsMax, remoteLimits.requestsPerOriginMax)
  const stop = new AbortController()
  let opening: Promise<Connections> | undefined
  return {
    async request(request) {
      if (stop.signal.aborted) throw stop.signal.reason
      opening ??= openConnections({ isAllowed, lookup, authorities: config.authorities, openOrigin })
      const connections = await opening
      const late = new AbortController()
      const cancel = clock.schedule(request.timeoutMs, () => {
        late.abort(new RemoteError('timeout', `${request.url}: no whole reply within ${request.timeoutMs} ms`))
      })
      const signals = [late.signal, stop.signal, ...(request.signal === undefined ? [] : [request.signal])]
      const signal = AbortSignal.any(signals)
      let giveBack: (() => void) | undefined
      try {
        giveBack = await places.take(requireUrl(request.url, request).origin, signal)
        return await follow(connections, request, signal)
      } catch (error) {
        throw toRemoteError(signal.aborted ? signal.reason : error, request.url)
      } finally {
        giveBack?.()
        cancel()
      }
    },
    counts: () => ({ running: places.running(), waiting: places.waiting() }),
    async close() {
      stop.abort(new RemoteError('closed', 'this server is stopping'))
      await (await opening)?.close()
    },
  }
}

async function follow(connections: Connections, request: OutgoingRequest, signal: AbortSignal): Promise<OutgoingReply> {
  const { redirectsMax = 0, method } = request
  let url = requireUrl(request.url, request)
  let headers = request.headers ?? {}
  for (let redirects = 0; ; redirects++) {
    const options = { method, headers, signal, ...(request.body !== undefined && { body: request.body }) }
    const { statusCode, headers: replyHeaders, body } = await sendAgainIfBroken(connections, url, options)
    const location = replyHeaders.location
    const isRedirect = redirectStatuses.has(statusCode) && typeof location === 'string' && redirectsMax > 0
    if (!isRedirect || (method !== 'GET' && method !== 'HEAD')) {
      const declared = method === 'HEAD' ? undefined : String(replyHeaders['content-length'] ?? '')
      const sink = statusCode === 200 ? await request.openSink?.({ headers: replyHeaders }) : undefined
      const bytes = await readReply(body, declared, request.bodyBytesMax, sink)
      return { status: statusCode, headers: replyHeaders, body: bytes, url: url.href }
    }
    discard(body)
    if (redirects >= redirectsMax) throw new RemoteError('redirects', `${request.url} redirects too often`)
    const next = requireUrl(URL.parse(location, url.href)?.href ?? '', request)
    if (next.origin !== url.origin) headers = publicHeadersOf(headers)
    url = next
  }
}

/** An idle connection may end just as it is used again: what may be repeated is then sent once more. */
async function sendAgainIfBroken(connections: Connections, url: URL, options: SendOptions) {
  try {
    return await connections.send(url, options)
  } catch (error) {
    if (!isBroken(error) || options.method === 'POST' || options.signal.aborted) throw error
    return await connections.send(url, options)
  }
}

function publicHeadersOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !privateHeaders.has(name)))
}

function requireUrl(text: string, { isTlsRequired }: OutgoingRequest): URL {
  const url = URL.parse(text)
  if (url === null || url.hostname === '' || url.username !== '' || url.password !== '') {
    throw new RemoteError('bad-name', `not a URL that can be asked: ${text.slice(0, 200)}`)
  }
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || isTlsRequired === true)) {
    throw new RemoteError('bad-name', `not a protocol that may be used: ${text.slice(0, 200)}`)
  }
  return url
}
