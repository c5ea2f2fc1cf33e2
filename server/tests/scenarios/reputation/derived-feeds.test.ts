/** Feeds made of feeds, openly: a lens is published, and whoever follows it hears the feeds behind it, each once. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type FakeFeed, type FakeFeeds, startFakeFeeds } from '../../kit/fake-feeds.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

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

async function follow(user: TestUser, name: string): Promise<number> {
  return Number((await user.ok('POST', `${base}/subscriptions`, { address: fakes.addressOf(name) })).source)
}

const target = '@s:evil.example'

function openSaying(name: string, context = 'm.spam'): FakeFeed {
  const feed = fakes.open(name)
  fakes.say(feed, server.clock.nowMs(), [{ entity: target, context }])
  return feed
}

/** A feed without words of its own, derived from others. */
function openBlend(name: string, parents: readonly string[], feedOf = (parent: string) => parent): FakeFeed {
  const feed = fakes.open(name)
  const derived_from = parents.map((parent) => {
    return { feed: feedOf(parent), seq: 1, weight: 70, address: fakes.addressOf(parent) }
  })
  feed.manifest = { ...feed.manifest, derived_from }
  return feed
}

type Told = {
  action: string
  bad: number
  support: number
  records: { name: string; through?: string[]; good: number; bad: number; deduped_by?: number }[]
}

async function look(user: TestUser, sources: readonly number[], mode = 'blend', context = 'm.spam'): Promise<Told> {
  const subscriptions = sources.map((source) => ({ source, trust: { '*': 'strong' }, mode }))
  await user.ok('PUT', `${base}/lenses/mine`, { subscriptions })
  await user.ok('PUT', `${base}/lens`, { name: 'mine' })
  const asked = { kind: 'user', entity: target, context }
  return (await user.ok('POST', `${base}/explain`, asked)) as unknown as Told
}

const sumOf = ({ records }: Told) => records.reduce((sum, { bad }) => sum + bad, 0)
const through = ({ records }: Told) => records.flatMap((record) => (record.through === undefined ? [] : [record]))

/** Asks until as many voices come through others as are expected. */
function lookUntil(user: TestUser, sources: readonly number[], count: number): Promise<Told> {
  return waitFor(`${count} voices through others`, async () => {
    const told = await look(user, sources)
    return through(told).length === count ? told : undefined
  })
}

test('whoever follows a blend hears the feeds behind it, and each voice counts once on all its ways', async () => {
  const amy = await server.register('amy')
  openSaying('first')
  openSaying('second')
  openBlend('blend', ['first', 'second'])
  openBlend('rival', ['first'])
  const blend = await follow(amy, 'blend')
  const alone = await lookUntil(amy, [blend], 2)
  assert.ok(sumOf(alone) > 0)
  assert.equal(alone.support, 1, 'both voices come through one subscription')
  assert.deepEqual(
    through(alone)
      .map((record) => record.through)
      .sort(),
    [['first'], ['second']],
  )
  const [first, second, rival] = [await follow(amy, 'first'), await follow(amy, 'second'), await follow(amy, 'rival')]
  const parts = await look(amy, [first, second])
  const all = await lookUntil(amy, [first, second, blend, rival], 3)
  // A little time passed: what was said has faded a little.
  assert.ok(Math.abs(sumOf(all) - sumOf(parts)) < 1e-5)
  assert.equal(all.support, parts.support)
  assert.ok(through(all).every(({ good, bad, deduped_by }) => good + bad === 0 && deduped_by !== undefined))
})

test('what a feed behind a blend takes back is gone for the readers of the blend', async () => {
  const ben = await server.register('ben')
  const feed = fakes.open('fickle')
  const ids = fakes.say(feed, server.clock.nowMs(), [{ entity: target }])
  openBlend('over-fickle', ['fickle'])
  const blend = await follow(ben, 'over-fickle')
  await lookUntil(ben, [blend], 1)
  fakes.retract(feed, server.clock.nowMs(), ids)
  server.clock.turn(16 * 60_000)
  await waitFor('the retraction', async () => {
    server.clock.turn(60_000)
    return (await look(ben, [blend])).records.length === 0 || undefined
  })
})

test('circles end, and no way is longer than three feeds', async () => {
  const cat = await server.register('cat')
  openBlend('one', ['two'])
  openBlend('two', ['one', 'three'])
  openBlend('three', ['four'])
  openSaying('four')
  const loud = openSaying('loud')
  loud.manifest = { ...loud.manifest, derived_from: openBlend('x', ['two']).manifest.derived_from }
  const sources = [await follow(cat, 'one'), await follow(cat, 'two')]
  // From "two" it is two steps to "four", from "one" it would be three.
  const told = await lookUntil(cat, sources, 1)
  assert.deepEqual(through(told)[0]!.through, ['three', 'four'])
})

