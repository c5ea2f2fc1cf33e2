/**
 * Asking identity servers: only those that the config names, whatever clients say. Spec: identity-service-api. They see
 * addresses of people, so nothing is asked that a user of ours did not ask for.
 */

import {
  buildXMatrix,
  isJsonObject,
  isUserIdText,
  type JsonObject,
  type ServerName,
  type Signer,
  serverNameOf,
  sha256Base64Url,
  type UserId,
} from '@parallax/protocol'
import { requireObject, requireText } from '../calls/reply.ts'
import type { OutgoingHttp } from '../http/outgoing-http.ts'
import { identityLimits } from '../limits.ts'
import { RemoteError } from '../remote-error.ts'
import { parseReply, refusal } from '../signed/signed-request.ts'
import { type PublicKeyEntry, readStoredInvite, type StoredInvite } from './stored-invite.ts'

/** Which server, and the token that the user has there. */
export type IdentityAccess = { readonly server: string; readonly accessToken: string }

export type ThreePid = { readonly medium: string; readonly address: string }

export interface IdentityServers {
  /** True if the config names this server. */
  isTrusted(server: string): boolean
  /** The user whom the server knows by this address. */
  lookUp(access: IdentityAccess, threePid: ThreePid): Promise<UserId | undefined>
  /** Has the server write to the address; `invite` as POST /store-invite takes it. */
  storeInvite(access: IdentityAccess, invite: JsonObject): Promise<StoredInvite>
  /** Tells the server that the address, which it has confirmed in that session, is the user's. */
  bind(access: IdentityAccess, session: { sid: string; clientSecret: string }, userId: UserId): Promise<ThreePid>
  /** Has the server forget that: signed by us, no token of the user is needed. */
  unbind(server: string, userId: UserId, threePid: ThreePid): Promise<void>
  /** What the URL says of a key. Asked at any host: rooms name them, not our users. */
  isKeyValid(key: PublicKeyEntry): Promise<boolean>
}

export type IdentityDeps = {
  readonly outgoing: OutgoingHttp
  readonly findSigner: (server: ServerName) => Signer | undefined
  /** `host` or `host:port` of each. */
  readonly servers: readonly string[]
}

const at = '/_matrix/identity/v2/'

export function createIdentityServers({ outgoing, findSigner, servers }: IdentityDeps): IdentityServers {
  const trusted = new Set(servers)
  const ask = createAsk(outgoing, trusted)
  const lookUpOnce = async ({ server, accessToken }: IdentityAccess, { medium, address }: ThreePid) => {
    const { lookup_pepper: pepper } = await ask(server, 'GET', 'hash_details', { bearer: accessToken })
    if (typeof pepper !== 'string') throw new RemoteError('bad-reply', `${server} names no pepper`)
    const hash = sha256Base64Url(`${address} ${medium} ${pepper}`)
    const body = { addresses: [hash], algorithm: 'sha256', pepper }
    const { mappings } = await ask(server, 'POST', 'lookup', { bearer: accessToken, body })
    const found = isJsonObject(mappings) && Object.hasOwn(mappings, hash) ? mappings[hash] : undefined
    return typeof found === 'string' && isUserIdText(found) ? found : undefined
  }
  return {
    isTrusted: (server) => trusted.has(server),
    async lookUp(access, threePid) {
      try {
        return await lookUpOnce(access, threePid)
      } catch (error) {
        // The pepper changes now and then: once more with the new one.
        if (!(error instanceof RemoteError) || error.answer?.errcode !== 'M_INVALID_PEPPER') throw error
        return lookUpOnce(access, threePid)
      }
    },
    async storeInvite({ server, accessToken }, invite) {
      return readStoredInvite(await ask(server, 'POST', 'store-invite', { bearer: accessToken, body: invite }))
    },
    async bind({ server, accessToken }, { sid, clientSecret }, userId) {
      const body = { sid, client_secret: clientSecret, mxid: userId }
      const reply = await ask(server, 'POST', '3pid/bind', { bearer: accessToken, body })
      return { medium: requireText(reply, 'medium'), address: requireText(reply, 'address') }
    },
    async unbind(server, userId, { medium, address }) {
      const origin = serverNameOf(userId)
      const signer = findSigner(origin)
      if (signer === undefined) throw new Error(`no signing key for ${origin}`)
      const body = { mxid: userId, threepid: { medium, address } }
      const request = { method: 'POST', uri: `${at}3pid/unbind`, origin, destination: server as ServerName }
      const authorization = buildXMatrix({ ...request, content: body }, signer)
      await ask(server, 'POST', '3pid/unbind', { authorization, body })
    },
    async isKeyValid({ publicKey, validityUrl }) {
      const url = URL.parse(validityUrl)
      if (url === null) return false
      url.searchParams.set('public_key', publicKey)
      const { status, body } = await outgoing.request({
        ...{ url: url.href, method: 'GET', isTlsRequired: true },
        ...{ timeoutMs: identityLimits.timeoutMs, bodyBytesMax: identityLimits.bodyBytesMax },
      })
      return status === 200 && requireObject(parseReply(url.host, body), 'isvalid').valid === true
    },
  }
}

type Asked = { readonly bearer?: string; readonly authorization?: string; readonly body?: JsonObject }

/** JSON of a 2xx reply; RemoteError otherwise. Answers no redirects: they would carry the token elsewhere. */
function createAsk(outgoing: OutgoingHttp, trusted: ReadonlySet<string>) {
  return async (server: string, method: 'GET' | 'POST', path: string, asked: Asked): Promise<JsonObject> => {
    if (!trusted.has(server)) throw new RemoteError('denied', `${server} is no identity server of ours`)
    const { body, authorization = `Bearer ${headerOf(asked.bearer ?? '')}` } = asked
    const reply = await outgoing.request({
      ...{ url: `https://${server}${at}${path}`, method, isTlsRequired: true },
      headers: { authorization, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...{ timeoutMs: identityLimits.timeoutMs, bodyBytesMax: identityLimits.bodyBytesMax },
    })
    if (reply.status < 200 || reply.status > 299) throw refusal(server, path, reply)
    return requireObject(parseReply(server, reply.body), path)
  }
}

/** Tokens come from clients: nothing in one may end the header. */
function headerOf(token: string): string {
  return token.replace(/[^\x21-\x7e]/g, '')
}
