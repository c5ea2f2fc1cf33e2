/** What happens to a request once its endpoint is known: authenticate, limit, read and check, handle, reply. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { JsonObject } from '@parallax/protocol'
import { type Logger, MatrixError, withRequestId } from '../base/index.ts'
import {
  readServerClaim,
  requireFederation,
  requireServerKey,
  type ServerDoor,
  verifyServer,
} from './authenticate-server.ts'
import { authenticateUser, type FindCaller, findAccessToken } from './authenticate-user.ts'
import { addressOf } from './client-address.ts'
import type { Components } from './components.ts'
import type { Answer, Call, Caller, CallingServer, EndpointDeclaration } from './endpoint.ts'
import { httpLimits } from './limits.ts'
import type { OpenCalls } from './open-calls.ts'
import type { RateLimiter } from './rate-limit.ts'
import { parseJsonBody, readBody } from './read-body.ts'
import { RequestCall } from './request-call.ts'
import { countReply, type Route, readyChecks } from './route.ts'
import type { HeldBody, UnverifiedBodies } from './unverified-bodies.ts'
import type { QueryValues } from './validate.ts'
import { writeAnswer, writeError } from './write-reply.ts'

/** What all requests share. */
export type Desk = {
  readonly components: Components
  readonly logger: Logger
  readonly limiter: RateLimiter
  readonly findCaller: FindCaller
  /** Notes that a user was here; must be quick. */
  readonly noteSeen: (caller: Caller, ip: string, userAgent: string | undefined) => void
  readonly serverDoor: ServerDoor
  readonly openCalls: OpenCalls
  readonly unverified: UnverifiedBodies
  readonly bodyBytesMax: number
  readonly isTokenInQueryAllowed: boolean
  readonly trustedProxies: ReadonlySet<string>
}

/** A request as the router hands it over, parameters percent-decoded. */
export type Arrived = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly params: Record<string, string>
  readonly query: QueryValues
  readonly requestId: string
}

/** Answers one request; never rejects. */
export async function dispatch(desk: Desk, route: Route, arrived: Arrived): Promise<void> {
  const startedMs = performance.now()
  const { response, requestId } = arrived
  let status: number
  try {
    const answer = await withRequestId(requestId, () => answerTo(desk, route, arrived))
    status = response.destroyed ? 499 : writeAnswer(response, answer, requestId, desk.logger)
  } catch (error) {
    status = withRequestId(requestId, () => writeError(response, error, requestId, desk.logger))
  }
  desk.openCalls.end(response)
  countReply(route, status, performance.now() - startedMs)
}

async function answerTo(desk: Desk, route: Route, arrived: Arrived): Promise<Answer> {
  const { declaration, handle } = route.endpoint
  const { request, response } = arrived
  const ip = addressOf(request, desk.trustedProxies)
  const caller = await findCallerOf(desk, declaration, arrived)
  if (caller !== undefined) desk.noteSeen(caller, ip, request.headers['user-agent'])
  const claim = declaration.auth === 'server' ? readServerClaim(desk.serverDoor, request) : undefined
  desk.limiter.take(declaration.limit, caller?.user ?? ip)
  const publicKey = claim && (await requireServerKey(desk.serverDoor, claim))
  const held = claim && desk.unverified.open(ip)
  let read: ReadBody
  let server: CallingServer | undefined
  try {
    read = await readParsed(desk, declaration, request, held)
    const signed = read.bytes?.length ? read.body : undefined
    server = claim && verifyServer(desk.serverDoor, { ...claim, publicKey: publicKey! }, request, signed)
  } finally {
    held?.close()
  }
  const { body, bytes } = read
  const checks = route.checks ?? (await readyChecks(route))
  const isJson = bytes !== undefined && declaration.bodyBytesMax === undefined
  const call = new RequestCall({
    caller,
    server,
    params: checks.params(arrived.params) as Record<string, string>,
    query: checks.query(arrived.query) as QueryValues,
    body: (isJson ? checks.body(body) : body) as JsonObject,
    bodyBytes: declaration.bodyBytesMax === undefined ? undefined : bytes,
    ip,
    request,
    response,
    openCalls: desk.openCalls,
  })
  return await handle(desk.components, call as Call<EndpointDeclaration>)
}

type ReadBody = { readonly bytes: Uint8Array | undefined; readonly body: JsonObject }

async function readParsed(
  desk: Desk,
  declaration: EndpointDeclaration,
  request: IncomingMessage,
  held: HeldBody | undefined,
): Promise<ReadBody> {
  if (!hasBody(declaration)) return { bytes: undefined, body: {} }
  const bytes = await readBody(request, bodyBytesMaxOf(desk, declaration), held?.add)
  return { bytes, body: parsedBody(declaration, bytes) }
}

function bodyBytesMaxOf(desk: Desk, { auth, bodyBytesMax }: EndpointDeclaration): number {
  return bodyBytesMax ?? (auth === 'server' ? httpLimits.serverBodyBytesMax : desk.bodyBytesMax)
}

function hasBody({ method, isFile }: EndpointDeclaration): boolean {
  return method !== 'GET' && isFile !== true
}

function parsedBody(declaration: EndpointDeclaration, bytes: Uint8Array): JsonObject {
  const { method, bodyBytesMax, emptyBodyAllowed, auth } = declaration
  if (bodyBytesMax !== undefined) return {}
  // Events of other servers are judged by how their numbers were written.
  const floats = auth === 'server' ? 'mark' : 'keep'
  return parseJsonBody(bytes, method === 'DELETE' || emptyBodyAllowed === true, floats)
}

async function findCallerOf(
  desk: Desk,
  declaration: EndpointDeclaration,
  arrived: Arrived,
): Promise<Caller | undefined> {
  const { auth } = declaration
  if (auth === 'none' || auth === 'server') return undefined
  if (auth === 'any-server') {
    requireFederation(desk.serverDoor)
    return undefined
  }
  if (auth === 'appservice') throw new MatrixError('M_UNRECOGNIZED', 'No application service is set up.')
  const { headers } = arrived.request
  const token = findAccessToken(headers.authorization, arrived.query, desk.isTokenInQueryAllowed)
  return authenticateUser(declaration, token, desk.findCaller)
}
