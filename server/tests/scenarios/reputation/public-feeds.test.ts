/** Public feeds over HTTP, read as a follower reads them: with the rules of the reputation package alone. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import {
  compareHeads,
  createChain,
  followBatch,
  type Head,
  parseBatch,
  readManifest,
  readSnapshot,
} from '@parallax/reputation'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
let amy: TestUser
before(async () => {
  server = await startInProcess({}, 'reputation: { publishing: users }\n')
  amy = await server.register('amy')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const own = '/_parallax/reputation/v1/feeds'
const description = { name: 'Spam watch', class: 'human', contexts: [{ context: 'm.spam', meaning: 'Advertising' }] }
const about = (n: number) => ({ kind: 'user', entity: `@s${n}:evil.example`, context: 'm.spam', opinion: -80 })

async function createFeed(audience = 'public'): Promise<string> {
  return String((await amy.ok('POST', own, { audience, description })).feed)
}

const say = (feed: string, ...opinions: object[]) => amy.ok('POST', `${own}/${feed}/opinions`, { opinions })
const read = (feed: string, what: string, headers: Record<string, string> = {}) =>
  fetch(`${server.baseUrl}/_matrix/reputation/v1/feeds/${feed}/${what}`, { headers })

async function readJson<T>(feed: string, what: string): Promise<T> {
  const answer = await read(feed, what)
  assert.equal(answer.status, 200)
  return (await answer.json()) as T
}

type Changes = { batches: object[]; next: number; last: number }

test('a follower checks manifest, batches and proofs, from the beginning or from a snapshot', async () => {
  const feed = await createFeed()
  await say(feed, about(0), about(1))
  await say(feed, about(2))
  const nowMs = server.clock.nowMs()
  const manifest = readManifest(await readJson(feed, 'manifest'))
  assert.equal(manifest.key, feed)
  let state = createChain(feed, manifest.key)
  const { batches, next, last } = await readJson<Changes>(feed, 'changes?since=0')
  for (const batch of batches) state = followBatch(state, parseBatch(JSON.stringify(batch)), nowMs)
  assert.deepEqual([next, last, state.head?.seq], [2, 2, 2])
  const snapshot = readSnapshot(manifest.key, await (await read(feed, 'snapshot')).text(), nowMs)
  assert.equal(snapshot.held.size, 3)
  assert.deepEqual(snapshot.state, state)
  await say(feed, about(3))
  const later = await readJson<Changes>(feed, 'changes?since=2')
  assert.equal(followBatch(snapshot.state, parseBatch(JSON.stringify(later.batches[0])), nowMs).head?.seq, 3)
  const { head, proof } = await readJson<{ head: Head; proof: string[] }>(feed, 'proof?older=2')
  compareHeads(manifest.key, state.head!, head, proof)
})

test('changes come in pages', async () => {
  const feed = await createFeed()
  for (let n = 0; n < 5; n++) await say(feed, about(n))
  const seen: number[] = []
  for (let since = 0; ; ) {
    const { batches, next, last } = await readJson<Changes>(feed, `changes?since=${since}&limit=2`)
    seen.push(batches.length)
    since = next
    if (next === last) break
  }
  assert.deepEqual(seen, [2, 2, 1])
  assert.deepEqual(await readJson(feed, 'changes?since=99'), { batches: [], next: 99, last: 5 })
})

test('what did not change is not sent again, and large texts are sent compressed', async () => {
  const feed = await createFeed()
  await say(feed, ...Array.from({ length: 20 }, (_, n) => about(n)))
  for (const what of ['manifest', 'snapshot', 'changes?since=0', 'proof?older=1']) {
    const first = await read(feed, what, { 'Accept-Encoding': 'identity' })
    const tag = first.headers.get('etag')!
    assert.equal(first.headers.get('content-encoding'), null)
    assert.equal(first.headers.get('cache-control'), `public, max-age=${reputationLimits.cacheSeconds}`)
    const again = await read(feed, what, { 'If-None-Match': `W/"other", ${tag}` })
    assert.deepEqual([again.status, await again.text()], [304, ''])
    const zipped = await read(feed, what, { 'Accept-Encoding': 'gzip' })
    const text = await first.text()
    assert.equal(zipped.headers.get('content-encoding'), text.length < 1_024 ? null : 'gzip')
    assert.equal(await zipped.text(), text)
  }
  const tag = (await read(feed, 'snapshot')).headers.get('etag')!
  await say(feed, about(99))
  assert.equal((await read(feed, 'snapshot', { 'If-None-Match': tag })).status, 200)
})

test('only public feeds are listed and read', async () => {
  const [hidden, open] = [await createFeed('me'), await createFeed()]
  await say(hidden, about(1))
  const { body } = await server.call('GET', '/.well-known/matrix/reputation')
  const listed = (body.feeds as { feed: string }[]).map(({ feed }) => feed)
  assert.deepEqual([listed.includes(hidden), listed.includes(open)], [false, true])
  for (const feed of [hidden, 'nobody']) {
    for (const what of ['manifest', 'snapshot', 'changes?since=0', 'proof?older=1']) {
      const answer = await server.call('GET', `/_matrix/reputation/v1/feeds/${feed}/${what}`)
      assert.equal(refusalOf(answer), '404 M_NOT_FOUND')
    }
  }
})

test('what a feed does not have is refused', async () => {
  const feed = await createFeed()
  const path = `/_matrix/reputation/v1/feeds/${feed}`
  assert.equal(refusalOf(await server.call('GET', `${path}/snapshot`)), '404 M_NOT_FOUND')
  assert.equal(refusalOf(await server.call('GET', `${path}/proof?older=1`)), '400 M_INVALID_PARAM')
  assert.deepEqual(await readJson(feed, 'changes?since=0'), { batches: [], next: 0, last: 0 })
  assert.equal(refusalOf(await server.call('GET', `${path}/changes`)), '400 M_MISSING_PARAM')
  assert.equal(refusalOf(await server.call('GET', `${path}/changes?since=-1`)), '400 M_INVALID_PARAM')
  assert.equal(
    refusalOf(await server.call('GET', '/_matrix/reputation/v1/feeds/a%20b/manifest')),
    '400 M_INVALID_PARAM',
  )
})
