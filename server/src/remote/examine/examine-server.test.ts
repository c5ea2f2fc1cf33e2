/** What is said of servers that others do not find. */

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createSigner, createSigningKey, type JsonObject, type ServerName, signJson } from '@parallax/protocol'
import type { Clock } from '../../base/index.ts'
import type { OutgoingHttp, OutgoingRequest } from '../http/outgoing-http.ts'
import { RemoteError } from '../remote-error.ts'
import { examineServer } from './examine-server.ts'

type Reply = { readonly status?: number; readonly body?: unknown; readonly date?: string }

const nowMs = 1_800_000_000_000
const clock: Clock = { nowMs: () => nowMs, schedule: () => () => {} }
const key = createSigningKey('1', new Uint8Array(32))
const keysOf = (server: string, change: JsonObject = {}) =>
  signJson(
    {
      ...{ server_name: server, valid_until_ts: nowMs + 1000, old_verify_keys: {} },
      ...{ verify_keys: { [key.keyId]: { key: key.publicKey } }, ...change },
    },
    createSigner(server as ServerName, key),
  )

/** What `examineServer` finds where only these URLs answer; others fail as told. */
async function examine(replies: Record<string, Reply>, records: Record<string, string[]> = {}, hasOtherClock = false) {
  const http: OutgoingHttp = {
    async request({ url }: OutgoingRequest) {
      const reply = replies[url]
      if (reply === undefined) throw new RemoteError('connect', 'ECONNREFUSED')
      const body = Buffer.from(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {}))
      return { status: reply.status ?? 200, headers: { date: reply.date }, body, url }
    },
    counts: () => ({ running: 0, waiting: 0 }),
    close: async () => {},
  }
  const resolveSrv = async (name: string) =>
    (records[name] ?? []).map((text) => ({
      priority: 1,
      weight: 1,
      port: Number(text.split(':')[1]),
      name: text.split(':')[0]!,
    }))
  const found = await examineServer({ http, clock, resolveSrv }, 'a.example' as ServerName, key, hasOtherClock)
  return found.map(({ check, state, text }) => ({ check, state, text }))
}

const wellKnown = 'https://a.example/.well-known/matrix/server'
const at = (place: string, keys: Reply = { body: keysOf('a.example') }) => ({
  [`https://${place}/_matrix/key/v2/server`]: keys,
  [`https://${place}/_matrix/federation/v1/version`]: {},
})
const states = (found: Awaited<ReturnType<typeof examine>>) => found.map(({ check, state }) => `${check} ${state}`)

it('finds nothing wrong with a server that is delegated to, by a document or by records', async () => {
  const delegated = await examine({ [wellKnown]: { body: { 'm.server': 'm.example:443' } }, ...at('m.example:443') })
  assert.deepEqual(states(delegated), ['well-known ok', 'place ok', 'keys ok', 'federation ok'])
  const srv = { '_matrix-fed._tcp.a.example': ['b.example:99'] }
  const found = await examine({ [wellKnown]: { status: 404 }, ...at('b.example:99') }, srv)
  assert.deepEqual(states(found), ['well-known ok', 'SRV ok', 'place ok', 'keys ok', 'federation ok'])
})

it('says what is wrong with the document', async () => {
  for (const body of ['not JSON', { 'm.server': 'https://m.example' }, {}, []]) {
    const [finding, ...others] = await examine({ [wellKnown]: { body } })
    assert.equal(finding!.state, 'fault')
    assert.match(finding!.text, /"m\.server": "matrix\.example\.org:443"/)
    assert.equal(others.length, 0)
  }
  const [broken] = await examine({ [wellKnown]: { status: 500 } })
  assert.match(broken!.text, /answers 500, which counts as none/)
})

it('says of old records that they are deprecated, and of a port that nobody listens on how that may be', async () => {
  const found = await examine({ [wellKnown]: { status: 404 } }, { '_matrix._tcp.a.example': ['b.example:99'] })
  assert.deepEqual(states(found), ['well-known ok', 'SRV warning', 'place fault'])
  assert.match(found[2]!.text, /b\.example:99: nothing accepts connections/)
})

it('says what is wrong with the keys', async () => {
  const faultOf = async (keys: Reply) => {
    const found = await examine({ [wellKnown]: { status: 404 }, ...at('a.example:8448', keys) })
    return found.find(({ check }) => check === 'keys')!
  }
  assert.match((await faultOf({ status: 404 })).text, /let the proxy pass all of/)
  assert.match((await faultOf({ body: '<html>' })).text, /is it a Matrix server/)
  assert.match((await faultOf({ body: keysOf('b.example') })).text, /another server answers under this name/)
  assert.match((await faultOf({ body: keysOf('a.example', { valid_until_ts: 1 }) })).text, /have expired/)
  const forged = { ...keysOf('a.example'), valid_until_ts: nowMs + 5000 }
  assert.match((await faultOf({ body: forged })).text, /not signed by its keys/)
  const other = createSigningKey('2', new Uint8Array(32).fill(1))
  const named = {
    server_name: 'a.example',
    valid_until_ts: nowMs + 1000,
    verify_keys: { [other.keyId]: { key: other.publicKey } },
  }
  const signed = signJson(named, createSigner('a.example' as ServerName, other))
  assert.match((await faultOf({ body: signed })).text, /lack ed25519:1 of this data folder/)
})

it('compares the clock with that of somebody else', async () => {
  const withDate = (offMs: number) => ({ body: keysOf('a.example'), date: new Date(nowMs + offMs).toUTCString() })
  const clockOf = async (offMs: number) => {
    const found = await examine({ [wellKnown]: { status: 404 }, ...at('a.example:8448', withDate(offMs)) }, {}, true)
    return found.find(({ check }) => check === 'clock')!
  }
  assert.equal((await clockOf(60_000)).state, 'ok')
  const behind = await clockOf(61_000)
  assert.deepEqual([behind.state, /61 s behind/.test(behind.text)], ['fault', true])
  assert.match((await clockOf(-600_000)).text, /600 s ahead of/)
})
