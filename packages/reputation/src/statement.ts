/** A publisher's view of one entity in one context. */

import { findContext } from './context.ts'
import type { EntityKey } from './entity.ts'
import { ReputationError } from './errors.ts'
import { feedLimits, reputationLimits } from './limits.ts'

export type Statement = {
  readonly entity: EntityKey
  readonly context: string
  /** -1 (entirely bad) to 1 (entirely good). */
  readonly value: number
  /** How sure the publisher is: above 0, below 1. */
  readonly confidence: number
  readonly issuedMs: number
  readonly expiresMs?: number
  readonly reasonCode?: string
  /** Who observed it: names that are equal for the same observer. Empty, or `self`: the publisher. */
  readonly origins: readonly string[]
  /** How often it was blended and passed on, for a statement that is a blend: then `origins` are its parts. */
  readonly hops?: number
  /** Came from a pattern that fits many entities. */
  readonly isBroad?: boolean
}

const reasonForm = /^[a-z0-9_.:-]+$/

/**
 * Throws `bad-statement`, `bad-context` or `from-the-future` if a statement breaks a rule: ranges, a positive where
 * none is allowed, a date ahead of `nowMs`, an expiry before the issue, too many origins.
 */
export function checkStatement(statement: Statement, nowMs: number): void {
  const { value, confidence, issuedMs, expiresMs, reasonCode, origins, hops } = statement
  const rules = findContext(statement.context)
  if (!(value >= -1 && value <= 1)) refuse('The value lies from -1 to 1.')
  if (!(confidence > 0 && confidence < 1)) refuse('The confidence lies between 0 and 1.')
  if (!Number.isSafeInteger(issuedMs) || issuedMs < 0) refuse('The time of issue is in milliseconds since 1970.')
  if (expiresMs !== undefined && !(Number.isSafeInteger(expiresMs) && expiresMs > issuedMs)) {
    refuse('A statement expires after its issue.')
  }
  if (value > 0 && !rules.arePositivesAllowed) refuse('This context has no positive statements.')
  if (
    reasonCode !== undefined &&
    (reasonCode.length > reputationLimits.nameLengthMax || !reasonForm.test(reasonCode))
  ) {
    refuse('A reason code is lower-case words.')
  }
  const areOriginsFine = origins.every((origin) => origin !== '' && origin.length <= reputationLimits.nameLengthMax)
  if (origins.length > reputationLimits.originsMax || !areOriginsFine) {
    refuse(`A statement names at most ${reputationLimits.originsMax} origins.`)
  }
  if (hops !== undefined && !(Number.isInteger(hops) && hops >= 1 && hops <= feedLimits.hopsMax)) {
    refuse(`A blend was passed on once to ${feedLimits.hopsMax} times.`)
  }
  if (issuedMs > nowMs + reputationLimits.futureMs) {
    throw new ReputationError('from-the-future', 'The statement is dated ahead of our clock.')
  }
}

function refuse(message: string): never {
  throw new ReputationError('bad-statement', message)
}
