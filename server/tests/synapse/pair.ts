/** One server of ours and one Synapse that federate with each other, with a user on each; what both can be asked. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { registerAccount, type TestAccount } from '../kit/account.ts'
import { testAuthority } from '../kit/authority.ts'
import { type ServerProcess, startServer } from '../kit/server-process.ts'
import { waitFor } from '../kit/wait-for.ts'
import { openSwitchablePort, type SwitchablePort } from './switchable-port.ts'
import { type SynapseProcess, startSynapseProcess } from './synapse-process.ts'

// biome-ignore lint/suspicious/noExplicitAny: an answer of any endpoint
export type AnyJson = any

export type PairUser = {
  readonly account: TestAccount
  readonly userId: string
  readonly server: ServerProcess | SynapseProcess
  readonly serverName: string
  /** The answer's body; rejects with path, status and body unless the status is 2xx. Whole paths begin with /. */
  call(method: string, path: string, body?: object): Promise<AnyJson>
  /** Whatever is answered. */
  ask(method: string, path: string, body?: object | Uint8Array, type?: string): Promise<Response>
}

export type Pair = {
  readonly ours: ServerProcess
  readonly synapse: SynapseProcess
  /** On our server. */
  readonly ann: PairUser
  /** On Synapse. */
  readonly ben: PairUser
  /** Both servers reach each other, or neither does. */
  setConnected(isConnected: boolean): void
  close(): Promise<void>
}

/** Starts both servers and registers ann on ours and ben on Synapse. `environment` is that of ours. */
export async function startPair(environment: Record<string, string> = {}): Promise<Pair> {
  const home = mkdtempSync(join(tmpdir(), 'parallax-pair-'))
  const ports = [await openSwitchablePort(), await openSwitchablePort()] as const
  const synapse = await startSynapseProcess(ports[1])
  const ours = await startOurs(home, ports[0], environment)
  return {
    ours,
    synapse,
    ann: await registerUser(ours, 'ann'),
    ben: await registerUser(synapse, 'ben'),
    setConnected(isConnected) {
      for (const port of ports) port.setOpen(isConnected)
    },
    async close() {
      await ours.close()
      await synapse.close()
      for (const port of ports) await port.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

async function startOurs(
  home: string,
  { port, target }: SwitchablePort,
  environment: Record<string, string>,
): Promise<ServerProcess> {
  const config = join(home, 'config.yaml')
  writeFileSync(config, 'outgoing: { allowRanges: ["127.0.0.0/8", "::1"] }\n')
  const { authority, certificate, key } = testAuthority()
  return startServer({
    SERVER_NAME: `localhost:${port}`,
    HOMESERVER_FEDERATION: '1',
    HOMESERVER_HTTPS_PORT: String(target),
    HOMESERVER_TLS_CERT: certificate,
    HOMESERVER_TLS_KEY: key,
    HOMESERVER_CA_CERT: authority,
    PARALLAX_CONFIG: config,
    ...environment,
  })
}

/** A new user on the same server as `of`. */
export function registerBeside(of: PairUser, localpart: string): Promise<PairUser> {
  return registerUser(of.server, localpart)
}

export async function registerUser(server: ServerProcess | SynapseProcess, localpart: string): Promise<PairUser> {
  const account = await registerAccount(server.baseUrl, localpart)
  const ask: PairUser['ask'] = (method, path, body, type = 'application/json') =>
    fetch(`${server.baseUrl}${path.startsWith('/') ? '' : '/_matrix/client/v3/'}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${account.accessToken}`,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body.slice() : JSON.stringify(body) }),
    })
  return {
    account,
    userId: account.userId,
    server,
    serverName: server.serverName,
    ask,
    async call(method, path, body) {
      const answer = await ask(method, path, body)
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return JSON.parse(text)
    },
  }
}

/** Path of a room's resources. */
export const roomPath = (roomId: string, rest: string) => `rooms/${encodeURIComponent(roomId)}/${rest}`

/** A public room of that version. */
export async function createRoom(creator: PairUser, version: string, more: object = {}): Promise<string> {
  const request = { room_version: version, preset: 'public_chat', ...more }
  const { room_id } = await creator.call('POST', 'createRoom', request)
  return room_id
}

/** Joins, or knocks, by way of the other's server; answers the status. */
export async function enterVia(joiner: PairUser, room: string, via: PairUser, how = 'join'): Promise<number> {
  const server = encodeURIComponent(via.serverName)
  const path = `${how}/${encodeURIComponent(room)}?server_name=${server}&via=${server}`
  const answer = await joiner.ask('POST', path, {})
  await answer.text()
  return answer.status
}

