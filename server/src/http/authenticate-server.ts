/**
 * Which server calls: the signature of a request covers method, path, both servers and the body.
 * Spec: server-server-api#request-authentication. While federation is off, no such path exists.
 */

import type { IncomingMessage } from 'node:http'
import {
  type JsonObject,
  ProtocolError,
  parseXMatrix,
  type ServerName,
  verifyRequest,
  type XMatrix,
} from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Domains } from '../config/index.ts'
import type { Remote } from '../remote/index.ts'
import type { CallingServer } from './endpoint.ts'

/** What the door for other servers knows. */
export type ServerDoor = {
  readonly remote: Pick<Remote, 'isEnabled' | 'isAllowed' | 'keyRing' | 'destinations'>
  readonly domains: Domains
  readonly nowMs: () => number
}

/** What the header of a request says, not yet verified. */
export type ServerClaim = XMatrix & { readonly destination: ServerName }

/** While federation is off, whatever is for servers does not exist. */
export function requireFederation({ remote }: ServerDoor): void {
  if (!remote.isEnabled) throw new MatrixError('M_UNRECOGNIZED', 'Federation is switched off on this server.')
}

/**
 * What the request claims; throws M_UNRECOGNIZED while federation is off, M_UNAUTHORIZED if the header is missing,
 * malformed or for another server, M_FORBIDDEN if the config denies that server. Costs nothing but a little parsing.
 */
export function readServerClaim(door: ServerDoor, request: IncomingMessage): ServerClaim {
  requireFederation(door)
  const claim = parseHeader(request.headers.authorization)
  const { first, isLocal } = door.domains
  const destination = claim.destination ?? first
  if (!isLocal(destination)) throw unauthorized(`The request is for ${destination}, which is not here.`)
  if (isLocal(claim.origin)) throw unauthorized('A server does not ask itself.')
  if (!door.remote.isAllowed(claim.origin)) {
    throw new MatrixError('M_FORBIDDEN', `This server does not talk to ${claim.origin}.`)
  }
  return { ...claim, destination }
}

/** The key that the claim names; throws M_UNAUTHORIZED. Before it is there, nothing of the request's body is read. */
export async function requireServerKey({ remote, nowMs }: ServerDoor, claim: ServerClaim): Promise<string> {
  const { origin, keyId } = claim
  const keys = await remote.keyRing.findKeys({ server: origin, keyIds: [keyId], validAtMs: nowMs(), isThere: true })
  const publicKey = keys.get(keyId)
  if (publicKey !== undefined) return publicKey
  throw unauthorized(`The key ${keyId} of ${origin} is not known or has expired.`)
}

/** The server that signed the request; throws M_UNAUTHORIZED. `body` undefined: the request has none. */
export function verifyServer(
  { remote }: ServerDoor,
  { origin, destination: to, signature, publicKey }: ServerClaim & { readonly publicKey: string },
  request: IncomingMessage,
  body: JsonObject | undefined,
): CallingServer {
  const { method = '', url: uri = '' } = request
  // Whoever leaves out the destination in the header signs it all the same.
  const signed = { method, uri, origin, destination: to, content: body }
  if (!isSigned(signed, signature, publicKey)) throw unauthorized(`The request is not signed by ${origin}.`)
  remote.destinations.noteAlive(origin)
  return { origin, destination: to }
}

function isSigned(...[request, signature, publicKey]: Parameters<typeof verifyRequest>): boolean {
  try {
    return verifyRequest(request, signature, publicKey)
  } catch (error) {
    if (error instanceof ProtocolError) return false
    throw error
  }
}

function parseHeader(header: string | undefined): XMatrix {
  if (header === undefined) throw unauthorized('The request needs an Authorization header that begins with X-Matrix.')
  try {
    return parseXMatrix(header)
  } catch (error) {
    if (error instanceof ProtocolError) throw unauthorized(`${error.message}.`)
    throw error
  }
}

function unauthorized(message: string): MatrixError {
  return new MatrixError('M_UNAUTHORIZED', message)
}
