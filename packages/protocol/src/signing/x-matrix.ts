/** The `Authorization: X-Matrix` header of requests between servers. Spec: server-server-api#request-authentication. */

import { ProtocolError } from '../errors.ts'
import type { KeyId, ServerName } from '../ids.ts'
import { canonicalJson } from '../json/canonical.ts'
import type { JsonValue } from '../json/json.ts'
import { isKeyId, isServerName } from '../parse-ids.ts'
import { verifyText } from './ed25519.ts'
import type { Signer } from './sign-json.ts'

/** What such a header says. */
export type XMatrix = {
  readonly origin: ServerName
  /** Undefined: an old server left it out. If given, it must be one of our own names. */
  readonly destination: ServerName | undefined
  readonly keyId: KeyId
  /** Unpadded base64. */
  readonly signature: string
}

/** A request between servers, as it is signed. */
export type SignedRequest = {
  readonly method: string
  /** Path and query as sent, from `/_matrix` on. */
  readonly uri: string
  readonly origin: ServerName
  readonly destination: ServerName
  /** The parsed body; undefined: there is none. */
  readonly content?: JsonValue | undefined
}

export const xMatrixHeaderCharsMax = 4096

const scheme = /^X-Matrix[ \t]+/i
const parameter = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*))[ \t]*(?:,[ \t,]*|$)/y

/** The text that the signature of a request covers; throws `bad-json` if the body has no canonical form. */
export function requestText(request: SignedRequest): string {
  const { method, uri, origin, destination, content } = request
  return canonicalJson({ method, uri, origin, destination, ...(content !== undefined && { content }) })
}

/** The header's value for a request, signed by its origin. */
export function buildXMatrix(request: SignedRequest, signer: Signer): string {
  const { origin, destination } = request
  const signature = signer.sign(requestText(request))
  return `X-Matrix origin="${origin}",destination="${destination}",key="${signer.keyId}",sig="${signature}"`
}

/** The header's parts: values quoted or not, names in any case, unknown ones ignored; throws `bad-signature`. */
export function parseXMatrix(header: string): XMatrix {
  const values = parseParameters(header)
  const origin = values.get('origin')
  const destination = values.get('destination')
  const signature = values.get('sig')
  if (origin === undefined || !isServerName(origin)) fail('origin is not a server name')
  if (destination !== undefined && !isServerName(destination)) fail('destination is not a server name')
  const keyId = values.get('key')
  if (keyId === undefined || !isKeyId(keyId)) fail('key is not a key ID')
  if (signature === undefined || signature === '') fail('sig is missing')
  return { origin, destination, keyId, signature }
}

/**
 * True if the request was signed with that public key (base64). Throws `bad-json` if the body has no canonical form.
 */
export function verifyRequest(request: SignedRequest, signature: string, publicKey: string): boolean {
  return verifyText(publicKey, signature, requestText(request))
}

function parseParameters(header: string): ReadonlyMap<string, string> {
  if (header.length > xMatrixHeaderCharsMax) fail('it is too long')
  const prefix = scheme.exec(header)
  if (prefix === null) fail('the scheme is not X-Matrix')
  const values = new Map<string, string>()
  const text = header.slice(prefix[0].length).trimEnd()
  for (let at = 0; at < text.length; at = parameter.lastIndex) {
    parameter.lastIndex = at
    const match = parameter.exec(text)
    if (match === null) fail('it is not a list of name=value')
    const name = match[1]!.toLowerCase()
    if (values.has(name)) fail(`${name} is there twice`)
    values.set(name, match[2]?.replace(/\\(.)/g, '$1') ?? match[3]!)
  }
  return values
}

function fail(message: string): never {
  throw new ProtocolError('bad-signature', `Bad Authorization header: ${message}`)
}
