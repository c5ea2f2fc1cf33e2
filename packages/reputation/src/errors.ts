/** The one error that this package throws: always about what came from outside, never about its own state. */

/** Why something was refused; closed, so that a feed's health can be counted by it. */
export type ReputationErrorKind =
  | 'bad-entity'
  | 'bad-context'
  | 'bad-statement'
  | 'bad-pattern'
  | 'bad-feed'
  | 'bad-signature'
  | 'bad-proof'
  | 'broken-chain'
  | 'rolled-back'
  | 'forked'
  | 'key-changed'
  | 'too-large'
  | 'too-many'
  | 'from-the-future'

/** Input that breaks a rule of this package. `kind` says which sort, `message` what in plain words. */
export class ReputationError extends Error {
  readonly kind: ReputationErrorKind

  constructor(kind: ReputationErrorKind, message: string) {
    super(message)
    this.name = 'ReputationError'
    this.kind = kind
  }
}
