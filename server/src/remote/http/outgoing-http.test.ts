/** Outgoing requests against a server on loopback that misbehaves. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { createSystemClock } from '../../base/index.ts'
import type { ResolveAddresses } from '../address/filtered-lookup.ts'
import { createOutgoingHttp, type OutgoingHttpDeps, type OutgoingRequest } from './outgoing-http.ts'

type Rules = OutgoingHttpDeps['config']

const closed: Rules = { allowPrivateNetworks: false, allowRanges: [], denyRanges: [], authorities: [] }
const opened: Rules = { ...closed, allowRanges: ['127.0.0.1'] }

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function client(t: TestContext, config: Rules, resolve?: ResolveAddresses) {
  const http = createOutgoingHttp({ clock: createSystemClock(), config, ...(resolve !== undefined && { resolve }) })
  t.after(() => http.close())
  return (url: string, more: Partial<OutgoingRequest> = {}) =>
    http.request({ url, method: 'GET', timeoutMs: 5000, bodyBytesMax: 100, ...more })
}

describe('an outgoing request', () => {
  it('answers status, headers, body and the last URL', async (t) => {
    const url = await serve(t, (request, response) => {
      response.writeHead(request.url === '/a?b' ? 404 : 200, { 'X-A': 'b' }).end(request.headers.authorization)
    })
    const reply = await client(t, opened)(`${url}/a?b`, { headers: { authorization: 'key' } })
    assert.deepEqual([reply.status, reply.headers['x-a'], String(reply.body)], [404, 'b', 'key'])
    assert.equal(reply.url, `${url}/a?b`)
  })

  it('never reaches loopback unless it is allowed, whatever the spelling', async (t) => {
    const url = await serve(t, (_request, response) => void response.end())
    const { port } = new URL(url)
    const get = client(t, closed)
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '2130706433', '0']) {
      await assert.rejects(get(`http://${host}:${port}/`), { kind: 'blocked-address' }, host)
      const disguised = get(`http://${host}:${port}/`, { headers: { host: 'example.org' } })
      await assert.rejects(disguised, { kind: 'blocked-address' }, host)
    }
  })

  it('connects to the very address that was checked', async (t) => {
    let asked = 0
    const resolve: ResolveAddresses = (_host, callback) => {
      callback(null, [{ address: asked++ === 0 ? '127.0.0.1' : '127.0.0.2', family: 4 }])
    }
    const url = await serve(t, (_request, response) => void response.end('here'))
    const get = client(t, opened, resolve)
    const reply = await get(url.replace('127.0.0.1', 'changes.example'), {})
    assert.deepEqual([String(reply.body), asked], ['here', 1])
    const moved = get(url.replace('127.0.0.1', 'other.example'), {})
    await assert.rejects(moved, { kind: 'blocked-address' })
  })

  it('uses only the allowed ones of several addresses', async (t) => {
    const addresses = ['10.0.0.1', 'fe80::1', '127.0.0.1'].map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }))
    const url = await serve(t, (_request, response) => void response.end('here'))
    const get = client(t, opened, (_host, callback) => callback(null, addresses))
    assert.equal(String((await get(url.replace('127.0.0.1', 'many.example'))).body), 'here')
  })

  it('checks each redirect, and takes its secrets to no other origin', async (t) => {
    const seen: (string | undefined)[] = []
    const second = await serve(t, (request, response) => {
      seen.push(request.headers.authorization, request.headers.accept)
      response.end('second')
    })
    const first = await serve(t, (request, response) => {
      const targets: Record<string, string> = { '/on': `${second}/x`, '/in': 'http://10.0.0.1/', '/me': '/me' }
      response.writeHead(302, { Location: targets[request.url!] ?? 'ftp://x' }).end()
    })
    const get = client(t, opened)
    const headers = { authorization: 'secret', accept: 'text/html' }
    const reply = await get(`${first}/on`, { redirectsMax: 1, headers })
    assert.deepEqual([String(reply.body), reply.url, seen], ['second', `${second}/x`, [undefined, 'text/html']])
    await assert.rejects(get(`${first}/in`, { redirectsMax: 3 }), { kind: 'blocked-address' })
    await assert.rejects(get(`${first}/me`, { redirectsMax: 3 }), { kind: 'redirects' })
    await assert.rejects(get(`${first}/other`, { redirectsMax: 3 }), { kind: 'bad-name' })
    assert.equal((await get(`${first}/on`)).status, 302)
  })

  it('stops reading at the limit, declared or not', async (t) => {
    const url = await serve(t, (request, response) => {
      const bytes = Number(request.url!.slice(2))
      if (request.url!.startsWith('/d')) response.setHeader('Content-Length', bytes)
      response.write('x'.repeat(bytes - 1))
      response.end('x')
    })
    const get = client(t, opened)
    for (const path of ['/d', '/c']) {
      assert.equal((await get(`${url}${path}100`)).body.length, 100)
      await assert.rejects(get(`${url}${path}101`), { kind: 'too-large' })
    }
  })

  it('ends at its deadline, even while bytes drip in', async (t) => {
    const url = await serve(t, (request, response) => {
      if (request.url === '/silent') return
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    })
    const get = client(t, opened)
    const startedMs = performance.now()
    await assert.rejects(get(`${url}/drip`, { timeoutMs: 150 }), { kind: 'timeout' })
    await assert.rejects(get(`${url}/silent`, { timeoutMs: 150 }), { kind: 'timeout' })
    assert.ok(performance.now() - startedMs < 2000)
  })

  it('has at most 16 requests under way at one origin', async (t) => {
    let running = 0
    let most = 0
    const url = await serve(t, (_request, response) => {
      most = Math.max(most, ++running)
      setTimeout(() => {
        running--
        response.end()
      }, 5)
    })
    const get = client(t, opened)
    await Promise.all(Array.from({ length: 60 }, () => get(url)))
    assert.equal(most, 16)
  })

  it('survives a connection that was closed while it was idle', async (t) => {
    const url = await serve(t, (_request, response) => {
      response.end('ok')
      response.on('finish', () => setTimeout(() => response.socket?.destroy(), 5))
    })
    const get = client(t, opened)
    for (let at = 0; at < 10; at++) {
      assert.equal(String((await get(url)).body), 'ok')
      await new Promise((resolve) => setTimeout(resolve, at))
    }
  })

  it('says of what kind other failures are', async (t) => {
    const url = await serve(t, (request, response) => {
      if (request.url === '/garbage') request.socket.end('garbage\r\n\r\n')
      else response.socket?.destroy()
    })
    const get = client(t, opened)
    await assert.rejects(get(`${url}/`), { kind: 'connect' })
    await assert.rejects(get(`${url}/garbage`), { kind: 'bad-reply' })
    await assert.rejects(get('http://127.0.0.1:1/'), { kind: 'connect' })
    await assert.rejects(get('http://no-such-host.invalid/'), { kind: 'dns' })
    await assert.rejects(get(url.replace('http:', 'https:')), { kind: 'tls' })
    await assert.rejects(get(url, { isTlsRequired: true }), { kind: 'bad-name' })
    for (const bad of ['', 'x', 'file:///etc/passwd', 'http://a:b@127.0.0.1/']) {
      await assert.rejects(get(bad), { kind: 'bad-name' })
    }
  })
})
