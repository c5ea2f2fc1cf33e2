/** A push gateway: a real HTTP server that notes what it is told, and answers as the test wants. */

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

// biome-ignore lint/suspicious/noExplicitAny: what arrives is looked into by tests
type AnyJson = any

export type PushGateway = {
  readonly origin: string
  /** What `data.url` of a pusher says. */
  readonly url: string
  /** `notification` of all requests so far, also of those that were not answered well. */
  readonly told: AnyJson[]
  /** How the next requests are answered; by default all is well. */
  answer: (notification: AnyJson, response: ServerResponse) => void
  close(): Promise<void>
}

/** Answers that all is well. */
export function accept(response: ServerResponse, rejected: readonly string[] = []): void {
  response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ rejected }))
}

/** A gateway on a free port of this machine. */
export async function startPushGateway(): Promise<PushGateway> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { notification } = JSON.parse(Buffer.concat(parts).toString('utf8'))
      gateway.told.push(notification)
      gateway.answer(notification, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway: PushGateway = {
    origin,
    url: `${origin}/_matrix/push/v1/notify`,
    told: [],
    answer: (_, response) => accept(response),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return gateway
}

/** Lets a server under test reach gateways on this machine: lines for its config file. */
export function allowGateways(...gateways: readonly PushGateway[]): string {
  const origins = gateways.map(({ origin }) => `'${origin}'`).join(', ')
  return `push: { httpGateways: [${origins}] }\noutgoing: { allowRanges: ['127.0.0.0/8'] }\n`
}
