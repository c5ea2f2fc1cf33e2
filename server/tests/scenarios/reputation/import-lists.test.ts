/** Block lists of other networks, said in a feed with one request. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

const base = '/_parallax/reputation/v1'
let server: InProcess

before(async () => {
  server = await startInProcess({}, 'reputation: { publishing: users }\n')
})
after(async () => {
  await server.close()
  await endTestStores()
})

const contexts = [{ context: 'm.tos', meaning: 'Against our rules' }]
const description = { name: 'Imported', class: 'human', contexts }

test('a list is said in as many batches as it needs, and again replaces what it said', async () => {
  const amy = await server.register('amy')
  const { feed } = await amy.ok('POST', `${base}/feeds`, { audience: 'public', description })
  const rows = Array.from({ length: 1_200 }, (_, at) => `s${at}.example,${at === 0 ? 'silence' : 'suspend'}`)
  const text = `#domain,#severity\n${rows.join('\n')}\nex*mple.org,suspend\n`
  const list = { format: 'mastodon-csv', context: 'm.tos', text }
  const done = await amy.ok('POST', `${base}/feeds/${feed}/import`, list)
  assert.deepEqual([done.seq, done.said, done.refused_count], [2, 1_200, 1])
  assert.deepEqual((done.refused as unknown as { line: number }[])[0]!.line, 1_202)
  await amy.ok('POST', `${base}/feeds/${feed}/import`, { ...list, text: 'domain\ns0.example\n' })
  const held = (await amy.ok('GET', `${base}/feeds/${feed}/opinions`)).opinions as unknown as Record<string, unknown>[]
  assert.equal(held.length, 1_200)
  assert.equal(held.find(({ entity }) => entity === 's0.example')!.opinion, -100)
})

test('what is no list, too long, or somebody else’s feed is refused, and nothing is said', async () => {
  const [ben, cat] = [await server.register('ben'), await server.register('cat')]
  const { feed } = await ben.ok('POST', `${base}/feeds`, { audience: 'public', description })
  const send = (user: typeof ben, format: string, text: string, context = 'm.tos') =>
    user.call('POST', `${base}/feeds/${feed}/import`, { format, context, text })
  assert.equal(refusalOf(await send(ben, 'hosts', '<html lang="en">')), '400 M_INVALID_PARAM')
  assert.equal(refusalOf(await send(ben, 'hosts', '# nothing')), '400 M_INVALID_PARAM')
  assert.equal(refusalOf(await send(ben, 'rpz', 'a.example CNAME .', 'severe')), '400 M_INVALID_PARAM')
  assert.equal(refusalOf(await send(ben, 'sql', 'a.example')), '400 M_BAD_JSON')
  assert.equal(refusalOf(await send(cat, 'hosts', 'a.example')), '404 M_NOT_FOUND')
  assert.deepEqual((await ben.ok('GET', `${base}/feeds/${feed}/opinions`)).opinions, [])
})
