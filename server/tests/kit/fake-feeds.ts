/** A publisher of feeds outside the servers of a test, which can be made to lie. */

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  appendBatch,
  type Batch,
  type ChainState,
  createChain,
  createFeedKey,
  decodeBase64,
  deriveRowKeys,
  encodeBase64,
  entryId,
  type FeedEntry,
  type FeedKey,
  hashFast,
  type Manifest,
  type PlainEntry,
  parseEntity,
  proveConsistency,
  sealRow,
  signManifest,
} from '@parallax/reputation'

export type FakeFeed = { key: FeedKey; manifest: Manifest; batches: Batch[]; state: ChainState }

/** What a statement says, and what is usual of it. */
export type FakeOpinion = {
  readonly entity: string
  readonly kind?: string
  readonly context?: string
  readonly opinion?: number
  readonly confidence?: number
  readonly origins?: readonly string[]
  readonly hops?: number
}

/** Answers instead of a feed. */
export type Interference = (response: ServerResponse, url: URL) => void

export type FakeFeeds = {
  readonly origin: string
  addressOf(name: string): string
  open(name: string): FakeFeed
  /** Says opinions on users in a new batch, as of `nowMs`; answers their IDs. */
  say(feed: FakeFeed, nowMs: number, opinions: readonly FakeOpinion[]): string[]
  /** Says the worst of a user in the feed's first context, sealed; the feed must be of tier T1. */
  seal(feed: FakeFeed, nowMs: number, user: string): void
  /** Signs entries as they are in a new batch. */
  append(feed: FakeFeed, nowMs: number, entries: readonly FeedEntry[]): void
  /** Shows this feed from now on under a name, whatever was shown before. */
  show(name: string, feed: FakeFeed): void
  /** Answers to one kind of request (`manifest`, `changes`, `snapshot`, `proof`) otherwise; undefined: as before. */
  interfere(name: string, what: string, interference: Interference | undefined): void
  retract(feed: FakeFeed, nowMs: number, ids: readonly string[]): void
  close(): void
}

function proofOf({ batches, state: { head } }: FakeFeed, older: number): object | undefined {
  if (head === undefined || older > head.seq) return undefined
  const leaves = batches.map(({ hash }) => decodeBase64(hash, 32))
  return { head, proof: proveConsistency(leaves, older).map(encodeBase64) }
}

export async function startFakeFeeds(): Promise<FakeFeeds> {
  const feeds = new Map<string, FakeFeed>()
  const interferences = new Map<string, Interference>()
  const server = createServer((request, response) => {
    const [, name, what] = /feeds\/([^/]+)\/(\w+)/.exec(request.url!) ?? []
    const feed = feeds.get(name ?? '')
    const url = new URL(request.url!, 'http://localhost')
    const since = Number(url.searchParams.get('since'))
    const interference = interferences.get(`${name} ${what}`)
    if (interference !== undefined) return interference(response, url)
    const body =
      what === 'manifest'
        ? feed && signManifest(feed.key, feed.manifest)
        : what === 'proof'
          ? feed && proofOf(feed, Number(url.searchParams.get('older')))
          : what === 'changes' && { batches: feed?.batches.slice(since) }
    response.writeHead(body ? 200 : 404).end(JSON.stringify(body || {}))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const append = (feed: FakeFeed, nowMs: number, entries: readonly FeedEntry[]) => {
    const next = appendBatch(feed.state, feed.key, entries, nowMs)
    feed.state = next.state
    feed.batches.push(next.batch)
  }
  return {
    origin,
    addressOf: (name) => `${origin}/_matrix/reputation/v1/feeds/${name}`,
    open(name) {
      const key = createFeedKey(new Uint8Array(32).fill(feeds.size + 1))
      const contexts = ['m.spam', 'x.politics', 'x.nsfw'].map((context) => ({ context, meaning: context }))
      const manifest: Manifest = {
        ...{ feed: name, name, key: key.publicKey, revision: 1, class: 'human', contexts, reasons: [] },
        ...{ tier: 'T0', epoch: 0, languages: [], derived_from: [] },
      }
      const feed = { key, manifest, batches: [], state: createChain(name, key.publicKey) }
      feeds.set(name, feed)
      return feed
    },
    say(feed, nowMs, opinions) {
      const entries = opinions.map((given): FeedEntry => {
        const usual = { kind: 'user', context: 'm.spam', opinion: -100, confidence: 80, issued: nowMs - 1 }
        return { op: 'statement', ...usual, ...given } as PlainEntry
      })
      append(feed, nowMs, entries)
      return entries.map((entry) => entryId(entry)!)
    },
    seal(feed, nowMs, user) {
      const keys = deriveRowKeys(hashFast(parseEntity('user', user)), feed.key.publicKey, feed.manifest.epoch)
      const issued = Math.floor(nowMs / 1_000) - 1
      const payload = { opinion: -100, confidence: 80, context: 0, hops: 0, issued, origins: [] }
      append(feed, nowMs, [{ op: 'row', row: encodeBase64(sealRow(keys, 1, payload)) }])
    },
    append,
    show: (name, feed) => void feeds.set(name, feed),
    interfere(name, what, interference) {
      if (interference === undefined) interferences.delete(`${name} ${what}`)
      else interferences.set(`${name} ${what}`, interference)
    },
    retract: (feed, nowMs, ids) =>
      append(
        feed,
        nowMs,
        ids.map((id) => ({ op: 'retract', id }) as FeedEntry),
      ),
    close: () => void server.close().closeAllConnections(),
  }
}
