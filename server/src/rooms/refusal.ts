/** What a client is told of an event that breaks the format. */

import { ProtocolError } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'

/** The MatrixError that a refusal of the protocol core or of ours amounts to; undefined for any other error. */
export function refusalOf(error: unknown): MatrixError | undefined {
  if (error instanceof MatrixError) return error
  if (!(error instanceof ProtocolError)) return undefined
  if (error.kind === 'too-large') return new MatrixError('M_TOO_LARGE', error.message)
  return new MatrixError('M_BAD_JSON', error.message)
}
