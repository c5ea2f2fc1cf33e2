/** TLS beside plain HTTP, and clients that go away. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createListener, createOpenCalls, createRateLimiter, endpoint } from '../../../src/http/index.ts'
import { startInProcess } from '../../kit/in-process.ts'
import { findFreePort } from '../../kit/server-process.ts'

test('TLS beside plain HTTP', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'parallax-tls-'))
  t.after(() => rmSync(home, { recursive: true }))
  const [certificate, key] = [join(home, 'c.pem'), join(home, 'k.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  execFileSync('openssl', ['req', '-x509', ...curve, '-nodes', '-keyout', key, '-out', certificate, ...subject], {
    stdio: 'ignore',
  })
  const port = await findFreePort()
  const server = await startInProcess({
    HOMESERVER_TLS_CERT: certificate,
    HOMESERVER_TLS_KEY: key,
    HOMESERVER_HTTPS_PORT: String(port),
  })
  t.after(() => server.close())
  assert.equal((await server.call('GET', '/_matrix/client/versions')).status, 200)
  assert.equal(await statusOverTls(port, readFileSync(certificate, 'utf8')), 200)
})

function statusOverTls(port: number, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const options = { host: 'localhost', family: 4, port, ca, path: '/_matrix/client/versions' }
    request(options, (reply) => resolve(reply.resume().statusCode))
      .on('error', reject)
      .end()
  })
}

test('a handler hears that its client has gone', async (t) => {
  let heard: (() => void) | undefined
  const gone = new Promise<void>((resolve) => {
    heard = resolve
  })
  const wait = endpoint(
    { method: 'GET', path: '/wait', auth: 'none', limit: 'none', spec: 'parallax#test' },
    (_components, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          heard?.()
          resolve({})
        })
      }),
  )
  const openCalls = createOpenCalls()
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
  const desk = {
    openCalls,
    logger: quiet,
    limiter: createRateLimiter({ nowMs: Date.now, schedule: () => () => {} }, undefined),
    trustedProxies: new Set<string>(),
  }
  const listener = createListener(desk as unknown as Parameters<typeof createListener>[0], [wait])
  const { port } = await listener.listen({ address: '127.0.0.1', port: 0 })
  t.after(() => listener.close())
  const leaving = AbortSignal.timeout(100)
  await assert.rejects(fetch(`http://127.0.0.1:${port}/wait`, { signal: leaving }))
  await gone
  assert.equal(openCalls.size, 0)
})

test('a fault of ours is told by an ID only, and logged with it', async (t) => {
  const logged: { errorId?: string; err?: Error }[] = []
  const fails = endpoint({ method: 'GET', path: '/fails', auth: 'none', limit: 'none', spec: 'parallax#test' }, () => {
    throw new Error('a secret of the house')
  })
  const logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (fields: object) => void logged.push(fields),
  }
  const desk = {
    openCalls: createOpenCalls(),
    logger,
    limiter: createRateLimiter({ nowMs: Date.now, schedule: () => () => {} }, undefined),
    trustedProxies: new Set<string>(),
  }
  const listener = createListener(desk as unknown as Parameters<typeof createListener>[0], [fails])
  const { port } = await listener.listen({ address: '127.0.0.1', port: 0 })
  t.after(() => listener.close())
  const reply = await fetch(`http://127.0.0.1:${port}/fails`)
  const { errcode, error } = (await reply.json()) as { errcode: string; error: string }
  assert.deepEqual([reply.status, errcode], [500, 'M_UNKNOWN'])
  assert.doesNotMatch(error, /secret/)
  assert.ok(error.includes(logged[0]!.errorId!))
  assert.equal(logged[0]!.err?.message, 'a secret of the house')
})
