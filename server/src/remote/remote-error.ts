/** Why another server could not be asked. The component that asked decides what that means. */

/**
 * `blocked-address`: the address is one that this server must not reach. `denied`: the config forbids that server.
 * `bad-name`: it is no server name or URL. `dns`, `connect`, `tls`, `timeout`, `too-large`, `redirects`: how far the
 * request came. `bad-reply`: the answer is not what was asked for. `refused`: it answered with an error. `backing-off`:
 * it failed a short time ago and was not asked. `closed`: this server is stopping.
 */
export type RemoteErrorKind =
  | 'blocked-address'
  | 'denied'
  | 'bad-name'
  | 'dns'
  | 'connect'
  | 'tls'
  | 'timeout'
  | 'too-large'
  | 'redirects'
  | 'bad-reply'
  | 'refused'
  | 'backing-off'
  | 'closed'

/** What a server answered that refused a request. */
export type RefusedAnswer = {
  readonly status: number
  /** `M_UNKNOWN` if the answer has none. */
  readonly errcode: string
  readonly error: string
  /** False: it is no Matrix error, so whatever answered may not know the path. */
  readonly isExplained: boolean
}

/** A failed request to another machine. The message is for the log; it may name addresses. */
export class RemoteError extends Error {
  readonly kind: RemoteErrorKind
  /** Given if the kind is `refused`. */
  readonly answer: RefusedAnswer | undefined

  constructor(kind: RemoteErrorKind, message: string, options: ErrorOptions & { answer?: RefusedAnswer } = {}) {
    super(message, options)
    this.name = 'RemoteError'
    this.kind = kind
    this.answer = options.answer
  }
}
