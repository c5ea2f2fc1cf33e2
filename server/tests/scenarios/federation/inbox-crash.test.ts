/** A server that is killed keeps what it answered, and takes what it did not answer when it is sent again. */

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject, RoomEvent } from '@parallax/protocol'
import { testAuthority } from '../../kit/authority.ts'
import { startPeer } from '../../kit/peer.ts'
import { answerFrom, resultsOf, sendTransaction, startLine } from '../../kit/peer-events.ts'
import { joinAsPeer } from '../../kit/peer-rooms.ts'
import { findFreePort, type ServerProcess, startServer } from '../../kit/server-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

const encode = encodeURIComponent

async function call(server: ServerProcess, method: string, path: string, token?: string, body?: object) {
  const answer = await fetch(`${server.baseUrl}/_matrix/client/v3/${path}`, {
    method,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await answer.json()) as JsonObject
}

async function open(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'parallax-inbox-'))
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
  const account = { username: 'ann', password: 'a long password', auth: { type: 'm.login.dummy' } }
  const token = String((await call(server, 'POST', 'register', undefined, account)).access_token)
  const { room_id: roomId } = await call(server, 'POST', 'createRoom', token, { preset: 'public_chat' })
  const line = startLine(peer, await joinAsPeer(peer, server, String(roomId)))
  const readTexts = async () => {
    const page = await call(server, 'GET', `rooms/${encode(String(roomId))}/messages?dir=b&limit=100`, token)
    const events = page.chunk as { type: string; content: { body: string } }[]
    return events.flatMap(({ type, content }) => (type === 'm.room.message' ? content.body : [])).reverse()
  }
  return { server, peer, line, readTexts }
}

it('what waits in the queue when the server is killed is worked off after it', async (t) => {
  const { server, peer, line, readTexts } = await open(t)
  const taken = line.say('taken')
  await sendTransaction(peer, server, [taken])
  line.say('between')
  const last = line.say('last')
  peer.answer = () => undefined
  assert.deepEqual(resultsOf(await sendTransaction(peer, server, [last])), { [last.eventId]: 'ok' })
  await server.kill()
  answerFrom(peer, line)
  await server.start()
  await waitFor('the last', async () => ((await readTexts()).includes('last') ? true : undefined))
  assert.deepEqual(await readTexts(), ['taken', 'between', 'last'])
})

it('transactions under way when the server is killed are taken once when they are sent again', async (t) => {
  const { server, peer, line, readTexts } = await open(t)
  const texts = Array.from({ length: 60 }, (_, index) => `${index}`)
  const events = texts.map((text) => line.say(text))
  answerFrom(peer, line)
  const answered = new Set<RoomEvent>()
  const sendAll = async () => {
    for (const [index, event] of events.entries()) {
      if (answered.has(event)) continue
      await sendTransaction(peer, server, [event], [], `crash-${index}`)
      answered.add(event)
    }
  }
  const sending = sendAll().catch(() => 'cut')
  while (answered.size < 10) await sleep(1)
  await server.kill()
  assert.equal(await sending, 'cut')
  await server.start()
  const before = await readTexts()
  assert.ok(before.length >= answered.size, `${before.length} of ${answered.size}`)
  await sendAll()
  await waitFor('all', async () => ((await readTexts()).length === texts.length ? true : undefined))
  assert.deepEqual(await readTexts(), texts)
})
