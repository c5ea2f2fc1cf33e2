/** How soon what a feed says and takes back is seen from another server, and that clients learn of it. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

const base = '/_parallax/reputation/v1'
let publisher: InProcess
let server: InProcess
let owner: TestUser

before(async () => {
  publisher = await startInProcess({ SERVER_NAME: 'feeds.example' }, 'reputation: { publishing: users }\n')
  const reputation = `reputation: { httpSources: ['${publisher.baseUrl}'] }\n`
  server = await startInProcess({}, `${reputation}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
  owner = await publisher.register('owner')
})
after(async () => {
  await server.close()
  await publisher.close()
  await endTestStores()
})

const contexts = [{ context: 'm.spam', meaning: 'Advertising' }]

async function openFeed(name: string, audience = 'public'): Promise<string> {
  const description = { name, class: 'human', contexts }
  return String((await owner.ok('POST', `${base}/feeds`, { audience, description })).feed)
}

async function say(feed: string, entity: string): Promise<string[]> {
  const opinions = [{ kind: 'user', entity, context: 'm.spam', opinion: -100, confidence: 80 }]
  return (await owner.ok('POST', `${base}/feeds/${feed}/opinions`, { opinions })).ids as string[]
}

const news = (feeds: object, more: object = {}) =>
  publisher.call('POST', '/_matrix/reputation/v1/news', { body: { feeds, ...more } })

/** A room with a message of a spammer, seen by a viewer who follows a feed. */
async function openView(name: string) {
  const [viewer, spammer] = [await server.register(`${name}-viewer`), await server.register(`${name}-spam`)]
  const { room_id: roomId } = await viewer.ok('POST', 'createRoom', { preset: 'public_chat' })
  await spammer.ok('POST', `join/${roomId}`)
  await spammer.ok('PUT', `rooms/${roomId}/send/m.room.message/1`, { msgtype: 'm.text', body: 'buy' })
  const last = async () => {
    const [event] = (await viewer.ok('GET', `rooms/${roomId}/messages?dir=b&limit=1`)).chunk as JsonObject[]
    return event!
  }
  const actionOf = async () => ((await last()).unsigned as JsonObject)['org.parallax.reputation'] as JsonObject
  return { viewer, spammer, last, actionOf }
}

test('what a feed of another server says and takes back is seen within two seconds, and clients are told', async () => {
  const { viewer, spammer, last, actionOf } = await openView('soon')
  const feed = await openFeed('soon')
  const address = `${publisher.baseUrl}/_matrix/reputation/v1/feeds/${feed}`
  const source = Number((await viewer.ok('POST', `${base}/subscriptions`, { address })).source)
  const lens = { subscriptions: [{ source, trust: { '*': 'strong' }, mode: 'enforce' }] }
  await viewer.ok('PUT', `${base}/lenses/mine`, lens)
  await viewer.ok('PUT', `${base}/lens`, { name: 'mine' })
  const ids = await say(feed, spammer.userId)
  await waitFor('the message to be hidden', async () => (await actionOf())?.action === 'hide' || undefined)
  const since = String((await viewer.ok('GET', 'sync')).next_batch)
  await owner.ok('POST', `${base}/feeds/${feed}/end`, { ids })
  const begun = performance.now()
  await waitFor('the message to be back', async () => (await actionOf()) === undefined || undefined)
  const tookMs = performance.now() - begun
  assert.ok(tookMs < 2_000, `${tookMs} ms`)
  const told = await waitFor('the client to be told', async () => {
    const { account_data: data } = await viewer.ok('GET', `sync?since=${since}`)
    const events = ((data as JsonObject)?.events ?? []) as JsonObject[]
    return events.find(({ type }) => type === 'org.parallax.reputation.view')
  })
  assert.ok(Number((told.content as JsonObject).changed_ts) > 0)
  assert.equal(((await last()).content as JsonObject).body, 'buy')
})

test('who waits for news is answered when a public feed says more, and never of a private one', async () => {
  const [open, own] = [await openFeed('open'), await openFeed('own', 'me')]
  await say(own, '@a:b.example')
  assert.deepEqual((await news({ [own]: 0, [open]: 0, unknown: 0 })).body, { changed: [] })
  const waiting = news({ [open]: 0 }, { timeout_ms: 60_000 })
  const [ids] = [await say(open, '@a:b.example')]
  assert.deepEqual((await waiting).body, { changed: [open] })
  assert.deepEqual((await news({ [open]: 0 })).body, { changed: [open] })
  assert.deepEqual((await news({ [open]: 1 })).body, { changed: [] })
  // A private feed wakes nobody, and there is nothing to wait for.
  assert.deepEqual((await news({ [own]: 0 }, { timeout_ms: 60_000 })).body, { changed: [] })
  assert.equal(ids!.length, 1)
  const many = Object.fromEntries(Array.from({ length: 201 }, (_, index) => [`feed${index}`, 0]))
  assert.equal((await news(many)).status, 400)
})
