/** A scripted server: answers other servers over TLS as a test says, and asks them with its own signature. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request as sendRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import {
  buildXMatrix,
  createSigner,
  createSigningKey,
  type JsonObject,
  type JsonValue,
  type ServerName,
  type Signer,
  type SigningKey,
  signJson,
} from '@parallax/protocol'
import { testAuthority } from './authority.ts'

export type PeerRequest = {
  readonly method: string
  /** As it came, with query. */
  readonly path: string
  readonly body: JsonObject
  readonly headers: IncomingMessage['headers']
}

export type PeerAnswer = {
  readonly status: number
  readonly body: JsonValue
  readonly headers?: Record<string, string>
  /** Answered instead of the body. */
  readonly bytes?: Uint8Array
}

export type Peer = {
  /** `localhost:<port>` */
  readonly name: ServerName
  readonly signer: Signer
  key: SigningKey
  /** Everything that it was asked, keys included. */
  readonly asked: PeerRequest[]
  /** Answers what nobody else answers; a test may replace it. `undefined`: the connection is cut. */
  answer: (request: PeerRequest) => PeerAnswer | undefined | Promise<PeerAnswer | undefined>
  /** Its keys as it publishes them; a test may replace them. */
  keyDocument: () => JsonObject
  /** Asks a server, signed by this one; `header` replaces the Authorization header. */
  ask(server: string, method: string, path: string, body?: JsonValue, header?: string | null): Promise<PeerAnswer>
  close(): Promise<void>
}

/** Starts a peer on a free port. */
export async function startPeer(keySeed = 9): Promise<Peer> {
  const files = testAuthority()
  const tls = { cert: readFileSync(files.certificate), key: readFileSync(files.key), ca: readFileSync(files.authority) }
  const server = createServer(tls, (request, response) => void handle(peer, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const name = `localhost:${(server.address() as AddressInfo).port}` as ServerName
  const key = createSigningKey('peer', new Uint8Array(32).fill(keySeed))
  const peer: Peer = {
    name,
    key,
    get signer() {
      return createSigner(name, peer.key)
    },
    asked: [],
    answer: () => ({ status: 404, body: { errcode: 'M_UNRECOGNIZED', error: 'Not scripted.' } }),
    keyDocument: () => keyDocumentOf(name, peer.key),
    ask: (to, method, path, body, header) => ask(peer, tls.ca, to as ServerName, { method, path, body, header }),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return peer
}

/** A key document as servers publish it, valid for an hour. */
export function keyDocumentOf(name: ServerName, key: SigningKey, change: JsonObject = {}): JsonObject {
  const document = {
    server_name: name,
    valid_until_ts: Date.now() + 3600_000,
    verify_keys: { [key.keyId]: { key: key.publicKey } },
    old_verify_keys: {},
    ...change,
  }
  return signJson(document, createSigner(name, key))
}

async function handle(peer: Peer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const bytes = await buffer(request)
  const { method = '', url: path = '', headers } = request
  const arrived = { method, path, headers, body: bytes.length === 0 ? {} : JSON.parse(String(bytes)) }
  peer.asked.push(arrived)
  const isKeys = path.startsWith('/_matrix/key/v2/server')
  const answer = isKeys ? { status: 200, body: peer.keyDocument() } : await peer.answer(arrived)
  if (answer === undefined) request.socket.destroy()
  else response.writeHead(answer.status, (answer as PeerAnswer).headers ?? {}).end(bodyOf(answer))
}

const bodyOf = ({ bytes, body }: PeerAnswer) => bytes ?? JSON.stringify(body)

type Question = {
  readonly method: string
  readonly path: string
  readonly body: JsonValue | undefined
  readonly header: string | null | undefined
}

async function ask(peer: Peer, ca: Buffer, to: ServerName, question: Question): Promise<PeerAnswer> {
  const { method, path: uri, body } = question
  const signed = buildXMatrix({ method, uri, origin: peer.name, destination: to, content: body }, peer.signer)
  const authorization = question.header === undefined ? signed : question.header
  const headers = { ...(authorization !== null && { Authorization: authorization }), Connection: 'close' }
  const outgoing = sendRequest(`https://${to}${uri}`, { method, headers, ca, agent: false })
  outgoing.end(body === undefined ? undefined : JSON.stringify(body))
  const [reply] = (await once(outgoing, 'response')) as [IncomingMessage]
  const text = String(await buffer(reply))
  const json = /json/.test(reply.headers['content-type'] ?? '') ? JSON.parse(text) : text
  return { status: reply.statusCode ?? 0, body: json, headers: reply.headers as Record<string, string> }
}
