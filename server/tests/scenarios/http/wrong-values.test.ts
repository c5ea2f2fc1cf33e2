/**
 * Every endpoint with every field wrong in every way, and with paths that no client writes: never a fault of ours,
 * never a long wait, and whoever is refused has changed nothing.
 */

import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { buildXMatrix, type JsonObject, type JsonValue, type ServerName } from '@parallax/protocol'
import { endpoints } from '../../../src/api/index.ts'
import type { EndpointDeclaration } from '../../../src/http/index.ts'
import { migrations } from '../../../src/store/migrations/index.ts'
import { testAuthority } from '../../kit/authority.ts'
import { type InProcess, startInProcess, type TestUser } from '../../kit/in-process.ts'
import { type Peer, startPeer } from '../../kit/peer.ts'
import { type RawReply, sendRaw } from '../../kit/raw-request.ts'
import { sampleBodies, sampleStates } from '../../kit/sample-bodies.ts'
import { sampleOf, wrongBodies } from '../../kit/wrong-values.ts'

const allEnabled =
  'sessions: { loginTokens: true, dehydratedDevices: true }\noutgoing: { allowRanges: ["127.0.0.0/8"] }\n'
const answerMsMax = 5_000
/** Written by refusals too: sessions of user-interactive authentication, what is known of other servers. */
const changedByRefusals: ReadonlySet<string> = new Set([
  'auth_session',
  'server_key',
  'server_key_document',
  'failing_server',
])
/** Written by followers of the journal, a moment after what they follow. */
const changedLater: ReadonlySet<string> = new Set([
  'journal_cursor',
  'push_user',
  'push_delivery',
  'notification',
  'directory_term',
  'directory_room',
  'search_page',
  'search_progress',
])

const named = (pattern: RegExp) => migrations.flatMap(({ sql }) => [...sql.matchAll(pattern)].map((found) => found[1]!))
const dropped = new Set(named(/DROP TABLE (\w+)/g))
const tables = named(/CREATE TABLE (\w+)/g)
  .filter((table) => !dropped.has(table))
  .filter((table) => !changedByRefusals.has(table) && !changedLater.has(table))
const counting = `SELECT ${tables.map((table) => `(SELECT COUNT(*) FROM ${table})`).join(' + ')} AS count`
const countingTemplate = Object.assign([counting], { raw: [counting] })

/** These end the session that the test uses. */
const endsSession = /\/logout|\/delete_devices|\/devices\/|\/refresh/

