/** What the rules of the reputation package refuse, as clients are told it. */

import { ReputationError } from '@parallax/reputation'
import { type Errcode, MatrixError } from '../base/index.ts'

const codes: Readonly<Partial<Record<ReputationError['kind'], Errcode>>> = {
  'too-large': 'M_TOO_LARGE',
  'too-many': 'M_RESOURCE_LIMIT_EXCEEDED',
}

/** Answers what `act` answers; a ReputationError becomes a MatrixError: M_INVALID_PARAM, unless it has its own code. */
export function refusing<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof ReputationError)) throw error
    throw new MatrixError(codes[error.kind] ?? 'M_INVALID_PARAM', error.message, { kind: error.kind })
  }
}

export function noSuchFeed(): MatrixError {
  return new MatrixError('M_NOT_FOUND', 'There is no such feed.')
}
