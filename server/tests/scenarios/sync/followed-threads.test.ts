/** Threads that users follow or leave: by themselves or by their clients, told by sliding sync and in pages. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type InProcess, refusalOf, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'

// biome-ignore lint/suspicious/noExplicitAny: replies are looked into
type AnyJson = any

let server: InProcess
let amy: TestUser
let bob: TestUser
let roomId: string
let count = 0
before(async () => {
  server = await startInProcess()
  amy = await server.register('amy')
  bob = await server.register('bob')
  roomId = String((await amy.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await bob.ok('POST', `join/${roomId}`)
})
after(async () => {
  await server.close()
  await endTestStores()
})

const encode = encodeURIComponent
const say = async (root?: string): Promise<string> => {
  const relation = root === undefined ? {} : { 'm.relates_to': { rel_type: 'm.thread', event_id: root } }
  const path = `rooms/${encode(roomId)}/send/m.room.message/t${++count}`
  return String((await bob.ok('PUT', path, { body: 'hello', ...relation })).event_id)
}
const at = (root: string) =>
  `/_matrix/client/unstable/io.element.msc4306/rooms/${encode(roomId)}/thread/${encode(root)}/subscription`
const pages = '/_matrix/client/unstable/io.element.msc4308/thread_subscriptions'
const name = 'io.element.msc4308.thread_subscriptions'
const ask = async (body: object): Promise<AnyJson> =>
  amy.ok('POST', '/_matrix/client/v4/sync', { extensions: { [name]: { enabled: true, limit: 2 } }, ...body })

test('a thread is followed until it is left; what a client does by itself never overrules the user', async () => {
  const root = await say()
  const reply = await say(root)
  assert.equal(refusalOf(await amy.call('GET', at(root))), '404 M_NOT_FOUND')
  await amy.ok('PUT', at(root), { automatic: reply })
  assert.deepEqual(await amy.ok('GET', at(root)), { automatic: true })
  await amy.ok('PUT', at(root), {})
  assert.deepEqual(await amy.ok('GET', at(root)), { automatic: false })
  await amy.ok('PUT', at(root), { automatic: reply })
  assert.deepEqual(await amy.ok('GET', at(root)), { automatic: false })
  await amy.ok('DELETE', at(root))
  assert.equal(refusalOf(await amy.call('GET', at(root))), '404 M_NOT_FOUND')
  const conflict = '409 IO.ELEMENT.MSC4306.M_CONFLICTING_UNSUBSCRIPTION'
  assert.equal(refusalOf(await amy.call('PUT', at(root), { automatic: reply })), conflict)
  await amy.ok('PUT', at(root), { automatic: await say(root) })
  assert.deepEqual(await amy.ok('GET', at(root)), { automatic: true })
  assert.equal(refusalOf(await bob.call('GET', at(root))), '404 M_NOT_FOUND')
})

test('what is not in the thread, or not to be seen, is refused', async () => {
  const root = await say()
  const outside = '400 IO.ELEMENT.MSC4306.M_NOT_IN_THREAD'
  assert.equal(refusalOf(await amy.call('PUT', at(root), { automatic: await say() })), outside)
  assert.equal(refusalOf(await amy.call('PUT', at(root), { automatic: '$unknown' })), '404 M_NOT_FOUND')
  assert.equal(refusalOf(await amy.call('PUT', at(root), { automatic: 7 })), '400 M_BAD_JSON')
  assert.equal(refusalOf(await amy.call('PUT', at('$unknown'), {})), '404 M_NOT_FOUND')
  const stranger = await server.register('stranger')
  for (const method of ['GET', 'PUT', 'DELETE']) {
    assert.equal(refusalOf(await stranger.call(method, at(root), {})), '404 M_NOT_FOUND', method)
  }
})

test('sliding sync tells what changed, newest first, and where to go on; pages tell the rest', async () => {
  const roots = [await say(), await say(), await say()]
  const before = await ask({ conn_id: 'threads' })
  const waiting = ask({ conn_id: 'threads', pos: before.pos, timeout: 20_000 })
  await amy.ok('PUT', at(roots[0]!), {})
  const first = (await waiting) as AnyJson
  const told = first.extensions[name].subscribed[roomId][roots[0]!]
  assert.equal(told.automatic, false)
  assert.equal(first.extensions[name].prev_batch, undefined)
  await amy.ok('PUT', at(roots[1]!), { automatic: await say(roots[1]) })
  await amy.ok('PUT', at(roots[2]!), {})
  await amy.ok('DELETE', at(roots[0]!))
  const next = await ask({ conn_id: 'threads', pos: first.pos })
  const { subscribed, unsubscribed, prev_batch: from } = next.extensions[name]
  assert.deepEqual(Object.keys(subscribed[roomId]), [roots[2]])
  assert.ok(unsubscribed[roomId][roots[0]!].bump_stamp > told.bump_stamp)
  const rest = await amy.ok('GET', `${pages}?dir=b&from=${from}&to=${encode(first.pos)}`)
  assert.deepEqual(Object.keys((rest.subscribed as AnyJson)[roomId]), [roots[1]])
  assert.equal(rest.end, undefined)
  const quiet = await ask({ conn_id: 'threads', pos: next.pos })
  assert.equal(quiet.extensions[name], undefined)
  const found: string[] = []
  for (let page: AnyJson = await amy.ok('GET', `${pages}?dir=b&limit=1`); ; ) {
    const parts = [page.subscribed, page.unsubscribed].filter((part) => part !== undefined)
    found.push(...parts.flatMap((part) => Object.keys(part[roomId])))
    if (page.end === undefined) break
    page = await amy.ok('GET', `${pages}?dir=b&limit=1&from=${page.end}`)
  }
  assert.deepEqual(found.slice(0, 3), [roots[0], roots[2], roots[1]])
  assert.equal(new Set(found).size, found.length)
  const anew = await ask({ conn_id: 'other' })
  assert.deepEqual(Object.keys(anew.extensions[name].unsubscribed[roomId]), [roots[0]])
  for (const query of ['', '?dir=f', '?dir=b&from=x', '?dir=b&to=s1~x', '?dir=b&limit=0']) {
    assert.equal((await amy.call('GET', pages + query)).status, 400, query)
  }
})

test('neither /sync nor sliding sync without the extension say anything of it', async () => {
  const { next_batch: since } = await amy.ok('GET', 'sync')
  const first = await amy.ok('POST', '/_matrix/client/v4/sync', { conn_id: 'without' })
  const root = await say()
  await amy.ok('GET', `sync?since=${since}`)
  const { next_batch: later } = await amy.ok('GET', `sync?since=${since}`)
  await amy.ok('PUT', at(root), {})
  const reply = await amy.ok('GET', `sync?since=${later}`)
  assert.deepEqual(
    Object.keys(reply).filter((key) => !/device|next_batch/.test(key)),
    [],
  )
  const second = await amy.ok('POST', '/_matrix/client/v4/sync', { conn_id: 'without', pos: first.pos })
  assert.deepEqual(second.extensions, {})
})

test('what is followed outlives a restart, and ends with the account', async () => {
  const root = await say()
  await bob.ok('PUT', at(root), {})
  await server.restart()
  assert.deepEqual(await bob.ok('GET', at(root)), { automatic: false })
  const auth = { type: 'm.login.password', identifier: { type: 'm.id.user', user: bob.userId }, password: bob.password }
  await bob.ok('POST', 'account/deactivate', { auth })
  const rows = await server.program.components.store.reader.all<{ root: string }>`
    SELECT root FROM thread_subscription WHERE root = ${root}`
  assert.deepEqual(rows, [])
})
