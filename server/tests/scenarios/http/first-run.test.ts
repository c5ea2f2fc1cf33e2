/** The link of the first start: one account, once, for a day. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type InProcess, startInProcess } from '../../kit/in-process.ts'

const dayMs = 24 * 3600 * 1000

async function tokenOf(server: InProcess): Promise<string> {
  const link = await server.program.components.administration.createSetupLink()
  assert.ok(link?.startsWith(`${server.baseUrl}/_parallax/setup?token=`) === true)
  assert.ok(link !== undefined)
  return new URL(link).searchParams.get('token')!
}

async function useToken(server: InProcess, token: string, more: Record<string, string> = {}) {
  const body = new URLSearchParams({ token, name: 'alice', password: 'a password', ...more })
  const reply = await fetch(`${server.baseUrl}/_parallax/setup`, { method: 'POST', body })
  return { status: reply.status, page: await reply.text(), policy: reply.headers.get('content-security-policy') }
}

test('the link of the first start', async (t) => {
  const server = await startInProcess({ HOMESERVER_OPEN_REGISTRATION: '0' }, 'passwords: { memoryKib: 64, passes: 1 }')
  t.after(() => server.close())

  await t.test('nobody can register without it', async () => {
    const { status } = await server.call('POST', 'register', { body: { username: 'eve', password: 'x' } })
    assert.equal(status, 403)
  })

  await t.test('shows a form without scripts', async () => {
    const token = await tokenOf(server)
    const page = await (await fetch(`${server.baseUrl}/_parallax/setup?token=${token}`)).text()
    assert.match(page, /<form method="post"/)
    assert.match(page, /<label for="password">/)
    assert.doesNotMatch(page, /<script/)
  })

  await t.test('refuses bad names, short passwords and other tokens, and shows no HTML of theirs', async () => {
    const token = await tokenOf(server)
    for (const more of [{ name: 'no spaces' }, { name: '' }, { password: 'short' }, { token: 'wrong' }]) {
      assert.equal((await useToken(server, token, more)).status, 400)
    }
    const { page, policy } = await useToken(server, token, { name: '"><b>x' })
    assert.doesNotMatch(page, /<b>x/)
    assert.match(String(policy), /default-src 'none'/)
  })

  await t.test('stops working when a newer one is made, and after a day', async () => {
    const old = await tokenOf(server)
    const newer = await tokenOf(server)
    assert.equal((await useToken(server, old)).status, 400)
    server.clock.turn(dayMs)
    assert.equal((await useToken(server, newer)).status, 400)
  })

  await t.test('makes one admin, once', async () => {
    const token = await tokenOf(server)
    const replies = await Promise.all([useToken(server, token), useToken(server, token, { name: 'bob' })])
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 400])
    assert.equal(await server.program.components.administration.createSetupLink(), undefined)
  })
})
