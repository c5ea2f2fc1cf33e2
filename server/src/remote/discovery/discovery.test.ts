/** Where servers are found, step by step. */

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ServerName } from '@parallax/protocol'
import type { Clock } from '../../base/index.ts'
import type { OutgoingHttp, OutgoingRequest } from '../http/outgoing-http.ts'
import { RemoteError } from '../remote-error.ts'
import { createDiscovery } from './discovery.ts'
import { orderSrv } from './srv.ts'

type Reply = { readonly status?: number; readonly body: unknown; readonly headers?: Record<string, string> }
type World = { readonly documents?: Record<string, Reply>; readonly records?: Record<string, string[]> }

/** Records are `priority weight port name`. */
function world({ documents = {}, records = {} }: World) {
  const asked: string[] = []
  let nowMs = 1_000_000
  const clock: Clock = { nowMs: () => nowMs, schedule: () => () => {} }
  const http: OutgoingHttp = {
    async request({ url }: OutgoingRequest) {
      asked.push(url)
      const reply = documents[new URL(url).hostname]
      if (reply === undefined) throw new RemoteError('connect', 'nobody there')
      const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
      return { status: reply.status ?? 200, headers: reply.headers ?? {}, body: Buffer.from(body), url }
    },
    counts: () => ({ running: 0, waiting: 0 }),
    close: async () => {},
  }
  const resolveSrv = async (name: string) => {
    asked.push(name)
    return (records[name] ?? []).map((text) => {
      const [priority, weight, port, host] = text.split(' ')
      return { priority: Number(priority), weight: Number(weight), port: Number(port), name: host! }
    })
  }
  const discovery = createDiscovery({ http, clock, resolveSrv, random: () => 0.5 })
  const find = async (name: string) =>
    (await discovery.find(name as ServerName)).map(({ host, port, hostHeader }) => `${host}:${port} as ${hostHeader}`)
  const turn = (ms: number) => {
    nowMs += ms
  }
  return { find, asked, turn }
}

const delegates = (server: unknown, headers = {}) => ({ body: { 'm.server': server }, headers })

describe('a server is found', () => {
  it('1: at an address that it is named by', async () => {
    const { find, asked } = world({})
    assert.deepEqual(await find('1.2.3.4'), ['1.2.3.4:8448 as 1.2.3.4'])
    assert.deepEqual(await find('1.2.3.4:80'), ['1.2.3.4:80 as 1.2.3.4:80'])
    assert.deepEqual(await find('[2a00::1]'), ['[2a00::1]:8448 as [2a00::1]'])
    assert.deepEqual(await find('[2a00::1]:99'), ['[2a00::1]:99 as [2a00::1]:99'])
    assert.deepEqual(asked, [])
  })

  it('2: at the port that its name has', async () => {
    const { find, asked } = world({ documents: { 'a.example': delegates('b.example') } })
    assert.deepEqual(await find('a.example:443'), ['a.example:443 as a.example:443'])
    assert.deepEqual(asked, [])
  })

  it('3.1 and 3.2: at an address or port that its document names', async () => {
    const documents = { 'a.example': delegates('1.2.3.4'), 'b.example': delegates('c.example:1234') }
    const { find } = world({ documents })
    assert.deepEqual(await find('a.example'), ['1.2.3.4:8448 as 1.2.3.4'])
    assert.deepEqual(await find('b.example'), ['c.example:1234 as c.example:1234'])
  })

  it('3.3 to 3.5: by SRV of the name in the document, the old SRV, port 8448', async () => {
    const documents = { 'a.example': delegates('b.example') }
    const now = { '_matrix-fed._tcp.b.example': ['10 0 1000 one.example', '5 0 2000 two.example'] }
    const old = { '_matrix._tcp.b.example': ['10 0 3000 old.example'] }
    assert.deepEqual(await world({ documents, records: { ...now, ...old } }).find('a.example'), [
      'two.example:2000 as b.example',
      'one.example:1000 as b.example',
    ])
    assert.deepEqual(await world({ documents, records: old }).find('a.example'), ['old.example:3000 as b.example'])
    assert.deepEqual(await world({ documents }).find('a.example'), ['b.example:8448 as b.example'])
  })

  it('4 to 6: without a document, by SRV of its own name, the old SRV, port 8448', async () => {
    const { find, asked } = world({ records: { '_matrix._tcp.a.example': ['1 1 3000 old.example'] } })
    assert.deepEqual(await find('a.example'), ['old.example:3000 as a.example'])
    assert.deepEqual(await find('b.example'), ['b.example:8448 as b.example'])
    assert.deepEqual(asked.slice(0, 3), [
      'https://a.example/.well-known/matrix/server',
      '_matrix-fed._tcp.a.example',
      '_matrix._tcp.a.example',
    ])
  })

  it('not at all where SRV says that there is none', async () => {
    const { find } = world({ records: { '_matrix-fed._tcp.a.example': ['0 0 0 .'] } })
    await assert.rejects(find('a.example'), { kind: 'dns' })
    await assert.rejects(find('not a name'), { kind: 'bad-name' })
  })

  it('by its own name if the document makes no sense', async () => {
    for (const server of ['', 'b_example', 'b.example:99999', 'https://b.example', 7, null]) {
      const { find } = world({ documents: { 'a.example': delegates(server) } })
      assert.deepEqual(await find('a.example'), ['a.example:8448 as a.example'], String(server))
    }
    const { find } = world({ documents: { 'a.example': { body: '<html>' }, 'b.example': { status: 500, body: {} } } })
    assert.deepEqual(await find('a.example'), ['a.example:8448 as a.example'])
    assert.deepEqual(await find('b.example'), ['b.example:8448 as b.example'])
  })
})

