/** Requests signed by one of our domains, and their JSON replies. Spec: server-server-api#request-authentication. */

import {
  buildXMatrix,
  isJsonObject,
  type JsonValue,
  ProtocolError,
  parseStrictJson,
  type ServerName,
  type Signer,
} from '@parallax/protocol'
import type { OutgoingReply, OutgoingRequest } from '../http/outgoing-http.ts'
import { RemoteError } from '../remote-error.ts'
import { type RequestKind, requestKinds } from './request-kinds.ts'
import type { Transport } from './transport.ts'

/** Who asks whom. */
export type Parties = {
  /** One of our domains. */
  readonly origin: ServerName
  readonly destination: ServerName
}

export type SignedRequestOptions = Parties & {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** From `/_matrix` on, with query, everything percent-encoded. */
  readonly path: string
  readonly body?: JsonValue
  readonly kind: RequestKind
  /** For a path that knows no servers. */
  readonly isUnsigned?: true
  readonly signal?: AbortSignal | undefined
  /** Below that of the kind. */
  readonly bodyBytesMax?: number | undefined
  readonly openSink?: OutgoingRequest['openSink']
}

export interface SignedRequests {
  /** The parsed JSON of a 2xx reply; RemoteError otherwise, `refused` with what the server answered. */
  askJson(options: SignedRequestOptions): Promise<JsonValue>
  /** The reply of a 2xx status as it came. */
  ask(options: SignedRequestOptions): Promise<OutgoingReply>
}

export function createSignedRequests(
  transport: Transport,
  findSigner: (server: ServerName) => Signer | undefined,
): SignedRequests {
  const sign = ({ origin, destination, method, path: uri, body: content }: SignedRequestOptions): string => {
    const signer = findSigner(origin)
    if (signer === undefined) throw new Error(`no signing key for ${origin}`)
    return buildXMatrix({ method, uri, origin, destination, content }, signer)
  }
  const ask = async (options: SignedRequestOptions): Promise<OutgoingReply> => {
    const { destination, method, path, body, kind, signal, openSink } = options
    const authorization = options.isUnsigned === true ? undefined : sign(options)
    const { timeoutMs, bodyBytesMax, isUrgent } = requestKinds[kind]
    const reply = await transport.send(destination, {
      method,
      path,
      headers: {
        ...(authorization !== undefined && { authorization }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...{ timeoutMs, isUrgent, bodyBytesMax: Math.min(bodyBytesMax, options.bodyBytesMax ?? bodyBytesMax) },
      ...(openSink !== undefined && { openSink }),
      ...(signal !== undefined && { signal }),
    })
    if (reply.status < 200 || reply.status > 299) throw refusal(destination, path, reply)
    return reply
  }
  return {
    ask,
    async askJson(options) {
      const { body } = await ask(options)
      return parseReply(options.destination, body)
    },
  }
}

/** The JSON of a reply, floats marked as events want it; RemoteError `bad-reply`. */
export function parseReply(server: string, body: Uint8Array): JsonValue {
  try {
    return parseStrictJson(body, { floats: 'mark' })
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new RemoteError('bad-reply', `${server} did not answer JSON: ${error.message}`, { cause: error })
  }
}

/** What a server answered that refused. */
export function refusal(server: string, path: string, { status, body }: OutgoingReply): RemoteError {
  const json = findJson(body)
  const isExplained = isJsonObject(json) && typeof json.errcode === 'string'
  const errcode = isExplained ? String(json.errcode).slice(0, 255) : 'M_UNKNOWN'
  const error = isJsonObject(json) && typeof json.error === 'string' ? json.error.slice(0, 1000) : `Status ${status}.`
  const message = `${server} answered ${status} ${errcode} to ${path.slice(0, 200)}: ${error.slice(0, 200)}`
  return new RemoteError('refused', message, { answer: { status, errcode, error, isExplained } })
}

function findJson(body: Uint8Array): JsonValue | undefined {
  try {
    return parseStrictJson(body)
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}
