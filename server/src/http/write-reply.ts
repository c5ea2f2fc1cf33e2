/** Writing of replies and errors to the socket; the only place that does. */

import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type Logger, MatrixError } from '../base/index.ts'
import { RemoteError } from '../remote/index.ts'
import { corsHeaders } from './cors.ts'
import type { Answer } from './endpoint.ts'
import { statusOf } from './error-status.ts'
import { isReply, type Pour, type Reply } from './reply.ts'

/** Writes what a handler answered; answers the status. */
export function writeAnswer(response: ServerResponse, answer: Answer, requestId: string, logger: Logger): number {
  if (isReply(answer)) return writeReply(response, answer, requestId, logger)
  writeJson(response, 200, JSON.stringify(answer), requestId)
  return 200
}

function writeReply(response: ServerResponse, reply: Reply, requestId: string, logger: Logger): number {
  const names = Object.keys(reply.headers)
  if (names.length === 0 && typeof reply.body === 'string') writeJson(response, reply.status, reply.body, requestId)
  else {
    const length = typeof reply.body === 'function' ? reply.bodyBytes! : Buffer.byteLength(reply.body)
    const headers = [...corsHeaders, 'X-Request-ID', requestId, 'Content-Length', String(length)]
    for (const name of names) headers.push(name, reply.headers[name]!)
    const hasType = names.some((name) => name.toLowerCase() === 'content-type')
    if (!hasType) headers.push('Content-Type', 'application/json')
    response.writeHead(reply.status, headers)
    if (typeof reply.body === 'function') pour(reply.body, response, logger)
    else response.end(reply.body)
  }
  return reply.status
}

/** A file that breaks off ends the connection: the length was promised, and the client sees that it is short. */
function pour(handOver: Pour, response: ServerResponse, logger: Logger): void {
  let giveUp: (reason: Error) => void = () => {}
  response.on('close', () => giveUp(new Error('The client has left.')))
  const write = (piece: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      giveUp = reject
      response.write(piece, (error) => (error ? reject(error) : resolve()))
    })
  handOver(write).then(
    () => response.end(),
    (error) => {
      if (!response.destroyed) logger.error({ err: error }, 'a file could not be read to its end')
      response.destroy()
    },
  )
}

function writeJson(response: ServerResponse, status: number, text: string, requestId: string, more?: string[]): void {
  const headers = [
    ...corsHeaders,
    'Content-Type',
    'application/json',
    'Content-Length',
    String(Buffer.byteLength(text)),
    'X-Request-ID',
    requestId,
  ]
  if (more !== undefined) headers.push(...more)
  response.writeHead(status, headers)
  response.end(text)
}

/** Tells the client what went wrong; what is our own fault is logged under an error ID, and only that ID is told. */
export function writeError(response: ServerResponse, error: unknown, requestId: string, logger: Logger): number {
  const told = error instanceof MatrixError ? error : (remoteFault(error, logger) ?? ownFault(error, logger))
  const status = told.status ?? statusOf(told.errcode)
  if (response.headersSent || response.destroyed) return status
  const text = JSON.stringify({ errcode: told.errcode, error: told.message, ...told.fields })
  const retryMs = told.errcode === 'M_LIMIT_EXCEEDED' ? told.fields.retry_after_ms : undefined
  const more = typeof retryMs === 'number' ? ['Retry-After', String(Math.ceil(retryMs / 1000))] : undefined
  writeJson(response, status, text, requestId, more)
  return status
}

function remoteFault(error: unknown, logger: Logger): MatrixError | undefined {
  if (!(error instanceof RemoteError)) return undefined
  logger.debug({ err: error }, 'another server could not be asked')
  return new MatrixError('M_UNKNOWN', `Another server could not be asked (${error.kind}).`, {}, 502)
}

function ownFault(error: unknown, logger: Logger): MatrixError {
  const errorId = randomBytes(6).toString('hex')
  logger.error({ errorId, err: error }, 'a request failed by a fault of this server')
  return new MatrixError('M_UNKNOWN', `Something is wrong with this server (error ${errorId}).`, {}, 500)
}
