/** What somebody could send to wear the server down: each is bounded, and others hardly notice. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

/** Generous: a slow machine that does other work too. */
const soonMs = 15_000

describe('hostile loads', () => {
  let server: InProcess
  let ann: TestUser
  let pest: TestUser
  let room: string

  before(async () => {
    server = await startInProcess()
    ann = await server.register('ann')
    pest = await server.register('pest')
    const { room_id: roomId } = await ann.ok('POST', 'createRoom', { preset: 'public_chat' })
    room = `rooms/${encodeURIComponent(String(roomId))}`
    await pest.ok('POST', `${room}/join`)
  })
  after(() => server.close())

  let count = 0
  const say = (user: TestUser, body: string) => user.ok('PUT', `${room}/send/m.room.message/t${++count}`, { body })
  const inTime = async <T>(work: () => Promise<T>): Promise<T> => {
    const startMs = performance.now()
    const answer = await work()
    assert.ok(performance.now() - startMs < soonMs, `took ${performance.now() - startMs} ms`)
    return answer
  }
  /** Many at once, a few at a time. */
  async function inGroups<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
    for (let at = 0; at < items.length; at += 50) await Promise.all(items.slice(at, at + 50).map(task))
  }

  it('of 10,000 push rules so many are taken as one event can be held against', async () => {
    const refusals = new Map<string, number>()
    const ids = Array.from({ length: 10_000 }, (_, index) => `r${index}`)
    const bomb = `${'*a'.repeat(14)}*b`
    const content = JSON.stringify({ pattern: bomb, actions: ['notify'] })
    const { users } = server.program.components
    const account = await users.findAccount(pest.userId as never)
    // By HTTP only the first and the last: what lies between them is the same.
    await pest.ok('PUT', 'pushrules/global/content/first', content)
    await inGroups(ids, async (id) => {
      try {
        await users.putPushRule(account!.user, 'content', id, JSON.parse(content), {})
      } catch (error) {
        const { errcode } = error as AnyJson
        refusals.set(errcode, (refusals.get(errcode) ?? 0) + 1)
      }
    })
    assert.equal(
      [...refusals.values()].reduce((sum, one) => sum + one, 0),
      10_000 - 255,
    )
    const refused = await pest.call('PUT', 'pushrules/global/content/last', content)
    assert.equal(refused.status, 400)
    assert.ok(refusals.has(String(refused.body.errcode)))
    await pest.ok('GET', 'notifications')
    await inTime(async () => {
      await say(ann, 'a'.repeat(60_000))
      const sync = (await pest.ok('GET', 'sync')) as AnyJson
      assert.equal(Object.keys(sync.rooms.join).length, 1)
      await pest.ok('GET', 'notifications')
      await ann.ok('GET', 'sync')
    })
  })

  it('patterns that regular expressions would choke on take as long as others', async () => {
    const patterns = [`${'*?'.repeat(200)}b`, `${'a*'.repeat(250)}`, '(a+)+$', '[a-z]*'.repeat(60), '\\'.repeat(500)]
    const conditions = patterns.map((pattern) => ({ kind: 'event_match', key: 'content.body', pattern }))
    for (const [index, condition] of conditions.entries()) {
      await ann.ok('PUT', `pushrules/global/underride/bomb${index}`, { conditions: [condition], actions: ['notify'] })
    }
    await ann.ok('GET', 'notifications')
    await inTime(async () => {
      await say(pest, `${'a'.repeat(60_000)}!`)
      await ann.ok('GET', 'notifications')
      const acl = { allow: ['*a'.repeat(5_000)], deny: ['*?'.repeat(5_000)] }
      await ann.ok('PUT', `${room}/state/m.room.server_acl`, { ...acl, allow: [...acl.allow, '*'] })
    })
  })

  it('account data with a million entries is refused, and so is the one type too many', async () => {
    const at = (type: string) => `user/${encodeURIComponent(pest.userId)}/account_data/${type}`
    const million = `{${Array.from({ length: 1_000_000 }, (_, index) => `"${index}":0`).join(',')}}`
    await inTime(async () => {
      assert.equal(refusalOf(await pest.call('PUT', at('org.example.many'), million)), '413 M_TOO_LARGE')
      const ignored = Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`@u${index}:example.org`, {}]))
      const list = { ignored_users: ignored }
      assert.equal(refusalOf(await pest.call('PUT', at('m.ignored_user_list'), list)), '413 M_TOO_LARGE')
      await ann.ok('GET', 'account/whoami')
    })
    const few = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`@u${index}:x`, {}]))
    await pest.ok('PUT', at('m.ignored_user_list'), { ignored_users: few })
    await inTime(() => pest.ok('GET', 'sync'))
    const { users } = server.program.components
    const account = await users.findAccount(pest.userId as never)
    const types = Array.from({ length: 2_000 }, (_, index) => `org.example.t${index}`)
    let taken = 0
    await inGroups(types, async (type) => {
      await users.putAccountData(account!.user, null, type, {}).then(
        () => taken++,
        () => {},
      )
    })
    assert.equal(taken, 1_999)
    assert.equal(refusalOf(await pest.call('PUT', at('org.example.last'), {})), '413 M_TOO_LARGE')
    await pest.ok('PUT', at('org.example.t1'), { changed: true })
  })

  it('packed bodies are not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, '{"a":'))
    const answer = await inTime(() =>
      fetch(`${server.baseUrl}/_matrix/client/v3/createRoom`, {
        method: 'POST',
        headers: { authorization: `Bearer ${pest.token}`, 'content-encoding': 'gzip' },
        body: bomb,
      }),
    )
    assert.equal(answer.status, 400)
    assert.equal(((await answer.json()) as AnyJson).errcode, 'M_NOT_JSON')
  })

  it('bodies that never end are cut off at their limit', async () => {
    const { port } = new URL(server.baseUrl)
    const headers = { authorization: `Bearer ${pest.token}`, 'transfer-encoding': 'chunked' }
    const endless = request({ host: '127.0.0.1', port, method: 'POST', path: '/_matrix/client/v3/createRoom', headers })
    endless.on('error', () => {})
    let sent = 0
    const more = () => {
      while (!endless.destroyed && endless.write(' '.repeat(65_536))) sent += 65_536
      if (sent < 200_000_000 && !endless.destroyed) endless.once('drain', more)
    }
    more()
    const [reply] = await once(endless, 'response')
    assert.equal(reply.statusCode, 413)
    endless.destroy()
    assert.ok(sent < 50_000_000, `${sent} bytes were taken`)
    await waitFor('others', async () => ((await ann.call('GET', 'account/whoami')).status === 200 ? true : undefined))
  })
})
