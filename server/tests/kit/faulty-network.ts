/**
 * A network between servers of one process that loses, delays, reorders, repeats and garbles what they ask each other.
 * It stands where sockets would be: above it all is the program's own.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { Dispatcher, request } from 'undici'
import type { OpenOrigin } from '../../src/remote/index.ts'
import { type Draw, drawFrom } from './draw.ts'

/** What may happen to one request. */
export type FaultKind =
  /** The connection breaks before it arrives. */
  | 'lost'
  /** It arrives, and the connection breaks before the reply. */
  | 'lost-reply'
  /** Nothing ever comes back: half open. It may have arrived. */
  | 'silence'
  | 'silent-reply'
  /** It arrives twice. */
  | 'twice'
  /** The reply comes in parts, slowly. */
  | 'slow-body'
  /** The reply is cut off in the middle. */
  | 'cut-body'
  /** Something else answers. */
  | 'garbage'
  | 'bad-gateway'
  /** The certificate is not that of the server. */
  | 'tls'

export const faultKinds: readonly FaultKind[] = [
  'lost',
  'lost-reply',
  'silence',
  'silent-reply',
  'twice',
  'slow-body',
  'cut-body',
  'garbage',
  'bad-gateway',
  'tls',
]

export type Weather = {
  /** Of all requests, those to which something happens. */
  readonly share: number
  readonly kinds: readonly FaultKind[]
  /** Each request takes up to so long more, in milliseconds, each another time: so they overtake one another. */
  readonly delayMs: number
}

export const fairWeather: Weather = { share: 0, kinds: ['lost'], delayMs: 0 }

export interface FaultyNetwork {
  /** The way out of one server. */
  openFor(server: string): OpenOrigin
  /** Where a server answers at the moment, by plain HTTP. */
  place(server: string, baseUrl: () => string): void
  weather: Weather
  /** What the weather does follows from the seed and the order of the requests. */
  reseed(seed: number): void
  /** Nothing goes from the one to the other any more; the other direction stays. */
  cut(from: string, to: string): void
  /** Fair weather, no cuts; what hangs hangs until it times out. */
  heal(): void
  /** Requests under way, without those that hang. */
  running(): number
  /** How often each fault happened. */
  readonly happened: Map<FaultKind | 'cut', number>
}

type Link = { readonly from: string; readonly to: string }
type Reply = { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer }
type State = FaultyNetwork & {
  draw: Draw
  readonly cuts: Set<string>
  readonly places: Map<string, () => string>
  underWay: number
}

const nameOf = ({ from, to }: Link) => `${from} ${to}`

export function createFaultyNetwork(): FaultyNetwork {
  const network: State = {
    openFor: (from) => (origin) => new FaultyOrigin(network, { from, to: new URL(origin).host }),
    place: (server, baseUrl) => void network.places.set(server, baseUrl),
    weather: fairWeather,
    draw: drawFrom(1),
    reseed(seed) {
      network.draw = drawFrom(seed)
    },
    cut: (from, to) => void network.cuts.add(nameOf({ from, to })),
    heal() {
      network.weather = fairWeather
      network.cuts.clear()
    },
    running: () => network.underWay,
    happened: new Map(),
    cuts: new Set(),
    places: new Map(),
    underWay: 0,
  }
  return network
}

/** Requests from one server to another. */
class FaultyOrigin extends Dispatcher {
  readonly #network: State
  readonly #link: Link

