/** One server of ours and one Synapse that federate with each other, with a user on each. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerAccount } from '../kit/account.ts'
import { testAuthority } from '../kit/authority.ts'
import { findFreePort, type ServerProcess, startServer } from '../kit/server-process.ts'
import { waitFor } from '../kit/wait-for.ts'
import { type SynapseProcess, startSynapseProcess } from './synapse-process.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer of any endpoint
export type AnyJson = any

export type PairUser = {
  readonly userId: string
  readonly serverName: string
  /** The answer's body; rejects with method, path, status and body unless the status is 2xx. */
  call(method: string, path: string, body?: object): Promise<AnyJson>
}

export type Pair = {
  readonly ours: ServerProcess
  readonly synapse: SynapseProcess
  /** On our server. */
  readonly ann: PairUser
  /** On Synapse. */
  readonly ben: PairUser
  close(): Promise<void>
}

/** Starts both servers and registers ann on ours and ben on Synapse. `environment` is that of ours. */
export async function startPair(environment: Record<string, string> = {}): Promise<Pair> {
  const home = mkdtempSync(join(tmpdir(), 'parallax-pair-'))
  const config = join(home, 'config.yaml')
  writeFileSync(config, 'outgoing: { allowRanges: ["127.0.0.0/8", "::1"] }\n')
  const { authority, certificate, key } = testAuthority()
  const port = await findFreePort()
  const synapse = await startSynapseProcess()
  const ours = await startServer({
    SERVER_NAME: `localhost:${port}`,
    HOMESERVER_FEDERATION: '1',
    HOMESERVER_HTTPS_PORT: String(port),
    HOMESERVER_TLS_CERT: certificate,
    HOMESERVER_TLS_KEY: key,
    HOMESERVER_CA_CERT: authority,
    PARALLAX_CONFIG: config,
    ...environment,
  })
  return {
    ours,
    synapse,
    ann: await registerUser(ours, 'ann'),
    ben: await registerUser(synapse, 'ben'),
    async close() {
      await ours.close()
      await synapse.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export async function registerUser(server: ServerProcess | SynapseProcess, localpart: string): Promise<PairUser> {
  const { userId, accessToken } = await registerAccount(server.baseUrl, localpart)
  return {
    userId,
    serverName: server.serverName,
    async call(method, path, body) {
      const answer = await fetch(`${server.baseUrl}/_matrix/client/v3/${path}`, {
        method,
        headers: { authorization: `Bearer ${accessToken}` },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return JSON.parse(text)
    },
  }
}

/** A public room of that version. */
export async function createRoom(creator: PairUser, version: string): Promise<string> {
  const { room_id } = await creator.call('POST', 'createRoom', { room_version: version, preset: 'public_chat' })
  return room_id
}

/** Joins by way of the other's server. */
export async function joinVia(joiner: PairUser, roomId: string, via: PairUser): Promise<void> {
  const server = encodeURIComponent(via.serverName)
  await joiner.call('POST', `join/${encodeURIComponent(roomId)}?server_name=${server}&via=${server}`, {})
}

let sent = 0

/** Sends a text of the sender's and waits until the reader's server shows that very event. */
export async function sendUntilSeen(sender: PairUser, reader: PairUser, roomId: string, body: string): Promise<void> {
  sent += 1
  const room = `rooms/${encodeURIComponent(roomId)}`
  const text = { msgtype: 'm.text', body }
  const { event_id: eventId } = await sender.call('PUT', `${room}/send/m.room.message/${sent}`, text)
  await waitFor(`"${body}" of ${sender.userId} at ${reader.userId}`, async () => {
    const { chunk } = await reader.call('GET', `${room}/messages?dir=b&limit=20`)
    return chunk.find((event: AnyJson) => event.event_id === eventId && event.content.body === body)
  })
}
