/** A server that is killed tells other servers afterwards what it had promised to its users. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { testAuthority } from '../../kit/authority.ts'
import { startPeer } from '../../kit/peer.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { findFreePort, startServer } from '../../kit/server-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

const encode = encodeURIComponent

it('what no server was told when the server was killed is told after it', async (t) => {
  const home = mkdtempSync(join(tmpdir(), 'parallax-outbox-'))
  writeFileSync(join(home, 'config.yaml'), 'outgoing: { allowRanges: ["127.0.0.0/8", "::1"] }\n')
  const { authority, certificate, key } = testAuthority()
  const port = await findFreePort()
  const server = await startServer({
    ...{ SERVER_NAME: `localhost:${port}`, HOMESERVER_FEDERATION: '1', HOMESERVER_HTTPS_PORT: String(port) },
    ...{ HOMESERVER_TLS_CERT: certificate, HOMESERVER_TLS_KEY: key, HOMESERVER_CA_CERT: authority },
    PARALLAX_CONFIG: join(home, 'config.yaml'),
  })
  const peer = await startPeer()
  t.after(async () => {
    await server.close()
    await peer.close()
    rmSync(home, { recursive: true, force: true })
  })
  const call = async (method: string, path: string, body: object, token = '') => {
    const headers = { Authorization: `Bearer ${token}` }
    const answer = await fetch(`${server.baseUrl}/_matrix/client/v3/${path}`, {
      ...{ method, body: JSON.stringify(body), headers: token === '' ? {} : headers },
    })
    assert.equal(answer.status, 200)
    return (await answer.json()) as JsonObject
  }
  const account = { username: 'ann', password: 'a long password', auth: { type: 'm.login.dummy' } }
  const token = String((await call('POST', 'register', account)).access_token)
  const { room_id: roomId } = await call('POST', 'createRoom', { preset: 'public_chat' }, token)
  await joinAsPeer(peer, server, String(roomId))
  const told: unknown[] = []
  let isAway = true
  peer.answer = ({ path, body }) => {
    if (!path.startsWith('/_matrix/federation/v1/send/')) return { status: 404, body: {} }
    if (isAway) return undefined
    for (const pdu of body.pdus as { content: { body?: string } }[]) told.push(pdu.content.body)
    return { status: 200, body: { pdus: {} } }
  }
  const say = (body: string) =>
    call('PUT', `rooms/${encode(String(roomId))}/send/m.room.message/${body}`, { msgtype: 'm.text', body }, token)
  await say('long before')
  // Longer than until it is written down, and than until the journal's cursors are.
  await new Promise((resolve) => setTimeout(resolve, 2000))
  await say('right before')
  await server.kill()
  await server.start()
  isAway = false
  await say('after')
  await peer.ask(server.serverName, 'GET', '/_matrix/federation/v1/query/profile?user_id=@nobody:x')
  await waitFor('everything', () => (told.length >= 3 ? true : undefined))
  assert.deepEqual([...new Set(told)].sort(), ['after', 'long before', 'right before'])
})
