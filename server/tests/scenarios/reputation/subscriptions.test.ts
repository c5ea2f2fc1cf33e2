/** Following feeds of another server: what is taken, what is refused, and that the last good state stays in force. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import {
  appendBatch,
  type Batch,
  type ChainState,
  createChain,
  createFeedKey,
  type FeedEntry,
  type FeedKey,
  type Manifest,
  signManifest,
} from '@parallax/reputation'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

/** A publisher that can be made to lie. */
type FakeFeed = { key: FeedKey; manifest: Manifest; batches: Batch[]; state: ChainState; isDown: boolean }
const fakes = new Map<string, FakeFeed>()
let publisher: Server
let server: InProcess
let origin: string

before(async () => {
  publisher = createServer((request, response) => {
    const [, name, what] = /feeds\/([^/]+)\/(\w+)/.exec(request.url!) ?? []
    const feed = fakes.get(name ?? '')
    const since = Number(new URL(request.url!, origin).searchParams.get('since'))
    const body =
      what === 'manifest'
        ? feed && signManifest(feed.key, feed.manifest)
        : what === 'changes' && { batches: feed?.batches.slice(since) }
    response.writeHead(body && !feed?.isDown ? 200 : 404).end(JSON.stringify(body || {}))
  }).listen(0, '127.0.0.1')
  await once(publisher, 'listening')
  origin = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}`
  const reputation = `reputation: { publishing: users, httpSources: ['${origin}'] }\n`
  server = await startInProcess({}, `${reputation}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
})
after(async () => {
  await server.close()
  publisher.close().closeAllConnections()
  await endTestStores()
})

const path = '/_parallax/reputation/v1/subscriptions'
const addressOf = (name: string): string => `${origin}/_matrix/reputation/v1/feeds/${name}`

function openFeed(name: string, contexts = [{ context: 'm.spam', meaning: 'Advertising' }]): FakeFeed {
  const key = createFeedKey(new Uint8Array(32).fill(fakes.size + 1))
  const manifest: Manifest = {
    ...{ feed: name, name, key: key.publicKey, revision: 1, class: 'human', contexts, reasons: [] },
    ...{ tier: 'T0', epoch: 0, languages: [], derived_from: [] },
  }
  const feed = { key, manifest, batches: [], state: createChain(name, key.publicKey), isDown: false }
  fakes.set(name, feed)
  return feed
}

function say(feed: FakeFeed, count: number, from = 0): void {
  const entries = Array.from({ length: count }, (_, n): FeedEntry => {
    const entity = `@s${from + n}:evil.example`
    return { op: 'statement', kind: 'user', entity, opinion: -80, confidence: 70, context: 'm.spam', issued: 1 }
  })
  const next = appendBatch(feed.state, feed.key, entries, server.clock.nowMs())
  feed.state = next.state
  feed.batches.push(next.batch)
}

type Shown = {
  source: number
  health: string
  opinions: number
  seq: number
  is_declared: boolean
  is_abandoned: boolean
  checked_ts: number
}

async function show(user: TestUser): Promise<Shown[]> {
  return (await user.ok('GET', path)).subscriptions as unknown as Shown[]
}

/** Lets all feeds be looked at, and waits until the first was, with what is expected of it. */
async function lookAgain(user: TestUser, expected: (shown: Shown) => boolean): Promise<Shown> {
  const [before] = await show(user)
  server.clock.turn(reputationLimits.refreshMsMax)
  return waitFor('the feed to be looked at', async () => {
    server.clock.turn(reputationLimits.lookEveryMs)
    const [first] = await show(user)
    return first !== undefined && first.checked_ts > before!.checked_ts && expected(first) ? first : undefined
  })
}

test('what a feed says arrives, then and later, and is gone when nobody follows it', async () => {
  const amy = await server.register('amy')
  const feed = openFeed('good')
  say(feed, 3)
  const followed = await amy.ok('POST', path, { address: addressOf('good'), key: feed.key.publicKey })
  assert.deepEqual([followed.health, followed.opinions, followed.is_declared], ['good', 3, true])
  say(feed, 2, 3)
  await server.restart()
  await lookAgain(amy, ({ opinions, seq }) => opinions === 5 && seq === 2)
  await amy.ok('DELETE', `${path}/${followed.source}`)
  assert.deepEqual(await show(amy), [])
  assert.equal(refusalOf(await amy.call('DELETE', `${path}/${followed.source}`)), '404 M_NOT_FOUND')
})

test('users follow one copy, and it stays while one of them does', async () => {
  const [ben, cat] = [await server.register('ben'), await server.register('cat')]
  say(openFeed('shared'), 1)
  const both = await Promise.all([ben, cat].map((user) => user.ok('POST', path, { address: addressOf('shared') })))
  assert.equal(both[0]!.source, both[1]!.source)
  await ben.ok('DELETE', `${path}/${both[0]!.source}`)
  assert.equal((await show(cat))[0]!.opinions, 1)
})

