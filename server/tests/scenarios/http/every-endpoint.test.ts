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

before(async () => {
  server = await startInProcess({ HOMESERVER_REGISTRATION_SECRET: 'secret', HOMESERVER_FEDERATION: '1' })
  user = await server.register('alice')
  admin = await server.register('root')
  await server.program.components.administration.setAdmin('root', true)
  admin = await server.logIn(admin)
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

/** What a request of a server may begin with; its signature is looked at after the body. */
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
    }
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
