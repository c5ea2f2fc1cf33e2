/** What holds for every endpoint, whatever it does: one loop over all declarations. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { endpoints } from '../../../src/api/index.ts'
import type { EndpointDeclaration } from '../../../src/http/index.ts'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { sendRaw } from '../../kit/raw-request.ts'

let server: InProcess
let user: TestUser
let admin: TestUser
let locked: TestUser
let suspended: TestUser
let expired: TestUser
let guest: string

before(async () => {
  server = await startInProcess({
    HOMESERVER_REGISTRATION_SECRET: 'secret',
    HOMESERVER_FEDERATION: '1',
    HOMESERVER_GUESTS: '1',
  })
  user = await server.register('alice')
  admin = await server.register('root')
  await server.program.components.administration.setAdmin('root', true)
  admin = await server.logIn(admin)
  expired = await server.logIn(await server.register('carol'), { refresh_token: true })
  server.clock.turn(300_000)
  ;[locked, suspended] = await Promise.all([server.register('dave'), server.register('eve')])
  const { setState } = server.program.components.users
  const stateOf = async (one: TestUser, state: 'locked' | 'suspended') => {
    const account = await server.program.components.users.findAccount(one.userId as never)
    await setState(account!.user, state)
  }
  await Promise.all([stateOf(locked, 'locked'), stateOf(suspended, 'suspended')])
  // A server whose key is known: of others not even the body is read.
  const [key, untilMs] = ['A'.repeat(43), server.clock.nowMs() + 86_400_000]
  await server.program.components.store.transact((tx) => {
    tx.run`INSERT INTO server_key (server, key_id, public_key, valid_until_ms)
      VALUES ('other.invalid', 'ed25519:1', ${key}, ${untilMs})`
  })
  guest = String((await server.call('POST', 'register?kind=guest', { body: {} })).body.access_token)
})

after(() => server.close())

const declarations = endpoints.map(({ declaration }) => declaration)
const hasJsonBody = ({ method, bodyBytesMax, isFile = false }: EndpointDeclaration) =>
  method !== 'GET' && bodyBytesMax === undefined && !isFile
const needsUser = ({ auth }: EndpointDeclaration) => auth === 'user' || auth === 'user-or-guest' || auth === 'admin'

function pathOf({ path }: EndpointDeclaration): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const known: Record<string, string> = {
      roomId: '!room:test.example',
      roomIdOrAlias: '!room:test.example',
      userId: '@alice:test.example',
      roomAlias: '#alias:test.example',
      eventId: '$event',
    }
    return encodeURIComponent(known[name] ?? 'x')
  })
}

/** What a request of a server may begin with; its key is known, its signature is looked at after the body. */
const claim = 'X-Matrix origin="other.invalid",destination="test.example",key="ed25519:1",sig="x"'

function ask(declaration: EndpointDeclaration, more: { method?: string; body?: string | Uint8Array; token?: string }) {
  const { method = declaration.method, body, token } = more
  const headers =
    token === undefined ? {} : { Authorization: declaration.auth === 'server' ? claim : `Bearer ${token}` }
  return sendRaw(server.baseUrl, { method, path: pathOf(declaration), headers, body })
}

function tokenFor({ auth }: EndpointDeclaration): string {
  return auth === 'admin' ? admin.token : user.token
}

test('no two endpoints share a method and a path', () => {
  const places = declarations.flatMap(({ method, path, aliases = [] }) =>
    [path, ...aliases].map((at) => `${method} ${at}`),
  )
  assert.deepEqual(
    places.filter((place, index) => places.indexOf(place) !== index),
    [],
  )
})