describe('a document of delegation', () => {
  const askedTwice = async (headers: Record<string, string>, afterMs: number): Promise<boolean> => {
    const { find, asked, turn } = world({ documents: { 'a.example': delegates('b.example:1', headers) } })
    await Promise.all([find('a.example'), find('a.example')])
    turn(afterMs)
    await find('a.example')
    return asked.length > 1
  }
  const hour = 3600_000

  it('is kept for as long as it says, a day if it says nothing, never more than two', async () => {
    assert.equal(await askedTwice({}, 24 * hour - 1), false)
    assert.equal(await askedTwice({}, 24 * hour), true)
    assert.equal(await askedTwice({ 'cache-control': 'public, max-age=7200' }, 2 * hour - 1), false)
    assert.equal(await askedTwice({ 'cache-control': 'public, Max-Age=7200' }, 2 * hour), true)
    assert.equal(await askedTwice({ 'cache-control': 'max-age=99999999' }, 48 * hour - 1), false)
    assert.equal(await askedTwice({ 'cache-control': 'max-age=99999999' }, 48 * hour), true)
    const expires = new Date(1_000_000 + 3 * hour).toUTCString()
    assert.equal(await askedTwice({ expires }, 2 * hour), false)
    assert.equal(await askedTwice({ expires }, 3 * hour), true)
    assert.equal(await askedTwice({ 'cache-control': 'no-store' }, 59_999), false)
    assert.equal(await askedTwice({ 'cache-control': 'no-store' }, 60_000), true)
  })
})

describe('SRV records', () => {
  it('are tried by priority, and among equals more often first the heavier they are', () => {
    const records = [
      { priority: 2, weight: 9, port: 1, name: 'late' },
      { priority: 1, weight: 0, port: 1, name: 'never' },
      { priority: 1, weight: 30, port: 1, name: 'heavy' },
      { priority: 1, weight: 10, port: 1, name: 'light' },
    ]
    let seed = 1
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const firsts = { heavy: 0, light: 0, never: 0, late: 0 }
    for (let round = 0; round < 4000; round++) {
      const order = orderSrv(records, random).map(({ name }) => name)
      assert.equal(order[3], 'late')
      firsts[order[0] as keyof typeof firsts]++
    }
    assert.ok(firsts.heavy > 2800 && firsts.heavy < 3200, JSON.stringify(firsts))
    assert.ok(firsts.never < 20)
  })
})
