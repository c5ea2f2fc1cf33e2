/** Parameters that are identifiers, parsed by the protocol core. */

import { ProtocolError } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'

/** Runs a parser of the protocol core; its error becomes M_INVALID_PARAM. */
export function parseOrExplain<T>(parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    throw new MatrixError('M_INVALID_PARAM', error.message)
  }
}
