/** Gossip of heads: a feed that tells two servers different things is found out, and nobody can make one look so. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import type { FakeFeed } from '../../kit/fake-feeds.ts'
import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

const path = '/_parallax/reputation/v1/subscriptions'
let fakes: FakeFeeds
let one: InProcess
let other: InProcess
let amy: TestUser
let ben: TestUser

before(async () => {
  fakes = await startFakeFeeds()
  const yaml = `reputation: { httpSources: ['${fakes.origin}'] }\n`
  one = await startFederated(yaml)
  other = await startFederated(yaml)
  amy = await one.register('amy')
  ben = await other.register('ben')
})
after(async () => {
  await one.close()
  await other.close()
  fakes.close()
  await endTestStores()
})

type Shown = { address: string; health: string; seq: number; opinions: number; other_head?: { seq: number } }

async function show(user: TestUser, name: string): Promise<Shown> {
  const { subscriptions } = (await user.ok('GET', path)) as unknown as { subscriptions: Shown[] }
  return subscriptions.find(({ address }) => address === fakes.addressOf(name))!
}

const follow = (user: TestUser, name: string) => user.ok('POST', path, { address: fakes.addressOf(name) })
const say = (feed: FakeFeed, entity: string) => fakes.say(feed, other.clock.nowMs(), [{ entity }])
const copyOf = (feed: FakeFeed): FakeFeed => ({ ...feed, batches: [...feed.batches] })

/** What a server answers to heads of another. */
function tell(from: InProcess, to: InProcess, heads: JsonObject): Promise<JsonObject> {
  const parties = { origin: from.serverName, destination: to.serverName } as never
  return from.program.components.remote.calls.askFeed(parties, '/_matrix/reputation/v1/heads', { heads })
}

const healthOf = (user: TestUser, name: string, health: string) =>
  waitFor(`${name} to be ${health}`, async () => {
    const shown = await show(user, name)
    return shown.health === health ? shown : undefined
  })

test('a feed that tells two servers different things is found out by both, and what it said first stays', async () => {
  const feed = fakes.open('two-faced')
  say(feed, '@a:b.example')
  const fork = copyOf(feed)
  say(feed, '@amy-sees:b.example')
  await follow(amy, 'two-faced')
  say(fork, '@ben-sees:b.example')
  fakes.show('two-faced', fork)
  await follow(ben, 'two-faced')
  // They know each other, as servers of one room do; and now and then they compare.
  await tell(other, one, {})
  for (const { clock } of [other, one]) clock.turn(reputationLimits.gossipEveryMs)
  const [seen, seenThere] = [await healthOf(amy, 'two-faced', 'forked'), await healthOf(ben, 'two-faced', 'forked')]
  assert.deepEqual([seen.opinions, seen.seq, seen.other_head!.seq], [2, 2, 2])
  assert.deepEqual([seenThere.opinions, seenThere.seq], [2, 2])
  // Whatever it says now: it is not taken any more.
  say(fork, '@later:b.example')
  for (const { clock } of [one, other]) clock.turn(reputationLimits.refreshMsMax)
  const { source } = seen as unknown as { source: number }
  const looked = await amy.ok('POST', `${path}/${source}/look`)
  assert.deepEqual([looked.health, looked.opinions], ['forked', 2])
  await one.restart()
  assert.equal((await show(amy, 'two-faced')).health, 'forked')
})

test('a longer history of another past is found out, too: the feed cannot prove the one from the other', async () => {
  const feed = fakes.open('rewritten')
  say(feed, '@a:b.example')
  const fork = copyOf(feed)
  say(feed, '@amy-sees:b.example')
  await follow(amy, 'rewritten')
  for (const name of ['x', 'y', 'z']) say(fork, `@${name}:b.example`)
  fakes.show('rewritten', fork)
  await follow(ben, 'rewritten')
  await tell(one, other, { [feed.key.publicKey]: feed.state.head! as never })
  const shown = await healthOf(ben, 'rewritten', 'forked')
  assert.deepEqual([shown.seq, shown.other_head!.seq], [4, 2])
})

test('who is behind or ahead is no liar, and what is not signed by the feed says nothing', async () => {
  const feed = fakes.open('honest')
  say(feed, '@a:b.example')
  await follow(amy, 'honest')
  const early = feed.state.head!
  say(feed, '@c:b.example')
  say(feed, '@d:b.example')
  await follow(ben, 'honest')
  const key = feed.key.publicKey
  const { heads } = await tell(one, other, { [key]: early as never })
  assert.equal((heads as Record<string, { seq: number }>)[key]!.seq, 3)
  // Ahead of what is known: it is looked at first.
  await tell(other, one, { [key]: feed.state.head! as never })
  await waitFor('the feed to be read on', async () => ((await show(amy, 'honest')).seq === 3 ? true : undefined))
  const wrong = [
    { ...early, hash: feed.state.head!.hash },
    { ...early, signature: feed.state.head!.signature },
    { ...early, seq: -1 },
    'x',
    null,
    { ...early, feed: 'another' },
  ]
  for (const head of wrong) assert.equal((await tell(one, other, { [key]: head as never })).heads !== undefined, true)
  assert.deepEqual((await tell(one, other, { unknown: early as never })).heads, {})
  const many = Object.fromEntries(Array.from({ length: reputationLimits.headsMax + 1 }, (_, n) => [`k${n}`, early]))
  await assert.rejects(tell(one, other, many as never), /M_BAD_JSON/)
  // Nothing is left to compare when what was told last has been compared.
  await tell(one, other, { [key]: early as never })
  assert.deepEqual([(await show(ben, 'honest')).health, (await show(amy, 'honest')).health], ['good', 'good'])
})

test('a feed that does not answer, or shows less than it signed, is not called a liar', async () => {
  const feed = fakes.open('slow')
  say(feed, '@a:b.example')
  const early = feed.state.head!
  say(feed, '@c:b.example')
  await follow(ben, 'slow')
  let asked = 0
  fakes.interfere('slow', 'proof', (response) => {
    asked++
    response.writeHead(503).end()
  })
  await tell(one, other, { [feed.key.publicKey]: early as never })
  await waitFor('the feed to be asked', async () => (asked > 0 ? true : undefined))
  assert.equal((await show(ben, 'slow')).health, 'good')
})