describe('wrong values', () => {
  let server: InProcess
  let peer: Peer
  let user: TestUser
  let admin: TestUser
  let known: Record<string, string>

  before(async () => {
    peer = await startPeer()
    const environment = {
      HOMESERVER_GUESTS: '1',
      HOMESERVER_FEDERATION: '1',
      HOMESERVER_CA_CERT: testAuthority().authority,
    }
    server = await startInProcess(environment, allEnabled)
    user = await server.register('alice')
    const root = await server.register('root')
    await server.program.components.administration.setAdmin('root', true)
    admin = await server.logIn(root)
  })
  after(async () => {
    await server.close()
    await peer.close()
  })
  beforeEach(async () => {
    const roomId = String((await user.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
    const { event_id: eventId } = await user.ok('PUT', `rooms/${roomId}/send/m.room.message/1`, { body: 'hello' })
    await user.ok('PUT', 'pushrules/global/underride/own', { actions: ['notify'] })
    known = {
      roomId,
      roomIdOrAlias: roomId,
      eventId: String(eventId),
      userId: user.userId,
      deviceId: user.deviceId,
      roomAlias: '#room:test.example',
      kind: 'underride',
      ruleId: 'own',
      keyName: 'displayname',
      receiptType: 'm.read',
      eventType: 'm.room.topic',
      version: '1',
    }
  })

  const pathOf = ({ path }: EndpointDeclaration, wrong?: { name: string; text: string }) =>
    path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
      name === wrong?.name ? wrong.text : encodeURIComponent(known[name] ?? 'x'),
    )
  const queryFor = async (path: string) => {
    if (!path.includes('/room_keys/keys')) return ''
    const { version } = await user.ok('POST', 'room_keys/version', sampleBodies['/room_keys/version'])
    return `?version=${version}`
  }
  const bodyFor = ({ path, body }: EndpointDeclaration): JsonObject => {
    const found = Object.keys(sampleBodies).find((end) => path.endsWith(end))
    const sample = found === undefined ? sampleOf(body ?? {}, bodyTexts(known)) : sampleBodies[found]
    const names: Record<string, string> = { DEVICE: user.deviceId, $event: known.eventId!, '!room': known.roomId! }
    return JSON.parse(JSON.stringify(sample).replaceAll(/DEVICE|\$event|!room/g, (name) => names[name]!))
  }
  const tokenOf = ({ auth }: EndpointDeclaration) => (auth === 'admin' ? admin : user).token

  /** Servers sign what is JSON; for the rest any signature will do. */
  function authorizationOf(declaration: EndpointDeclaration, uri: string, body: string | undefined): string {
    if (declaration.auth !== 'server') return `Bearer ${tokenOf(declaration)}`
    const destination = server.serverName as ServerName
    const request = { method: declaration.method, uri, origin: peer.name, destination }
    try {
      return buildXMatrix({ ...request, content: body === undefined ? undefined : JSON.parse(body) }, peer.signer)
    } catch {
      return buildXMatrix(request, peer.signer)
    }
  }

  async function ask(declaration: EndpointDeclaration, path: string, body: string | undefined, what: string) {
    const { method } = declaration
    const startedMs = performance.now()
    const headers = { Authorization: authorizationOf(declaration, path, body) }
    const reply = await sendRaw(server.baseUrl, { method, path, headers, body })
    checkReply(reply, `${method} ${path.slice(0, 200)}, ${what}: ${reply.status} ${reply.text.slice(0, 300)}`)
    assert.ok(performance.now() - startedMs < answerMsMax, `${method} ${path.slice(0, 200)}, ${what}: took too long`)
    if (reply.errcode === 'M_UNKNOWN_TOKEN' && declaration.auth !== 'none') user = await server.logIn(user)
    return reply
  }

  async function countAll(): Promise<string> {
    const { store, journal } = server.program.components
    const row = await store.reader.first<{ count: number }>(countingTemplate as unknown as TemplateStringsArray)
    return `${row?.count} rows, position ${journal.committed()}`
  }

  const triesMax = 4

  /** The status. What is refused must have stored nothing. */
  async function askAndCount(declaration: EndpointDeclaration, path: string, body: string, what: string) {
    // Followers of the journal write a moment after other requests: what the refused one wrote, it writes each time.
    for (let tries = 0; ; tries++) {
      const before = await countAll()
      const { status } = await ask(declaration, path, body, what)
      const isRefused = status >= 400 && status !== 401 && !endsSession.test(declaration.path)
      const now = isRefused ? await countAll() : before
      if (now === before) return status
      if (tries === triesMax) assert.equal(now, before, `${declaration.method} ${path}, ${what}`)
    }
  }

  for (const { declaration } of endpoints) {
    const { method, path } = declaration
    if (method !== 'GET' && declaration.bodyBytesMax === undefined) {
      it(`in the body of ${method} ${path}`, async () => {
        const sample = bodyFor(declaration)
        const at = pathOf(declaration) + (await queryFor(path))
        for (const { what, text } of wrongBodies(sample)) {
          await askAndCount(declaration, at, text, what)
        }
      })
    }
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]!)
    if (names.length === 0) continue
    it(`in the path of ${method} ${path}`, async () => {
      const sample = method === 'GET' ? undefined : JSON.stringify(bodyFor(declaration))
      for (const name of names) {
        for (const text of wrongSegments) {
          await ask(declaration, pathOf(declaration, { name, text }), sample, `${name} = ${text.slice(0, 40)}`)
        }
      }
    })
  }

  for (const version of ['1', '12']) {
    for (const [type, content] of Object.entries(sampleStates)) {
      it(`in ${type} of a room of version ${version}`, async () => {
        const stateKey = type === 'm.room.member' ? user.userId : ''
        const make = async () => String((await user.ok('POST', 'createRoom', { room_version: version })).room_id)
        let roomId = await make()
        for (const { what, text } of wrongBodies(content)) {
          const path = `/_matrix/client/v3/rooms/${roomId}/state/${type}/${encodeURIComponent(stateKey)}`
          const status = await askAndCount(setState, path, text, `${type}, ${what}`)
          if (status === 200 && losesPower.has(type)) roomId = await make()
        }
      })
    }
  }

  it('leaves rooms that can be read', async () => {
    const { rooms } = await user.ok(
      'GET',
      'sync?full_state=true&filter={"room":{"timeline":{"limit":1000},"include_leave":true}}',
    )
    const { join, leave } = rooms as { join: object; leave: object }
    assert.ok(Object.keys(join).length > 20)
    for (const roomId of [...Object.keys(join), ...Object.keys(leave)].slice(0, 200)) {
      await user.ok('GET', `rooms/${roomId}/state`)
      await user.ok('GET', `rooms/${roomId}/messages?dir=b&limit=1000`)
      await user.ok('GET', `rooms/${roomId}/members`)
    }
  })
})

const setState = endpoints.find(({ declaration }) =>
  declaration.path.endsWith('/state/{eventType}/{stateKey}'),
)!.declaration
/** State whose change can take away the right to change more. */
const losesPower: ReadonlySet<string> = new Set(['m.room.power_levels', 'm.room.member'])

/** Segments as they stand in the path. */
const wrongSegments: readonly string[] = [
  '',
  '.',
  '..',
  '%00',
  '!a%00b',
  '%ff%fe',
  '%',
  '%zz',
  '%2F%2e%2e%2F',
  '%F0%9F%92%A9',
  '%ED%A0%80',
  '@:',
  '@a:',
  '!',
  '$',
  '%23:',
  '__proto__',
  'constructor',
  '-1',
  '9'.repeat(40),
  `!${'a'.repeat(300)}`,
  `@${'a'.repeat(7_000)}:test.example`,
]

/** What fields of these names want. */
function bodyTexts(known: Readonly<Record<string, string>>): Readonly<Record<string, JsonValue>> {
  return {
    user_id: '@bob:test.example',
    event_id: known.eventId!,
    room_id: known.roomId!,
    new_version: '11',
    room_version: '12',
    type: 'm.login.dummy',
    username: 'carl',
    timeout: 1,
  }
}

function checkReply(reply: RawReply, story: string): void {
  assert.ok(reply.status >= 200 && reply.status < 500, story)
  const isJson = String(reply.headers['content-type']).startsWith('application/json')
  if (reply.status >= 400 && isJson) assert.ok(reply.errcode ?? reply.text.includes('"flows"'), story)
}
