/** The one error class that parsing in this package throws. */

export type ProtocolErrorKind =
  | 'bad-json'
  | 'bad-id'
  | 'bad-event'
  | 'too-large'
  | 'bad-signature'
  | 'unknown-room-version'
  | 'bad-edu'
  | 'bad-push-rule'

/** An untrusted input that is not what it should be; `kind` is closed, `message` is fit for a client. */
export class ProtocolError extends Error {
  readonly kind: ProtocolErrorKind

  constructor(kind: ProtocolErrorKind, message: string) {
    super(message)
    this.name = 'ProtocolError'
    this.kind = kind
  }
}