  constructor(network: State, link: Link) {
    super()
    this.#network = network
    this.#link = link
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const exchange = openExchange(handler)
    this.#network.underWay++
    void carry(this.#network, this.#link, options, exchange)
      .catch((error: Error) => exchange.fail(error))
      .finally(() => this.#network.underWay--)
    return true
  }

  override async close(): Promise<void> {}
  override async destroy(): Promise<void> {}
}

type Exchange = {
  start(reply: Reply): void
  data(bytes: Buffer): void
  end(): void
  fail(error: Error): void
}

/** The asking side of one request; deaf after it gave up. */
function openExchange(handler: Dispatcher.DispatchHandler): Exchange {
  let reason: Error | null = null
  let isOver = false
  const fail = (error: Error) => {
    if (isOver) return
    isOver = true
    handler.onResponseError?.(controller, error)
  }
  const controller: Dispatcher.DispatchController = {
    get aborted() {
      return reason !== null
    },
    get reason() {
      return reason
    },
    paused: false,
    abort(error) {
      reason ??= error
      fail(error)
    },
    pause: () => {},
    resume: () => {},
  }
  handler.onRequestStart?.(controller, {})
  return {
    start: ({ status, headers }) => isOver || handler.onResponseStart?.(controller, status, headers, ''),
    data: (bytes) => isOver || handler.onResponseData?.(controller, bytes),
    end() {
      if (isOver) return
      isOver = true
      handler.onResponseEnd?.(controller, {})
    },
    fail,
  }
}

function broken(code: string): Error {
  return Object.assign(new Error(`the network says ${code}`), { code })
}

/** Brings a request there and the reply back, as the weather is when it sets out. */
async function carry(
  network: State,
  link: Link,
  options: Dispatcher.DispatchOptions,
  exchange: Exchange,
): Promise<void> {
  const { weather, draw } = network
  const note = (what: FaultKind | 'cut') => network.happened.set(what, (network.happened.get(what) ?? 0) + 1)
  const fault = draw.chance(weather.share) ? draw.pick(weather.kinds) : undefined
  if (fault !== undefined) note(fault)
  if (weather.delayMs > 0) await sleep(draw.upTo(weather.delayMs))
  if (network.cuts.has(nameOf(link))) {
    note('cut')
    throw broken('ECONNREFUSED')
  }
  if (fault === 'lost') throw broken('ECONNRESET')
  if (fault === 'tls') throw broken('ERR_TLS_CERT_ALTNAME_INVALID')
  if (fault === 'silence') return
  if (fault === 'twice') await ask(network, link, options)
  const reply = await ask(network, link, options)
  if (fault === 'lost-reply' || network.cuts.has(nameOf(link))) throw broken('ECONNRESET')
  if (fault === 'silent-reply') return
  await hand(spoil(reply, fault), fault, exchange)
}

async function ask({ places }: State, { to }: Link, options: Dispatcher.DispatchOptions): Promise<Reply> {
  const baseUrl = places.get(to)
  if (baseUrl === undefined) throw broken('ENOTFOUND')
  const { method, path, headers, body } = options
  const sent = { method, headers: { ...(headers as Record<string, string>) }, body: body ?? null }
  const { statusCode, headers: replyHeaders, body: reply } = await request(`${baseUrl()}${path}`, sent)
  const { connection: _, 'keep-alive': __, ...kept } = replyHeaders as Record<string, string>
  return { status: statusCode, headers: kept, body: Buffer.from(await reply.arrayBuffer()) }
}

function spoil(reply: Reply, fault: FaultKind | undefined): Reply {
  if (fault !== 'garbage' && fault !== 'bad-gateway') return reply
  const body = Buffer.from(fault === 'garbage' ? '{"pdus": [[[\u0000' : '<html>Bad gateway</html>')
  const status = fault === 'garbage' ? reply.status : 502
  return { status, headers: { 'content-type': 'text/html', 'content-length': String(body.length) }, body }
}

async function hand(reply: Reply, fault: FaultKind | undefined, exchange: Exchange): Promise<void> {
  exchange.start(reply)
  const half = Math.ceil(reply.body.length / 2)
  exchange.data(reply.body.subarray(0, half))
  if (fault === 'slow-body') await sleep(20)
  if (fault === 'cut-body') return exchange.fail(broken('UND_ERR_SOCKET'))
  exchange.data(reply.body.subarray(half))
  exchange.end()
}
