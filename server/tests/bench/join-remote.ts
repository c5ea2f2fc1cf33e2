/**
 * A join of a room of another server, with and without its members at first: until it can be used, until all members
 * are here, how much memory that takes at its height. The other server is this process.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import type { JsonObject } from '@parallax/protocol'
import { testAuthority } from '../kit/authority.ts'
import { hostPartialRoom, type PartialHost } from '../kit/partial-rooms.ts'
import { type Peer, startPeer } from '../kit/peer.ts'
import { findFreePort, type ServerProcess, startServer } from '../kit/server-process.ts'

const sizes = [51, 10_000]
const peer = await startPeer()

async function startFederatedProcess(areMembersOmitted: boolean): Promise<ServerProcess> {
  const { authority, certificate, key } = testAuthority()
  const port = await findFreePort()
  return startServer({
    SERVER_NAME: `localhost:${port}`,
    HOMESERVER_FEDERATION: '1',
    HOMESERVER_FASTER_JOINS: areMembersOmitted ? '1' : '0',
    HOMESERVER_HTTPS_PORT: String(port),
    HOMESERVER_TLS_CERT: certificate,
    HOMESERVER_TLS_KEY: key,
    HOMESERVER_CA_CERT: authority,
    HOMESERVER_ALLOW_PRIVATE_NETWORKS: '1',
  })
}

async function call(server: ServerProcess, method: string, path: string, token: string, body?: object) {
  const reply = await fetch(`${server.baseUrl}/_matrix/client/v3/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`)
  return (await reply.json()) as JsonObject
}

/** Resident memory in MiB: now, and at its height since `resetPeak`. */
function memoryOf(server: ServerProcess): { now: number; peak: number } {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8')
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return { now: kib('VmRSS') / 1024, peak: kib('VmHWM') / 1024 }
}

const resetPeak = (server: ServerProcess) => writeFileSync(`/proc/${server.pid}/clear_refs`, '5')

/** All members are told, whether they were asked for or not. */
function tellAll(from: Peer, host: PartialHost): void {
  const inner = from.answer
  from.answer = async (request) => {
    const answer = await inner(request)
    if (!request.path.includes('/send_join/') || request.path.includes('omit_members=true')) return answer
    const state = host.before.map(({ pdu }) => pdu)
    const body = { ...(answer!.body as JsonObject), members_omitted: false, state, auth_chain: state.slice(0, 4) }
    return { status: 200, body }
  }
}

async function measure(server: ServerProcess, token: string, members: number, isCounted: boolean): Promise<void> {
  const names = Array.from({ length: members - 1 }, (_, index) => `member${index}`)
  const host = hostPartialRoom(peer, names)
  host.release()
  tellAll(peer, host)
  const room = `rooms/${encodeURIComponent(host.room.roomId)}`
  resetPeak(server)
  const before = memoryOf(server).now
  const startMs = performance.now()
  await call(server, 'POST', `join/${encodeURIComponent(host.room.roomId)}?via=${peer.name}`, token, {})
  const joinedMs = performance.now() - startMs
  await call(server, 'PUT', `${room}/send/m.room.message/1`, token, { msgtype: 'm.text', body: 'hello' })
  const usedMs = performance.now() - startMs
  const { joined } = await call(server, 'GET', `${room}/joined_members`, token)
  const completeMs = performance.now() - startMs
  const growthMiB = memoryOf(server).peak - before
  if (!isCounted) return
  const figures = { joinedMs, usedMs, completeMs, growthMiB, known: Object.keys(joined as object).length }
  const rounded = Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Math.round(value)]))
  console.log(JSON.stringify({ bench: 'join-remote', mode, members, ...rounded }))
}

let mode = 'whole'
for (const name of ['whole', 'omitted', 'whole', 'omitted']) {
  mode = name
  const server = await startFederatedProcess(mode === 'omitted')
  const username = `user${Date.now()}`
  const auth = { type: 'm.login.dummy' }
  const { access_token: token } = await call(server, 'POST', 'register', '', { username, password: 'password1', auth })
  await measure(server, String(token), 3, false)
  for (const size of sizes) for (let round = 0; round < 2; round++) await measure(server, String(token), size, true)
  await server.close()
}
await peer.close()