test('another feed at the address of a parent, and an address that is none, are not followed', async () => {
  const dan = await server.register('dan')
  openSaying('other')
  openBlend('lying', ['other'], () => 'somebody-else')
  const bad = fakes.open('inward')
  const derived_from = ['http://10.0.0.1/_matrix/reputation/v1/feeds/x', 'file:///etc/passwd'].map((address, at) => {
    return { feed: `p${at}`, seq: 1, weight: 70, address }
  })
  bad.manifest = { ...bad.manifest, derived_from }
  openSaying('good-parent')
  openBlend('honest', ['good-parent'])
  const sources = [await follow(dan, 'lying'), await follow(dan, 'inward'), await follow(dan, 'honest')]
  // They are looked at one after another: when the last one's parent is there, the others had their turn.
  const told = await lookUntil(dan, sources, 1)
  assert.deepEqual(through(told)[0]!.through, ['good-parent'])
})

test('an enforced blend acts on its own word only, and what is severe is not passed on', async () => {
  const eli = await server.register('eli')
  openSaying('accuser')
  openSaying('grave', 'severe')
  openBlend('binding', ['accuser', 'grave'])
  const source = await follow(eli, 'binding')
  await lookUntil(eli, [source], 1)
  const enforced = await look(eli, [source], 'enforce')
  assert.notEqual(enforced.action, 'refuse')
  assert.equal((await look(eli, [source], 'blend', 'severe')).action, 'none')
})

test('a user publishes a lens as a feed: public feeds with their weights, and nothing else of it', async () => {
  const [fay, gus] = [await server.register('fay'), await server.register('gus')]
  openSaying('shown')
  fakes.open('mute')
  openSaying('told-of')
  const [shown, mute, toldOf] = [await follow(fay, 'shown'), await follow(fay, 'mute'), await follow(fay, 'told-of')]
  const entryOf = (source: number, mode: string) => ({ source, trust: { '*': 'strong', 'x.nsfw': 'some' }, mode })
  const lens = {
    subscriptions: [entryOf(shown, 'blend'), entryOf(mute, 'blend'), entryOf(toldOf, 'notify')],
    rules: [{ kind: 'user', entity: '@ex:private.example', value: 'block' }],
  }
  await fay.ok('PUT', `${base}/lenses/mine`, lens)
  const description = { name: 'My view', class: 'human', contexts: [] }
  const { feed } = await fay.ok('POST', `${base}/feeds`, { audience: 'public', description })
  const answer = await fay.ok('PUT', `${base}/feeds/${feed}/lens`, { name: 'mine' })
  const expected = [{ feed: 'shown', seq: 1, weight: 50, address: fakes.addressOf('shown') }]
  assert.deepEqual(answer.derived_from, expected)
  await fay.ok('PUT', `${base}/feeds/${feed}`, { ...description, name: 'Renamed' })
  const manifest = await fay.ok('GET', `/_matrix/reputation/v1/feeds/${feed}/manifest`)
  assert.deepEqual([manifest.name, manifest.derived_from], ['Renamed', expected])
  assert.ok(!JSON.stringify(manifest).includes('private.example'))
  const wrong = [
    [fay, feed, 'nothing', '404 M_NOT_FOUND'],
    [gus, feed, 'mine', '404 M_NOT_FOUND'],
  ] as const
  for (const [user, name, chosen, refusal] of wrong) {
    assert.equal(refusalOf(await user.call('PUT', `${base}/feeds/${name}/lens`, { name: chosen })), refusal)
  }
  await fay.ok('PUT', `${base}/lenses/empty`, { subscriptions: [] })
  assert.equal(refusalOf(await fay.call('PUT', `${base}/feeds/${feed}/lens`, { name: 'empty' })), '400 M_INVALID_PARAM')
  assert.deepEqual((await fay.ok('PUT', `${base}/feeds/${feed}/lens`, { name: null })).derived_from, [])
})

test('what was followed only for a blend is gone with it, and stays while somebody follows it', async () => {
  const [hal, ivy] = [await server.register('hal'), await server.register('ivy')]
  openSaying('kept')
  openSaying('dropped')
  openBlend('passing', ['kept', 'dropped'])
  const blend = await follow(hal, 'passing')
  await lookUntil(hal, [blend], 2)
  const kept = await follow(ivy, 'kept')
  await hal.ok('DELETE', `${base}/subscriptions/${blend}`)
  const { listLinks } = await import('../../../src/reputation/parent-table.ts')
  const { findSourceAt } = await import('../../../src/reputation/source-table.ts')
  const { reader } = server.program.components.store
  await waitFor('the unused feed to be forgotten', async () => {
    return (await findSourceAt(reader, fakes.addressOf('dropped'))) === undefined || undefined
  })
  assert.equal(await findSourceAt(reader, fakes.addressOf('kept')), kept)
  assert.ok((await listLinks(reader)).every(({ source }) => source !== blend))
})
