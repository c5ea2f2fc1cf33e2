/** A feed is an attacker: whatever it answers is refused with a closed kind, and what it said before stays in force. */

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import { type FakeFeed, type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

const path = '/_parallax/reputation/v1/subscriptions'
let fakes: FakeFeeds
let server: InProcess
let amy: TestUser

before(async () => {
  fakes = await startFakeFeeds()
  const sources = `reputation: { httpSources: ['${fakes.origin}'] }\n`
  server = await startInProcess({}, `${sources}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
  amy = await server.register('amy')
})
after(async () => {
  await server.close()
  fakes.close()
  await endTestStores()
})

const answer = (body: string | Uint8Array) => (response: ServerResponse) => void response.writeHead(200).end(body)
const batchesOf = (feed: FakeFeed) => feed.batches.map((batch) => JSON.parse(JSON.stringify(batch)))
const page = (batches: readonly unknown[]) => answer(JSON.stringify({ batches }))
const changed = (batch: object) => JSON.parse(JSON.stringify(batch).replace('@second', '@other'))
const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

/** What it answers for its changes once it has said two things, of which the second was not seen. */
const lies: Record<string, [health: string, of: (feed: FakeFeed) => (response: ServerResponse) => void]> = {
  'no JSON': ['bad-feed', () => answer('{"batches": [')],
  'a list instead of an object': ['bad-feed', () => answer('[]')],
  'nesting a million deep': ['bad-feed', () => answer(`{"batches":[${deep(1_000_000)}]}`)],
  'bytes that are no text': ['bad-feed', () => answer(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]))],
  'more bytes than it may': ['too-large', () => answer(Buffer.alloc(5_000_000, 0x20))],
  'more batches than fit': ['bad-feed', () => page(Array.from({ length: 20_000 }, () => ({})))],
  'a batch that it has sent before': ['rolled-back', (feed) => page(batchesOf(feed).slice(0, 1))],
  'a batch that was changed': ['broken-chain', (feed) => page([changed(batchesOf(feed)[1])])],
  'a batch without what was said': ['bad-feed', (feed) => page([{ ...batchesOf(feed)[1], entries: 'all' }])],
  'an error page': ['unreachable', () => (response) => void response.writeHead(502).end('<html>')],
}

describe('a feed that answers', () => {
  for (const [index, [name, [health, lie]]] of Object.entries(lies).entries()) {
    test(`${name} is ${health}, and what it said before stays`, async () => {
      const [bad, good] = [`bad${index}`, `good${index}`]
      const feed = fakes.open(bad)
      const neighbour = fakes.open(good)
      const say = (of: FakeFeed, entity: string) => fakes.say(of, server.clock.nowMs(), [{ entity }])
      say(feed, '@first:a.example')
      say(neighbour, '@first:a.example')
      const follow = (of: string) => amy.ok('POST', path, { address: fakes.addressOf(of) })
      const [{ source }, { source: other }] = [await follow(bad), await follow(good)]
      const look = (of: unknown) => {
        server.clock.turn(reputationLimits.lookAgainMs)
        return amy.ok('POST', `${path}/${of}/look`)
      }
      say(feed, '@second:a.example')
      say(neighbour, '@second:a.example')
      fakes.interfere(bad, 'changes', lie(feed))
      const shown = await look(source)
      assert.deepEqual([shown.health, shown.seq, shown.opinions], [health, 1, 1])
      const beside = await look(other)
      assert.deepEqual([beside.health, beside.seq, beside.opinions], ['good', 2, 2])
      fakes.interfere(bad, 'changes', undefined)
      const again = await look(source)
      assert.deepEqual([again.health, again.seq, again.opinions], ['good', 2, 2])
    })
  }
})
