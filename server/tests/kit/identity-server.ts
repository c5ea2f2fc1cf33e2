/**
 * An identity server over TLS on loopback: it confirms addresses, keeps invites, binds addresses to users and signs, as
 * the Identity Service API says. No registry has one to be started.
 */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import {
  createSigner,
  createSigningKey,
  isJsonObject,
  type JsonObject,
  parseXMatrix,
  type ServerName,
  sha256Base64Url,
  signJson,
  verifyRequest,
} from '@parallax/protocol'
import { testAuthority } from './authority.ts'

type Reply = { readonly status: number; readonly body: object; readonly headers?: Record<string, string> }
type KeptInvite = { readonly token: string; readonly invite: JsonObject }
type Call = { readonly method: string; readonly url: URL; readonly body: JsonObject; readonly authorization: string }

export type IdentityServer = {
  /** `localhost:<port>` */
  readonly name: ServerName
  /** The one token that it takes. */
  readonly token: string
  pepper: string
  isKeyValid: boolean
  /** Users by address. */
  readonly bound: Map<string, string>
  /** What it has written to people about. */
  readonly invites: KeptInvite[]
  /** Method and path of everything that it was asked. */
  readonly asked: string[]
  /** Answers before it does; undefined: it answers itself; `cut`: no answer ever ends. */
  answer: (path: string) => Reply | 'endless' | undefined
  /** Public keys of homeservers, for what they sign. */
  findKey: (server: string) => string | undefined
  /** An address that somebody has confirmed; the session's ID. */
  confirm(address: string, clientSecret: string): string
  /** What the person who got the letter shows. */
  sign(token: string, mxid: string, sender: string): JsonObject
  close(): Promise<void>
}

/** Starts one on a free port. */
export async function startIdentityServer(keySeed = 21): Promise<IdentityServer> {
  const files = testAuthority()
  const tls = { cert: readFileSync(files.certificate), key: readFileSync(files.key) }
  const server = createServer(tls, (request, response) => void handle(state, request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const name = `localhost:${(server.address() as AddressInfo).port}` as ServerName
  const key = createSigningKey('0', new Uint8Array(32).fill(keySeed))
  const state: State = {
    ...{ name, token: 'opaque', pepper: 'matrixrocks', isKeyValid: true, publicKey: key.publicKey },
    ...{ bound: new Map(), invites: [], asked: [], sessions: new Map() },
    answer: () => undefined,
    findKey: () => undefined,
    confirm(address, clientSecret) {
      const sid = String(state.sessions.size + 1)
      state.sessions.set(sid, { address, clientSecret })
      return sid
    },
    sign: (token, mxid, sender) => signJson({ mxid, sender, token }, createSigner(name, key)),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return state
}

type State = IdentityServer & {
  readonly publicKey: string
  readonly sessions: Map<string, { address: string; clientSecret: string }>
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const bytes = await buffer(request)
  const url = new URL(request.url!, `https://${state.name}`)
  const { method = '', headers } = request
  state.asked.push(`${method} ${url.pathname}`)
  const body = bytes.length === 0 ? {} : (JSON.parse(String(bytes)) as JsonObject)
  const call = { method, url, body, authorization: headers.authorization ?? '' }
  const answer = state.answer(url.pathname) ?? reply(state, call)
  if (answer === 'endless') return drip(response)
  response.writeHead(answer.status, { 'Content-Type': 'application/json', ...answer.headers })
  response.end(JSON.stringify(answer.body))
}

function drip(response: ServerResponse): void {
  response.on('error', () => {})
  const more = () => {
    if (!response.destroyed) response.write(' '.repeat(65_536), () => setImmediate(more))
  }
  more()
}

const refuse = (status: number, errcode: string): Reply => ({ status, body: { errcode, error: 'No.' } })
const done = (body: object): Reply => ({ status: 200, body })

function reply(state: State, call: Call): Reply {
  const path = call.url.pathname.replace('/_matrix/identity/v2/', '')
  if (path === 'pubkey/isvalid') {
    return done({ valid: state.isKeyValid && call.url.searchParams.get('public_key') === state.publicKey })
  }
  if (path === '3pid/unbind') return unbind(state, call)
  if (call.authorization !== `Bearer ${state.token}`) return refuse(401, 'M_UNAUTHORIZED')
  if (path === 'hash_details') return done({ algorithms: ['sha256'], lookup_pepper: state.pepper })
  if (path === 'lookup') return lookUp(state, call.body)
  if (path === 'store-invite') return storeInvite(state, call.body)
  if (path === '3pid/bind') return bind(state, call.body)
  return refuse(404, 'M_UNRECOGNIZED')
}

function lookUp({ bound, pepper }: State, body: JsonObject): Reply {
  if (body.pepper !== pepper) return refuse(400, 'M_INVALID_PEPPER')
  if (body.algorithm !== 'sha256') return refuse(400, 'M_INVALID_PARAM')
  const hashes = [...bound].map(([address, mxid]) => [sha256Base64Url(`${address} email ${pepper}`), mxid] as const)
  const asked = body.addresses as string[]
  return done({ mappings: Object.fromEntries(hashes.filter(([hash]) => asked.includes(hash))) })
}

function storeInvite(state: State, invite: JsonObject): Reply {
  const token = `token${state.invites.length + 1}`
  state.invites.push({ token, invite })
  const at = `https://${state.name}/_matrix/identity/v2/pubkey/isvalid`
  const keys = [{ public_key: state.publicKey, key_validity_url: at }]
  return done({ token, display_name: `${String(invite.address).slice(0, 1)}...`, public_keys: keys })
}

function bind(state: State, { sid, client_secret: secret, mxid }: JsonObject): Reply {
  const session = state.sessions.get(String(sid))
  if (session === undefined || session.clientSecret !== secret) return refuse(404, 'M_SESSION_NOT_VALIDATED')
  state.bound.set(session.address, String(mxid))
  return done({ medium: 'email', address: session.address, mxid: String(mxid) })
}

/** Takes what the user's homeserver signed. */
function unbind(state: State, { method, url, body, authorization }: Call): Reply {
  if (!authorization.startsWith('X-Matrix')) return refuse(403, 'M_FORBIDDEN')
  const { origin, signature } = parseXMatrix(authorization)
  const key = state.findKey(origin)
  const request = { method, uri: url.pathname, origin, destination: state.name, content: body }
  if (key === undefined || !verifyRequest(request, signature, key)) return refuse(403, 'M_FORBIDDEN')
  const { mxid, threepid } = body
  const address = isJsonObject(threepid) ? String(threepid.address) : ''
  if (!String(mxid).endsWith(`:${origin}`) || state.bound.get(address) !== mxid) return refuse(403, 'M_FORBIDDEN')
  state.bound.delete(address)
  return done({})
}
