/** Feeds of users: what they say, take back, have forgotten, and who may have them. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { feedLimits } from '@parallax/reputation'
import { reputationLimits } from '../../../src/reputation/limits.ts'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

let server: InProcess
before(async () => {
  server = await startInProcess({}, 'reputation: { publishing: users }\n')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const feeds = '/_parallax/reputation/v1/feeds'
const description = {
  name: 'Spam watch',
  class: 'human',
  contexts: [{ context: 'm.spam', meaning: 'Unasked advertising' }],
}
const spammer = { kind: 'user', entity: '@spammer:Evil.example', context: 'm.spam', opinion: -80 }

async function createFeed(user: TestUser, audience = 'me'): Promise<string> {
  return `${feeds}/${(await user.ok('POST', feeds, { audience, description })).feed}`
}

async function held(user: TestUser, path: string): Promise<unknown[]> {
  const { opinions } = (await user.ok('GET', `${path}/opinions`)) as { opinions: Record<string, unknown>[] }
  return opinions.map(({ kind, entity, pattern, opinion }) => [kind, entity ?? pattern, opinion])
}

test('opinions are said, replaced and taken back, and survive a restart', async () => {
  const amy = await server.register('amy')
  const path = await createFeed(amy)
  const said = await amy.ok('POST', `${path}/opinions`, { opinions: [spammer] })
  assert.equal(said.seq, 1)
  await amy.ok('POST', `${path}/opinions`, { opinions: [{ ...spammer, opinion: -100 }] })
  assert.deepEqual(await held(amy, path), [['user', '@spammer:evil.example', -100]])
  await server.restart()
  const { feeds: own } = (await amy.ok('GET', feeds)) as { feeds: Record<string, unknown>[] }
  assert.deepEqual([own[0]!.seq, own[0]!.opinions, own[0]!.patterns, own[0]!.audience], [2, 1, 0, 'me'])
  assert.equal((await amy.ok('POST', `${path}/end`, { ids: said.ids })).seq, 3)
  assert.deepEqual(await held(amy, path), [])
  assert.equal(refusalOf(await amy.call('POST', `${path}/end`, { ids: said.ids })), '404 M_NOT_FOUND')
})

test('what is said again at once is said one after another', async () => {
  const bea = await server.register('bea')
  const path = await createFeed(bea)
  const many = Array.from({ length: 8 }, (_, n) => ({ ...spammer, entity: `@s${n}:evil.example` }))
  const said = await Promise.all(many.map((one) => bea.ok('POST', `${path}/opinions`, { opinions: [one] })))
  assert.deepEqual(said.map(({ seq }) => seq).toSorted(), [1, 2, 3, 4, 5, 6, 7, 8])
  assert.equal((await held(bea, path)).length, 8)
})

test('a feed goes back to what it was, by saying it again', async () => {
  const cal = await server.register('cal')
  const path = await createFeed(cal)
  const other = { kind: 'server', pattern: '*.evil.example', context: 'm.spam', opinion: -60 }
  await cal.ok('POST', `${path}/opinions`, { opinions: [spammer] })
  await cal.ok('POST', `${path}/opinions`, { opinions: [{ ...spammer, opinion: 100 }, other] })
  assert.equal((await held(cal, path)).length, 2)
  assert.equal((await cal.ok('POST', `${path}/roll-back`, { seq: 1 })).seq, 3)
  assert.deepEqual(await held(cal, path), [['user', '@spammer:evil.example', -80]])
  assert.equal((await cal.ok('POST', `${path}/roll-back`, { seq: 2 })).seq, 4)
  assert.equal((await held(cal, path)).length, 2)
  await cal.ok('POST', `${path}/roll-back`, { seq: 0 })
  assert.deepEqual(await held(cal, path), [])
  assert.equal(refusalOf(await cal.call('POST', `${path}/roll-back`, { seq: 5 })), '400 M_INVALID_PARAM')
})

test('what is forgotten is in no batch, and does not come back', async () => {
  const dee = await server.register('dee')
  const path = await createFeed(dee, 'public')
  const { ids } = await dee.ok('POST', `${path}/opinions`, { opinions: [spammer] })
  await dee.ok('POST', `${path}/opinions`, { opinions: [{ ...spammer, opinion: -100 }] })
  await dee.ok('POST', `${path}/end`, { ids, forget: true })
  const changes = await dee.ok('GET', `/_matrix/reputation/v1/feeds/${path.split('/').at(-1)}/changes?since=0`)
  assert.ok(!JSON.stringify(changes).includes('spammer'))
  await dee.ok('POST', `${path}/roll-back`, { seq: 2 })
  assert.deepEqual(await held(dee, path), [])
  assert.equal(refusalOf(await dee.call('POST', `${path}/end`, { ids, forget: true })), '404 M_NOT_FOUND')
})

test('what no feed may say is refused, and nothing of its request is said', async () => {
  const eva = await server.register('eva')
  const path = await createFeed(eva)
  const wrong: [object, string][] = [
    [{ context: 'm.child_safety.csam' }, '400 M_INVALID_PARAM'],
    [{ context: 'Spam!' }, '400 M_INVALID_PARAM'],
    [{ entity: '@nobody' }, '400 M_INVALID_PARAM'],
    [{ entity: '@a\u0000:b.example' }, '400 M_INVALID_PARAM'],
    [{ kind: 'constructor' }, '400 M_INVALID_PARAM'],
    [{ entity: undefined }, '400 M_INVALID_PARAM'],
    [{ entity: undefined, pattern: '*:*' }, '400 M_INVALID_PARAM'],
    [{ entity: undefined, pattern: '*\u0000evil' }, '400 M_INVALID_PARAM'],
    [{ opinion: -101 }, '400 M_BAD_JSON'],
    [{ expires: 1 }, '400 M_INVALID_PARAM'],
    [{ reason_code: 'No reason' }, '400 M_INVALID_PARAM'],
  ]
  for (const [change, refusal] of wrong) {
    const answer = await eva.call('POST', `${path}/opinions`, { opinions: [spammer, { ...spammer, ...change }] })
    assert.equal(refusalOf(answer), refusal, JSON.stringify(change))
  }
  const many = Array(reputationLimits.opinionsMax + 1).fill(spammer)
  assert.equal(refusalOf(await eva.call('POST', `${path}/opinions`, { opinions: many })), '400 M_BAD_JSON')
  assert.deepEqual(await held(eva, path), [])
})

test('a feed takes as many opinions and patterns as it may, and what ends always', async () => {
  const fay = await server.register('fay')
  const path = await createFeed(fay)
  const { opinionsMax } = reputationLimits
  const patternOf = (n: number) => ({ kind: 'server', pattern: `*.evil${n}.example`, context: 'm.spam', opinion: -60 })
  for (let from = 0; from < feedLimits.patternsMax; from += opinionsMax) {
    const opinions = Array.from({ length: opinionsMax }, (_, n) => patternOf(from + n))
    await fay.ok('POST', `${path}/opinions`, { opinions })
  }
  const more = await fay.call('POST', `${path}/opinions`, { opinions: [patternOf(feedLimits.patternsMax)] })
  assert.equal(refusalOf(more), '403 M_RESOURCE_LIMIT_EXCEEDED')
  const { ids } = (await fay.ok('POST', `${path}/opinions`, { opinions: [patternOf(0)] })) as { ids: string[] }
  await fay.ok('POST', `${path}/end`, { ids })
  await fay.ok('POST', `${path}/opinions`, { opinions: [patternOf(feedLimits.patternsMax)] })
})

test('a user has so many feeds and no more; a new description counts as a revision', async () => {
  const gil = await server.register('gil')
  const path = await createFeed(gil, 'public')
  for (let n = 1; n < reputationLimits.feedsPerUserMax; n++) await createFeed(gil)
  const more = await gil.call('POST', feeds, { audience: 'me', description })
  assert.equal(refusalOf(more), '403 M_RESOURCE_LIMIT_EXCEEDED')
  await gil.ok('PUT', path, { ...description, name: 'Spam and scams' })
  const manifest = await gil.ok('GET', `/_matrix/reputation/v1/feeds/${path.split('/').at(-1)}/manifest`)
  assert.deepEqual([manifest.name, manifest.revision], ['Spam and scams', 2])
  const severe = { ...description, contexts: [{ context: 'm.child_safety.csam', meaning: 'x' }] }
  assert.equal(refusalOf(await gil.call('PUT', path, severe)), '400 M_INVALID_PARAM')
  await gil.ok('DELETE', path)
  assert.equal(refusalOf(await gil.call('GET', `${path}/opinions`)), '404 M_NOT_FOUND')
})

test('feeds of others are not there, and go with their owner', async () => {
  const [han, ida] = [await server.register('han'), await server.register('ida')]
  const path = await createFeed(han, 'public')
  await han.ok('POST', `${path}/opinions`, { opinions: [spammer] })
  const requests: [string, string, object?][] = [
    ['GET', `${path}/opinions`],
    ['POST', `${path}/opinions`, { opinions: [spammer] }],
    ['POST', `${path}/end`, { ids: ['x'] }],
    ['POST', `${path}/roll-back`, { seq: 0 }],
    ['PUT', path, description],
    ['DELETE', path],
  ]
  for (const request of requests) assert.equal(refusalOf(await ida.call(...request)), '404 M_NOT_FOUND')
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: han.userId }, password: han.password }
  const { body } = await han.call('POST', 'account/deactivate', {})
  await han.ok('POST', 'account/deactivate', { auth: { ...auth, session: body.session } })
  const gone = await ida.call('GET', `/_matrix/reputation/v1/feeds/${path.split('/').at(-1)}/manifest`)
  assert.equal(refusalOf(gone), '404 M_NOT_FOUND')
})

test('only admins publish unless the config says otherwise', async () => {
  const strict = await startInProcess()
  try {
    const jo = await strict.register('jo')
    assert.equal(refusalOf(await jo.call('POST', feeds, { audience: 'public', description })), '403 M_FORBIDDEN')
    await jo.ok('POST', feeds, { audience: 'me', description })
  } finally {
    await strict.close()
  }
})