test('another key, another history and an older one change nothing; the feed shows why', async () => {
  const dan = await server.register('dan')
  const feed = openFeed('turning')
  say(feed, 2)
  await dan.ok('POST', path, { address: addressOf('turning') })
  const honest = { ...feed, batches: [...feed.batches] }
  const thief = createFeedKey(new Uint8Array(32).fill(200))
  fakes.set('turning', { ...honest, key: thief, manifest: { ...feed.manifest, key: thief.publicKey } })
  assert.equal((await lookAgain(dan, ({ health }) => health === 'key-changed')).opinions, 2)
  const fork = { ...honest, batches: [], state: createChain('turning', feed.key.publicKey) }
  say(fork, 1, 50)
  say(fork, 1, 60)
  fakes.set('turning', fork)
  assert.equal((await lookAgain(dan, ({ health }) => health === 'forked')).opinions, 2)
  fakes.set('turning', { ...honest, manifest: { ...feed.manifest, name: 'Other words' } })
  assert.equal((await lookAgain(dan, ({ health }) => health === 'forked')).opinions, 2)
  fakes.set('turning', { ...honest, isDown: true })
  assert.equal((await lookAgain(dan, ({ health }) => health === 'unreachable')).opinions, 2)
  say(honest, 1, 2)
  fakes.set('turning', honest)
  await lookAgain(dan, ({ health, opinions }) => health === 'good' && opinions === 3)
})

test('a feed that does not say what it means is marked, and one that fell silent too', async () => {
  const eli = await server.register('eli')
  say(openFeed('silent', []), 1)
  const followed = await eli.ok('POST', path, { address: addressOf('silent') })
  assert.deepEqual([followed.is_declared, followed.is_abandoned], [false, false])
  server.clock.turn(91 * 86_400_000)
  assert.equal((await show(eli))[0]!.is_abandoned, true)
})

test('addresses that are none, and feeds that are none, are refused', async () => {
  const flo = await server.register('flo')
  openFeed('empty')
  const wrong = [
    'x',
    `${origin}/`,
    `${addressOf('empty')}?a=b`,
    addressOf('empty').replace('127.0.0.1', 'other.example'),
    addressOf('empty').replace('//', '//user:password@'),
    `${addressOf('empty')}${'x'.repeat(500)}`,
    'file:///_matrix/reputation/v1/feeds/x',
  ]
  for (const address of wrong) {
    assert.equal(refusalOf(await flo.call('POST', path, { address })), '400 M_INVALID_PARAM', address)
  }
  assert.equal(refusalOf(await flo.call('POST', path, { address: addressOf('nobody') })), '502 M_UNKNOWN')
  const key = createFeedKey(new Uint8Array(32)).publicKey
  assert.equal(refusalOf(await flo.call('POST', path, { address: addressOf('empty'), key })), '400 M_INVALID_PARAM')
  assert.equal((await flo.ok('POST', path, { address: addressOf('empty') })).opinions, 0)
})

test('a feed of this very program is followed from its snapshot on', async () => {
  const gus = await server.register('gus')
  const own = '/_parallax/reputation/v1/feeds'
  const other = await startInProcess({}, 'reputation: { publishing: users }\n')
  try {
    const hal = await other.register('hal')
    const description = { name: 'x', class: 'human', contexts: [{ context: 'm.spam', meaning: 'x' }] }
    const { feed } = await hal.ok('POST', own, { audience: 'public', description })
    const opinion = { kind: 'user', entity: '@s:evil.example', context: 'm.spam', opinion: -80 }
    await hal.ok('POST', `${own}/${feed}/opinions`, { opinions: [opinion] })
    const address = `${other.baseUrl}/_matrix/reputation/v1/feeds/${feed}`
    assert.equal(refusalOf(await gus.call('POST', path, { address })), '400 M_INVALID_PARAM')
    const { port } = publisher.address() as AddressInfo
    publisher.removeAllListeners('request')
    publisher.on('request', async (request, response) => {
      // News are asked for until the end, and that may come while one asks.
      const answer = await fetch(other.baseUrl + request.url).catch(() => undefined)
      response.writeHead(answer?.status ?? 502).end(await answer?.text())
    })
    const through = `http://127.0.0.1:${port}/_matrix/reputation/v1/feeds/${feed}`
    const followed = await gus.ok('POST', path, { address: through })
    assert.deepEqual([followed.health, followed.opinions, followed.seq], ['good', 1, 1])
  } finally {
    await other.close()
  }
})
