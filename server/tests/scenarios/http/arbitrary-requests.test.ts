/** Arbitrary requests never meet a fault of ours: no 500, and errors always have an errcode. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { endpoints } from '../../../src/api/index.ts'
import { startInProcess } from '../../kit/in-process.ts'
import { sendRaw } from '../../kit/raw-request.ts'

const runs = Number(process.env.PARALLAX_FUZZ_RUNS ?? 1500)

const segment = fc.oneof(
  fc.constantFrom(
    '!room:test.example',
    '@alice:test.example',
    '$event',
    '#a:test.example',
    'm.room.member',
    '',
    '.',
    '..',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => text.isWellFormed()),
  fc.string({ minLength: 250, maxLength: 300 }),
)
const place = fc.constantFrom(...endpoints.map(({ declaration }) => declaration))
const query = fc.dictionary(
  fc.constantFrom('since', 'timeout', 'limit', 'dir', 'from', 'to', 'filter', 'at', 'membership', 'version', 'format'),
  fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.integer().map(String),
    fc.constantFrom('b', 'f', 'true', '0', '{}', '{"room":1}'),
  ),
  { maxKeys: 3 },
)
const keys = [
  'type',
  'user',
  'identifier',
  'password',
  'username',
  'auth',
  'user_id',
  'reason',
  'membership',
  'content',
  'invite',
  'initial_state',
  'preset',
  'room_version',
  'creation_content',
  'device_keys',
  'one_time_keys',
  'messages',
  'rooms',
  'limit',
  'filter',
  'room_alias_name',
  'visibility',
  'new_version',
  'actions',
  'conditions',
  'pattern',
  'devices',
  'algorithm',
  'auth_data',
  'typing',
  'timeout',
  'event_id',
  'displayname',
  'avatar_url',
  'master_key',
  'power_level_content_override',
]
const wild = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(
      null,
      true,
      0,
      -1,
      1.5,
      1e300,
      2 ** 53,
      '',
      'x',
      '@alice:test.example',
      '!room:test.example',
      '\u0000',
    ),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...keys), fc.string({ maxLength: 8 })), tie('value'), { maxKeys: 5 }),
  ),
})).value
const body = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.dictionary(fc.constantFrom(...keys), wild, { maxKeys: 6 }).map((value) => JSON.stringify(value)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }) },
)

test('arbitrary requests get a documented answer', async (t) => {
  const server = await startInProcess({ HOMESERVER_REGISTRATION_SECRET: 'secret', HOMESERVER_GUESTS: '1' })
  t.after(() => server.close())
  const room = { value: '' }
  let alice = await server.register('alice')
  room.value = String((await alice.ok('POST', 'createRoom', {})).room_id)
  const request = fc.record({
    place,
    segments: fc.array(segment, { minLength: 6, maxLength: 6 }),
    query,
    body,
    inRoom: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(request, async ({ place, segments, query, body, inRoom }) => {
      let index = 0
      const path = place.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
        encodeURIComponent(inRoom && name === 'roomId' ? room.value : segments[index++ % 6]!),
      )
      const reply = await sendRaw(server.baseUrl, {
        method: place.method,
        path: `${path}?${new URLSearchParams({ ...query, timeout: '0' })}`,
        headers: { Authorization: `Bearer ${alice.token}` },
        body: place.method === 'GET' ? undefined : body,
      })
      assert.ok(reply.status < 500, `${place.method} ${path} ${String(body)}: ${reply.status} ${reply.text}`)
      if (reply.status >= 400 && String(reply.headers['content-type']).startsWith('application/json')) {
        assert.ok(reply.errcode ?? reply.text.includes('"flows"'), `${place.method} ${path}: ${reply.text}`)
      }
      if (reply.errcode === 'M_UNKNOWN_TOKEN' || (place.path.includes('/logout') && reply.status === 200)) {
        alice = await server.logIn(alice)
      }
    }),
    { numRuns: runs, seed: Number(process.env.PARALLAX_FUZZ_SEED ?? 7) },
  )
})

test('arbitrary headers and paths get a documented answer', async (t) => {
  const server = await startInProcess()
  t.after(() => server.close())
  const name = fc.constantFrom(
    'Authorization',
    'Content-Type',
    'X-Forwarded-For',
    'Accept',
    'Expect',
    'Origin',
    'Cookie',
  )
  const value = fc.string({ maxLength: 40 }).filter((text) => /^[\x20-\x7e]*$/.test(text))
  const path = fc.string({ maxLength: 40 }).filter((text) => /^[\x21-\x7e]*$/.test(text))
  const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'PROPFIND')
  await fc.assert(
    fc.asyncProperty(method, path, fc.dictionary(name, value), async (method, path, headers) => {
      const reply = await sendRaw(server.baseUrl, { method, path: `/_matrix/client/v3/${path}`, headers })
      assert.ok(reply.status < 500, `${method} ${path} ${JSON.stringify(headers)}: ${reply.status} ${reply.text}`)
    }),
    { numRuns: runs / 3, seed: Number(process.env.PARALLAX_FUZZ_SEED ?? 7) },
  )
})
