/** The HTTP edge where it does not depend on an endpoint: paths, prefixes, HEAD, health, rate limits, the end. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startInProcess } from '../../kit/in-process.ts'
import { sendRaw } from '../../kit/raw-request.ts'

const versions = '/_matrix/client/versions'

test('the HTTP edge', async (t) => {
  const server = await startInProcess()
  t.after(() => server.close())
  const alice = await server.register('alice')
  const get = (path: string, headers = {}) => sendRaw(server.baseUrl, { method: 'GET', path, headers })
  const asAlice = { Authorization: `Bearer ${alice.token}` }

  await t.test('tells an unknown path from a known one with another method', async () => {
    for (const path of ['/_matrix/client/v3/nothing', '/_matrix/nothing', '/nothing', '/_matrix/client/v3/']) {
      const reply = await get(path)
      assert.deepEqual([reply.status, reply.errcode], [404, 'M_UNRECOGNIZED'], path)
    }
    const reply = await sendRaw(server.baseUrl, { method: 'POST', path: versions, body: '{}' })
    assert.deepEqual([reply.status, reply.errcode], [405, 'M_UNRECOGNIZED'])
  })

  await t.test('answers r0 as v3', async () => {
    const reply = await get('/_matrix/client/r0/account/whoami', asAlice)
    assert.equal(reply.status, 200)
    assert.equal(JSON.parse(reply.text).user_id, '@alice:test.example')
  })

  await t.test('decodes parameters, slashes in them too', async () => {
    const type = 'org.example/a%b'
    const path = `user/${encodeURIComponent(alice.userId)}/account_data/${encodeURIComponent(type)}`
    await alice.ok('PUT', path, { here: true })
    assert.deepEqual(await alice.ok('GET', path), { here: true })
  })

  await t.test('refuses parameters that are no percent-encoded UTF-8 or hold U+0000', async () => {
    for (const part of ['%E0%A4', '%', '%zz', '%ED%A0%80', '%00']) {
      const reply = await get(`/_matrix/client/v3/profile/${part}`)
      assert.deepEqual([reply.status, reply.errcode], [400, 'M_INVALID_PARAM'], part)
    }
  })

  await t.test('refuses query parameters of the wrong type', async () => {
    const reply = await get('/_matrix/client/v3/sync?timeout=soon', asAlice)
    assert.deepEqual([reply.status, reply.errcode], [400, 'M_INVALID_PARAM'])
  })

  await t.test('answers HEAD as GET without a body', async () => {
    const whole = await get(versions)
    const head = await sendRaw(server.baseUrl, { method: 'HEAD', path: versions })
    assert.deepEqual([head.status, head.text], [200, ''])
    assert.equal(head.headers['content-length'], whole.headers['content-length'])
  })

  await t.test('names each request', async () => {
    const ids = await Promise.all([get(versions), get(versions)])
    assert.notEqual(ids[0].headers['x-request-id'], ids[1].headers['x-request-id'])
    assert.ok(ids[0].headers['x-request-id'])
  })

  await t.test('takes bodies whatever type they claim', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense', 'application/json; charset=x']) {
      const headers = { ...asAlice, 'Content-Type': type }
      const path = `/_matrix/client/v3/user/${encodeURIComponent(alice.userId)}/filter`
      const reply = await sendRaw(server.baseUrl, { method: 'POST', path, headers, body: '{}' })
      assert.equal(reply.status, 200, type)
    }
  })

  await t.test('says how it does', async () => {
    assert.deepEqual(JSON.parse((await get('/_parallax/health')).text), { status: 'healthy', faults: {} })
    assert.deepEqual(JSON.parse((await get('/_parallax/ready')).text), { ready: true })
    assert.match((await get('/')).text, /Parallax is running/)
    const metrics = await get('/_parallax/metrics')
    assert.match(metrics.text, /parallax_http_replies_total\{method="GET",path="\/",status="200"\} 1/)
    const forwarded = await get('/_parallax/metrics', { 'X-Forwarded-For': '192.0.2.1' })
    assert.deepEqual([forwarded.status, forwarded.errcode], [403, 'M_FORBIDDEN'])
  })

  await t.test('survives what is no HTTP', async () => {
    const port = Number(new URL(server.baseUrl).port)
    for (const bytes of ['\x16\x03\x01\r\n\r\n', 'GET\r\n\r\n', `GET / HTTP/1.1\r\nA: ${'x'.repeat(40_000)}\r\n\r\n`]) {
      const text = await talk(port, bytes)
      assert.match(text, /^HTTP\/1\.1 (400|431) /)
    }
    assert.equal((await get(versions)).status, 200)
  })
})

test('a full bucket refuses with the time to wait', async (t) => {
  const server = await startInProcess({ HOMESERVER_RATE_LIMITS: 'on' })
  t.after(() => server.close())
  const ask = () => sendRaw(server.baseUrl, { method: 'POST', path: '/_matrix/client/v3/login', body: '{}' })
  const statuses = new Map<number, number>()
  for (let count = 0; count < 11; count += 1) {
    const { status } = await ask()
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  assert.equal(statuses.get(429), 1)
  const refused = await ask()
  assert.equal(refused.errcode, 'M_LIMIT_EXCEEDED')
  const { retry_after_ms: waitMs } = JSON.parse(refused.text)
  assert.ok(waitMs > 0 && waitMs <= 5000)
  assert.equal(refused.headers['retry-after'], String(Math.ceil(waitMs / 1000)))
  server.clock.turn(waitMs)
  assert.notEqual((await ask()).status, 429)
})

test('takes a token from the query only if the config allows it', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'parallax-config-'))
  t.after(() => rmSync(home, { recursive: true }))
  for (const isAllowed of [true, false]) {
    const file = join(home, `${isAllowed}.yaml`)
    writeFileSync(file, `compatibility: { accessTokenInQuery: ${isAllowed} }\n`)
    const server = await startInProcess({ PARALLAX_CONFIG: file })
    t.after(() => server.close())
    const { token } = await server.register('alice')
    const reply = await server.call('GET', `account/whoami?access_token=${token}`)
    assert.deepEqual([reply.status, reply.body.errcode], isAllowed ? [200, undefined] : [401, 'M_MISSING_TOKEN'])
  }
})

test('a stopping server answers its long polls', async () => {
  const server = await startInProcess()
  const alice = await server.register('alice')
  const first = await alice.ok('GET', 'sync')
  const poll = alice.call('GET', `sync?since=${first.next_batch}&timeout=30000`)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const startedMs = performance.now()
  const [reply] = await Promise.all([poll, server.close()])
  assert.equal(reply.status, 200)
  assert.ok(performance.now() - startedMs < 3000)
})

function talk(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}