for (const declaration of declarations) {
  const { method, path } = declaration
  test(`${method} ${path}`, async (t) => {
    await t.test('answers preflights and has CORS headers on errors', async () => {
      const preflight = await ask(declaration, { method: 'OPTIONS' })
      assert.equal(preflight.status, 204)
      assert.equal(preflight.headers['access-control-allow-origin'], '*')
      assert.match(String(preflight.headers['access-control-allow-headers']), /Authorization/)
    })
    await t.test('refuses a method that nobody has', async () => {
      const reply = await ask(declaration, { method: 'PATCH' })
      assert.deepEqual([reply.status, reply.errcode], [405, 'M_UNRECOGNIZED'])
      assert.equal(reply.headers['access-control-allow-origin'], '*')
    })
    if (needsUser(declaration)) {
      await t.test('wants a token, and a good one', async () => {
        const without = await ask(declaration, { body: '{' })
        assert.deepEqual([without.status, without.errcode], [401, 'M_MISSING_TOKEN'])
        const unknown = await ask(declaration, { body: '{', token: 'nobody' })
        assert.deepEqual([unknown.status, unknown.errcode], [401, 'M_UNKNOWN_TOKEN'])
        assert.match(unknown.text, /"soft_logout":false/)
      })
      await t.test('tells a token that can be refreshed from one that is gone', async () => {
        const reply = await ask(declaration, { body: '{', token: expired.token })
        assert.deepEqual([reply.status, reply.errcode], [401, 'M_UNKNOWN_TOKEN'])
        assert.match(reply.text, /"soft_logout":true/)
      })
    }
    if (needsUser(declaration) || declaration.auth === 'optional-user')
      await t.test('by state of the account', () => refusesByState(declaration))
    if (declaration.auth === 'server') {
      await t.test('wants a signature', async () => {
        const reply = await ask(declaration, { body: '{' })
        assert.deepEqual([reply.status, reply.errcode], [401, 'M_UNAUTHORIZED'])
      })
    }
    if (declaration.auth === 'admin') {
      await t.test('is for admins', async () => {
        const reply = await ask(declaration, { body: '{}', token: user.token })
        assert.deepEqual([reply.status, reply.errcode], [403, 'M_FORBIDDEN'])
      })
    }
    if (hasJsonBody(declaration))
      await t.test('refuses bodies that are no JSON object', () => refusesBodies(declaration))
  })
}

/** Whose account is locked, suspended or a guest's is told so before anything else is looked at. */
async function refusesByState(declaration: EndpointDeclaration): Promise<void> {
  const { auth, path } = declaration
  const refusal = async (token: string) => {
    const reply = await ask(declaration, { body: '{', token })
    return { told: `${reply.status} ${reply.errcode}`, text: reply.text }
  }
  if (declaration.isLockedAllowed) assert.match(path, /\/logout/)
  else {
    const { told, text } = await refusal(locked.token)
    assert.equal(told, '401 M_USER_LOCKED')
    assert.match(text, /"soft_logout":true/)
  }
  if (auth === 'user') assert.equal((await refusal(guest)).told, '403 M_GUEST_ACCESS_FORBIDDEN')
  if (declaration.isRefusedToSuspended) assert.equal((await refusal(suspended.token)).told, '403 M_USER_SUSPENDED')
  else if (auth !== 'admin' && path.includes('/logout') === false) {
    assert.notEqual((await refusal(suspended.token)).told, '403 M_USER_SUSPENDED')
  }
}

async function refusesBodies(declaration: EndpointDeclaration): Promise<void> {
  const token = tokenFor(declaration)
  const broken: [string | Uint8Array, string][] = [
    ['{', 'M_NOT_JSON'],
    ['{"a":1} x', 'M_NOT_JSON'],
    [new Uint8Array([0x22, 0xff, 0x22]), 'M_NOT_JSON'],
    [`${'['.repeat(200)}${']'.repeat(200)}`, 'M_NOT_JSON'],
    ['[]', 'M_BAD_JSON'],
    ['"text"', 'M_BAD_JSON'],
  ]
  for (const [body, errcode] of broken) {
    const reply = await ask(declaration, { body, token })
    assert.deepEqual([reply.status, reply.errcode], [400, errcode], String(body))
  }
  const huge = await ask(declaration, {
    body: `{"a":"${'x'.repeat(declaration.auth === 'server' ? 12_600_000 : 2_200_000)}"}`,
    token,
  })
  assert.deepEqual([huge.status, huge.errcode], [413, 'M_TOO_LARGE'])
}
