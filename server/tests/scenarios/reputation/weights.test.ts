/** What a reader's own feeds show of one another: copies are one voice, and who contradicts all others is doubted. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

const base = '/_parallax/reputation/v1'
let fakes: FakeFeeds
let server: InProcess

before(async () => {
  fakes = await startFakeFeeds()
  const reputation = `reputation: { publishing: users, httpSources: ['${fakes.origin}'] }\n`
  server = await startInProcess({}, `${reputation}outgoing: { allowRanges: ['127.0.0.1'] }\n`)
})
after(async () => {
  await server.close()
  fakes.close()
  await endTestStores()
})

const usersOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({ entity: `@s${from + at}:evil.example` }))

/** Publishes feeds by name, and gives the user a lens that trusts all of them. */
async function listen(user: TestUser, said: Readonly<Record<string, readonly { entity: string }[]>>) {
  const sources: number[] = []
  for (const [name, opinions] of Object.entries(said)) {
    fakes.say(fakes.open(name), server.clock.nowMs(), opinions)
    server.clock.turn(1_000)
    sources.push(Number((await user.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf(name) })).source))
  }
  const subscriptions = sources.map((source) => ({ source, trust: { '*': 'good' }, mode: 'blend' }))
  await user.ok('PUT', `${base}/lenses/default`, { subscriptions })
  await user.ok('PUT', `${base}/lens`, { name: 'default' })
}

const explain = (user: TestUser, entity: string) =>
  user.ok('POST', `${base}/explain`, { kind: 'user', entity, context: 'm.spam' })

test('feeds that repeat one another are one voice: they do not hide together, and it is said', async () => {
  const amy = await server.register('amy')
  await listen(amy, { north: usersOf(0, 30), copy: usersOf(0, 30), east: usersOf(20, 60) })
  const alone = await explain(amy, '@s3:evil.example')
  assert.deepEqual([alone.action, alone.support], ['annotate', 1])
  assert.deepEqual(alone.notes, ['north, copy repeat one another: they count as one voice.'])
  // With a feed that found it by itself, it takes two.
  const agreed = await explain(amy, '@s25:evil.example')
  assert.deepEqual([agreed.action, agreed.support], ['hide', 2])
  const records = agreed.records as JsonObject[]
  const bad = records.reduce((sum, record) => sum + Number(record.bad), 0)
  assert.ok(Math.abs((bad + 0.2) / (bad + 2) - Number(agreed.bad)) < 1e-9)
})

test('feeds that see the same wave, now one first and now the other, are two voices', async () => {
  const ben = await server.register('ben')
  const [left, right] = [fakes.open('left'), fakes.open('right')]
  const sources: number[] = []
  for (const name of ['left', 'right']) {
    sources.push(Number((await ben.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf(name) })).source))
  }
  for (let wave = 0; wave < 4; wave++) {
    const [first, second] = wave % 2 === 0 ? [left, right] : [right, left]
    for (const feed of [first, second]) {
      fakes.say(feed, server.clock.nowMs(), usersOf(100 + wave * 10, 110 + wave * 10))
      server.clock.turn(2_000)
      for (const source of sources) await ben.ok('POST', `${base}/subscriptions/${source}/look`)
    }
  }
  const subscriptions = sources.map((source) => ({ source, trust: { '*': 'good' }, mode: 'blend' }))
  await ben.ok('PUT', `${base}/lenses/default`, { subscriptions })
  await ben.ok('PUT', `${base}/lens`, { name: 'default' })
  const told = await explain(ben, '@s105:evil.example')
  assert.deepEqual([told.action, told.support, told.notes], ['hide', 2, undefined])
})

test('a feed that contradicts all others in what is no matter of taste is believed less', async () => {
  const cat = await server.register('cat')
  const praised = usersOf(200, 240).map((opinion) => ({ ...opinion, opinion: 100 }))
  await listen(cat, {
    one: usersOf(200, 232),
    two: usersOf(205, 240),
    three: [...usersOf(202, 214), ...usersOf(222, 240)],
    liar: [...praised, ...usersOf(300, 340)],
  })
  const told = await explain(cat, '@s210:evil.example')
  const ofLiar = (told.records as JsonObject[]).find(({ name }) => name === 'liar')!
  assert.equal(ofLiar.calibration, 0.05)
  assert.deepEqual(told.notes, ['liar often says otherwise than your other feeds: its word counts 5 %.'])
  assert.equal(told.action, 'refuse')
  assert.equal((await explain(cat, '@s310:evil.example')).action, 'none')
  // Of taste and viewpoints nobody is told who is right.
  const asked = { kind: 'user', entity: '@s210:evil.example', context: 'x.politics' }
  assert.deepEqual((await cat.ok('POST', `${base}/explain`, asked)).records, [])
  const { sources } = await sourcesOf(cat)
  const subscriptions = sources.slice(3).map((source) => ({ source, trust: { '*': 'good' }, mode: 'blend' }))
  await cat.ok('PUT', `${base}/lenses/default`, { subscriptions })
  server.clock.turn(reputationLimits.weightsMs)
  // Whom nobody contradicts is believed.
  assert.equal((await explain(cat, '@s310:evil.example')).action, 'annotate')
})

async function sourcesOf(user: TestUser) {
  const { subscriptions } = await user.ok('GET', `${base}/subscriptions`)
  return { sources: (subscriptions as { source: number }[]).map(({ source }) => source) }
}
