/** Lenses: several for each user, swapped at once, tried out for a while, and what one shows explained. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { hashOrigin, parseEntity } from '@parallax/reputation'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import { type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
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

const empty = { subscriptions: [] }

async function follow(user: TestUser, name: string): Promise<number> {
  return Number((await user.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf(name) })).source)
}

const trusting = (sources: readonly number[], more: object = {}) => ({
  subscriptions: sources.map((source) => ({ source, trust: { '*': 'strong' }, mode: 'blend', ...more })),
})
const asked = { kind: 'user', entity: '@s:evil.example', context: 'm.spam' }
const chosenOf = async (user: TestUser) => (await user.ok('GET', `${base}/lenses`)).chosen

test('a user has several lenses, chooses one and is back where they were when trying one is over', async () => {
  const amy = await server.register('amy')
  assert.deepEqual(await amy.ok('GET', `${base}/lenses`), { lenses: {}, chosen: null })
  await amy.ok('PUT', `${base}/lenses/strict`, { ...empty, action_max: 'hide' })
  await amy.ok('PUT', `${base}/lenses/friends`, empty)
  await amy.ok('PUT', `${base}/lens`, { name: 'friends' })
  await amy.ok('PUT', `${base}/lens`, { name: 'strict', for_ms: 600_000 })
  assert.equal(await chosenOf(amy), 'strict')
  await amy.ok('PUT', `${base}/lens`, { name: null, for_ms: 600_000 })
  server.clock.turn(500_000)
  assert.equal(await chosenOf(amy), null)
  server.clock.turn(100_000)
  assert.equal(await chosenOf(amy), 'friends')
  await amy.ok('DELETE', `${base}/lenses/friends`)
  assert.equal(await chosenOf(amy), null)
  assert.equal(refusalOf(await amy.call('DELETE', `${base}/lenses/friends`)), '404 M_NOT_FOUND')
  assert.equal(refusalOf(await amy.call('PUT', `${base}/lens`, { name: 'friends' })), '404 M_NOT_FOUND')
})

test('lenses that say what none can are refused, and one more than there may be', async () => {
  const ben = await server.register('ben')
  fakes.open('checked')
  const source = await follow(ben, 'checked')
  const wrong: readonly [object, string][] = [
    [trusting([source + 1]), '400 M_INVALID_PARAM'],
    [trusting([source, source]), '400 M_INVALID_PARAM'],
    [trusting([source], { trust: { 'Not A Context': 'good' } }), '400 M_INVALID_PARAM'],
    [trusting([source], { trust: { '*': 'utter' } }), '400 M_BAD_JSON'],
    [trusting([source], { mode: 'obey' }), '400 M_BAD_JSON'],
    [{ ...empty, rules: [{ kind: 'user', entity: 'nobody', value: 'block' }] }, '400 M_INVALID_PARAM'],
    [{ ...empty, action_max: 'delete' }, '400 M_BAD_JSON'],
  ]
  for (const [lens, refusal] of wrong) {
    const answer = await ben.call('PUT', `${base}/lenses/wrong`, lens)
    assert.equal(refusalOf(answer), refusal, JSON.stringify([lens, answer.body]))
  }
  const { lensesPerUserMax } = reputationLimits
  for (let number = 0; number < lensesPerUserMax; number++) await ben.ok('PUT', `${base}/lenses/l${number}`, empty)
  await ben.ok('PUT', `${base}/lenses/l0`, trusting([source]))
  assert.equal(refusalOf(await ben.call('PUT', `${base}/lenses/one-more`, empty)), '403 M_RESOURCE_LIMIT_EXCEEDED')
})

test('a blend of feeds and what it was made of count once, and nobody is silenced by a claim', async () => {
  const eva = await server.register('eva')
  const [source, blend, liar] = [fakes.open('plain-source'), fakes.open('its-blend'), fakes.open('liar')]
  const hash = hashOrigin(parseEntity('user', asked.entity), source.key.publicKey)
  const nowMs = server.clock.nowMs()
  fakes.say(source, nowMs, [{ entity: asked.entity }])
  fakes.say(blend, nowMs, [{ entity: asked.entity, confidence: 60, origins: [`~${hash}`], hops: 1 }])
  fakes.say(liar, nowMs, [{ entity: asked.entity, opinion: 100, origins: [source.key.publicKey] }])
  const [first, second, third] = [
    await follow(eva, 'plain-source'),
    await follow(eva, 'its-blend'),
    await follow(eva, 'liar'),
  ]
  const explain = async (sources: readonly number[]) => {
    await eva.ok('PUT', `${base}/lenses/default`, trusting(sources))
    return eva.ok('POST', `${base}/explain`, { ...asked, lens: 'default' })
  }
  // What was said fades while the test runs.
  const isNear = (one: unknown, other: unknown) => Math.abs(Number(one) - Number(other)) < 1e-4
  const [alone, both] = [await explain([first]), await explain([first, second])]
  assert.ok(both.support === 1 && isNear(both.bad, alone.bad))
  assert.equal((await explain([second])).support, 1)
  const all = await explain([first, third])
  assert.ok(all.support === 1 && isNear(all.bad, alone.bad))
  const records = all.records as JsonObject[]
  assert.equal(records.filter(({ deduped_by: by }) => by !== undefined).length, 1)
})

test('what a lens shows is explained with the feeds that said it, and the records add up', async () => {
  const cat = await server.register('cat')
  for (const name of ['north', 'south']) {
    fakes.say(fakes.open(name), server.clock.nowMs(), [{ entity: '@s:evil.example' }])
  }
  const sources = [await follow(cat, 'north'), await follow(cat, 'south')]
  assert.equal((await cat.ok('POST', `${base}/explain`, asked)).action, 'none')
  await cat.ok('PUT', `${base}/lenses/default`, trusting(sources))
  await cat.ok('PUT', `${base}/lens`, { name: 'default' })
  const told = await cat.ok('POST', `${base}/explain`, asked)
  assert.deepEqual([told.action, told.support], ['hide', 2])
  assert.match(String((told.sentences as string[])[0]), /^(north and south|south and north) call this m\.spam\.$/)
  const bad = (told.records as JsonObject[]).reduce((sum, record) => sum + Number(record.bad), 0)
  assert.ok(Math.abs((bad + 0.2) / (bad + 2) - Number(told.bad)) < 1e-9)
  await cat.ok('PUT', `${base}/lenses/own`, {
    ...trusting(sources),
    rules: [{ kind: 'user', entity: '@s:evil.example', value: 'allow' }],
  })
  const own = await cat.ok('POST', `${base}/explain`, { ...asked, lens: 'own' })
  assert.deepEqual([own.action, own.sentences], ['none', ['Your own rule decides this.']])
  await cat.ok('DELETE', `${base}/subscriptions/${sources[0]}`)
  assert.equal((await cat.ok('POST', `${base}/explain`, asked)).action, 'blur')
})

test('reputation rule 9: users learn which followed feeds speak of them, and nobody else does', async () => {
  const [ida, jon] = [await server.register('ida'), await server.register('jon')]
  const feed = fakes.open('gossip')
  feed.manifest = { ...feed.manifest, contact: 'https://gossip.example/dispute' }
  fakes.say(feed, server.clock.nowMs(), [{ entity: jon.userId }])
  await follow(ida, 'gossip')
  const expected = { address: fakes.addressOf('gossip'), name: 'gossip', contact: 'https://gossip.example/dispute' }
  assert.deepEqual(await jon.ok('GET', `${base}/about-me`), { feeds: [expected] })
  assert.deepEqual(await ida.ok('GET', `${base}/about-me`), { feeds: [] })
})

test('reputation rule 5: of a severe context nothing but the action is told', async () => {
  const kim = await server.register('kim')
  const feed = fakes.open('sealed')
  const contexts = [{ context: 'severe', meaning: 'x' }]
  feed.manifest = { ...feed.manifest, tier: 'T1', epoch: 1, contexts }
  fakes.seal(feed, server.clock.nowMs(), '@s:evil.example')
  const source = await follow(kim, 'sealed')
  await kim.ok('PUT', `${base}/lenses/default`, trusting([source], { mode: 'enforce' }))
  await kim.ok('PUT', `${base}/lens`, { name: 'default' })
  const id = Buffer.from('user\0@s:evil.example').toString('base64url')
  const told = await kim.ok('GET', `${base}/explanations/${id}`)
  const sentences = ['A safety rule applies here.']
  assert.deepEqual(told, { kind: 'user', entity: '@s:evil.example', action: 'refuse', sentences })
})

test('reputation rule 6: an explanation names feeds, and nobody who follows them', async () => {
  const [dan, eve] = [await server.register('dan'), await server.register('eve')]
  fakes.say(fakes.open('watched'), server.clock.nowMs(), [{ entity: '@s:evil.example' }])
  const source = await follow(dan, 'watched')
  await follow(eve, 'watched')
  await dan.ok('PUT', `${base}/lenses/default`, trusting([source]))
  const told = JSON.stringify(await dan.ok('POST', `${base}/explain`, { ...asked, lens: 'default' }))
  assert.ok(told.includes('watched') && !told.includes('eve'))
})
