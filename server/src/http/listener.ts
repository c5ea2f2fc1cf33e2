/** The sockets: plain HTTP, and TLS beside it if a certificate is configured; start and graceful stop. */

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import fastify, { type FastifyInstance } from 'fastify'
import { MatrixError } from '../base/index.ts'
import { preflightHeaders } from './cors.ts'
import type { Desk } from './dispatch.ts'
import type { Endpoint } from './endpoint.ts'
import { httpLimits } from './limits.ts'
import type { Route } from './route.ts'
import { handleAnyType, registerEndpoints } from './router.ts'
import { writeError } from './write-reply.ts'

// An import of node:http would also load what its getters stand for, an HTTP client among it: a tenth of the start.
const { createServer } = process.getBuiltinModule('node:http')

export type ListenOptions = {
  readonly address: string
  /** 0: any free port. */
  readonly port: number
  readonly tls?: { readonly port: number; readonly certificate: string; readonly key: string }
}

export interface Listener {
  readonly routes: readonly Route[]
  /** Opens the sockets; answers the ports that they got. */
  listen(options: ListenOptions): Promise<{ port: number; tlsPort: number | undefined }>
  /** Takes no new requests, ends long polls with what they have, and waits for the rest (bounded). */
  close(): Promise<void>
}

/** A listener for these endpoints, not yet open. */
export function createListener(desk: Desk, endpoints: readonly Endpoint[]): Listener {
  const state: { handler: RequestListener | undefined; servers: Server[] } = { handler: undefined, servers: [] }
  const app = createApp(desk, state)
  const routes = registerEndpoints(app, desk, endpoints)
  return {
    routes,
    async listen({ address, port, tls }) {
      await app.listen({ host: address, port })
      const plain = state.servers[0]!
      if (tls === undefined) return { port: portOf(plain), tlsPort: undefined }
      const secure = process
        .getBuiltinModule('node:https')
        .createServer({ ...serverOptions, cert: tls.certificate, key: tls.key }, state.handler)
      secure.on('clientError', refuseBadRequest)
      state.servers.push(secure as unknown as Server)
      await new Promise<void>((resolve, reject) => {
        secure.once('error', reject)
        secure.listen(tls.port, address, resolve)
      })
      return { port: portOf(plain), tlsPort: portOf(secure as unknown as Server) }
    },
    close: () => close(app, desk, state.servers),
  }
}

const serverOptions = {
  maxHeaderSize: httpLimits.headerBytesMax,
  headersTimeout: httpLimits.headersTimeoutMs,
  requestTimeout: httpLimits.requestTimeoutMs,
  keepAliveTimeout: httpLimits.keepAliveTimeoutMs,
  noDelay: true,
}

function createApp(desk: Desk, state: { handler: RequestListener | undefined; servers: Server[] }): FastifyInstance {
  const nextId = requestIds()
  const app = fastify({
    logger: false,
    exposeHeadRoutes: false,
    genReqId: nextId,
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: httpLimits.parameterCharsMax },
    rewriteUrl: ({ url = '/' }) => withoutOldPrefix(url),
    frameworkErrors: (_error, request, reply) => {
      reply.hijack()
      writeError(reply.raw, badPath(), request.id, desk.logger)
    },
    serverFactory: (handler) => {
      state.handler = (request, response) => admit(request, response, handler as RequestListener)
      const server = createServer(serverOptions, state.handler)
      server.on('clientError', refuseBadRequest)
      state.servers.push(server)
      return server
    },
  })
  // Bodies stay streams: they are read after the caller is known (http/read-body.ts), whatever type they claim to be.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  app.setErrorHandler((error, request, reply) => {
    if ((error as { code?: string }).code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
      return handleAnyType(desk, request, reply)
    reply.hijack()
    const told = (error as { statusCode?: number }).statusCode === 400 ? badPath() : error
    writeError(reply.raw, told, request.id, desk.logger)
  })
  return app
}

/** Preflights are answered for every path; HEAD is GET without the body, which Node leaves out by itself. */
function admit(request: IncomingMessage, response: ServerResponse, handler: RequestListener): void {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, [...preflightHeaders])
    response.end()
    return
  }
  if (request.method === 'HEAD') request.method = 'GET'
  handler(request, response)
}

function withoutOldPrefix(url: string): string {
  if (!url.startsWith('/_matrix/')) return url
  if (url.startsWith('/_matrix/client/r0/')) return `/_matrix/client/v3/${url.slice(19)}`
  return url.startsWith('/_matrix/media/r0/') ? `/_matrix/media/v3/${url.slice(18)}` : url
}

function requestIds(): () => string {
  const start = randomBytes(4).toString('hex')
  let count = 0
  return () => `${start}-${(count++).toString(36)}`
}

function badPath(): MatrixError {
  return new MatrixError('M_INVALID_PARAM', 'The path is not properly percent-encoded UTF-8.')
}

/** What is no HTTP at all gets a bare reply: there is no request to answer. */
function refuseBadRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const status = isTooLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const text = JSON.stringify({ errcode: isTooLarge ? 'M_TOO_LARGE' : 'M_UNKNOWN', error: 'This is not valid HTTP.' })
  const headers = `Access-Control-Allow-Origin: *\r\nContent-Type: application/json\r\nContent-Length: ${text.length}`
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\nConnection: close\r\n\r\n${text}`)
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port
}

async function close(app: FastifyInstance, desk: Desk, servers: readonly Server[]): Promise<void> {
  desk.openCalls.abortAll()
  const forced = setTimeout(() => {
    for (const server of servers) server.closeAllConnections()
  }, httpLimits.shutdownGraceMs)
  // A connection that was busy becomes idle with its reply, and would be kept for the next request.
  const freed = setInterval(() => {
    for (const server of servers) server.closeIdleConnections()
  }, httpLimits.shutdownLookMs)
  const [, ...others] = servers
  await Promise.all([app.close(), ...others.map(closeServer)])
  clearTimeout(forced)
  clearInterval(freed)
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}