/** Joins by way of the other's server, and waits until that one has told its users so. */
export async function joinVia(joiner: PairUser, roomId: string, via: PairUser): Promise<void> {
  const status = await enterVia(joiner, roomId, via)
  if (status !== 200) throw new Error(`${joiner.userId} could not join ${roomId}: ${status}`)
  await waitForMembership(via, roomId, joiner, 'join')
}

export async function setState(
  user: PairUser,
  roomId: string,
  type: string,
  content: object,
  key = '',
): Promise<string> {
  const path = roomPath(roomId, `state/${type}/${encodeURIComponent(key)}`)
  return (await user.call('PUT', path, content)).event_id
}

/** Content of the state that the user's server holds, or undefined. */
export async function findState(user: PairUser, roomId: string, type: string, key = ''): Promise<AnyJson> {
  const answer = await user.ask('GET', roomPath(roomId, `state/${type}/${encodeURIComponent(key)}`))
  const body = await answer.json()
  return answer.ok ? body : undefined
}

/** Waits until the user's server says so of a member. */
export async function waitForMembership(
  user: PairUser,
  roomId: string,
  of: PairUser,
  membership: string,
): Promise<void> {
  await waitFor(`${membership} of ${of.userId} at ${user.userId}`, async () => {
    const member = await findState(user, roomId, 'm.room.member', of.userId)
    return member?.membership === membership ? true : undefined
  })
}

/** Waits until both users' servers have the same state, event by event; answers it by type and key. */
export async function waitForAgreement(one: PairUser, other: PairUser, roomId: string): Promise<Map<string, AnyJson>> {
  const stateOf = async (user: PairUser): Promise<Map<string, AnyJson>> => {
    const state: AnyJson[] = await user.call('GET', roomPath(roomId, 'state'))
    const entries = state.map((event) => [`${event.type}|${event.state_key}`, event] as const)
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  const idsOf = (state: Map<string, AnyJson>) => [...state].map(([key, event]) => `${key} ${event.event_id}`)
  let difference: string[] = []
  const agreed = await waitFor(
    'the same state on both',
    async () => {
      const [here, there] = [await stateOf(one), await stateOf(other)]
      const [ours, theirs] = [idsOf(here), idsOf(there)]
      difference = ours.filter((id) => !theirs.includes(id)).concat(theirs.filter((id) => !ours.includes(id)))
      return difference.length === 0 ? here : undefined
    },
    60_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; they differ in:\n${difference.join('\n')}`)
  })
  return agreed
}

let sent = 0

/** Sends a text; its event's ID. */
export async function say(sender: PairUser, roomId: string, body: string): Promise<string> {
  sent += 1
  const text = { msgtype: 'm.text', body }
  return (await sender.call('PUT', roomPath(roomId, `send/m.room.message/t${sent}`), text)).event_id
}

/** Waits until the reader's server shows that very event among the newest, and answers it. */
export function waitForEvent(reader: PairUser, roomId: string, eventId: string): Promise<AnyJson> {
  return waitFor(
    `${eventId} at ${reader.userId}`,
    async () => {
      const { chunk } = await reader.call('GET', roomPath(roomId, 'messages?dir=b&limit=50'))
      return chunk.find((event: AnyJson) => event.event_id === eventId)
    },
    60_000,
  )
}

/** Sends a text of the sender's and waits until the reader's server shows that very event. */
export async function sendUntilSeen(sender: PairUser, reader: PairUser, roomId: string, body: string): Promise<void> {
  await waitForEvent(reader, roomId, await say(sender, roomId, body))
}

/** Follows /sync until `find` answers something for one of its replies. */
export async function syncUntil<T>(
  user: PairUser,
  what: string,
  find: (reply: AnyJson) => T | undefined,
  since?: string,
): Promise<T> {
  let token = since
  return waitFor(`${what} in the sync of ${user.userId}`, async () => {
    const from = token === undefined ? '' : `&since=${encodeURIComponent(token)}`
    const reply = await user.call('GET', `sync?timeout=2000${from}`)
    token = reply.next_batch
    return find(reply)
  })
}

/** Both ways of doing something between the two: who begins, and who is on the other server. */
export const ways = [
  { way: 'ours to Synapse', of: ({ ann, ben }: Pair) => ({ here: ann, there: ben }) },
  { way: 'Synapse to ours', of: ({ ann, ben }: Pair) => ({ here: ben, there: ann }) },
] as const
