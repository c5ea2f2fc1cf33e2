/** One request as its handler sees it. A class, for its getter: a literal with one costs V8 a hidden class each. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Call, Caller, CallingServer, EndpointDeclaration } from './endpoint.ts'
import type { OpenCalls } from './open-calls.ts'

type AnyCall = Call<EndpointDeclaration>

export type CallParts = Pick<AnyCall, 'params' | 'query' | 'body' | 'bodyBytes' | 'ip'> & {
  readonly caller: Caller | undefined
  readonly server: CallingServer | undefined
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly openCalls: OpenCalls
}

export class RequestCall {
  readonly caller: Caller | undefined
  readonly server: CallingServer | undefined
  readonly params: AnyCall['params']
  readonly query: AnyCall['query']
  readonly body: AnyCall['body']
  readonly bodyBytes: Uint8Array | undefined
  readonly ip: string
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #openCalls: OpenCalls

  constructor(parts: CallParts) {
    this.caller = parts.caller
    this.server = parts.server
    this.params = parts.params
    this.query = parts.query
    this.body = parts.body
    this.bodyBytes = parts.bodyBytes
    this.ip = parts.ip
    this.#request = parts.request
    this.#response = parts.response
    this.#openCalls = parts.openCalls
  }

  get headers(): AnyCall['headers'] {
    return this.#request.headers
  }

  /** Made when it is asked for: few requests are files. */
  get incoming(): AnyCall['incoming'] {
    const announced = this.#request.headers['content-length']
    return { announced: announced === undefined ? undefined : Number(announced), chunks: this.#request }
  }

  get userAgent(): string | undefined {
    return this.#request.headers['user-agent']
  }

  /** Made when it is first asked for: most requests never wait. */
  get signal(): AbortSignal {
    return this.#openCalls.signalOf(this.#response)
  }
}
