/** What another server is told of an event that cannot be taken. */

import { ProtocolError } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { BadSignature } from './check-event.ts'

/** What the checks answer; their refusals become MatrixErrors: M_INVALID_PARAM, M_FORBIDDEN for bad signatures. */
export function explained<T>(check: () => T): T {
  try {
    const answer = check()
    return answer instanceof Promise ? (answer.catch(explain) as T) : answer
  } catch (error) {
    return explain(error)
  }
}

function explain(error: unknown): never {
  if (error instanceof BadSignature) throw new MatrixError('M_FORBIDDEN', `${error.message}.`)
  if (!(error instanceof ProtocolError)) throw error
  if (error.kind === 'unknown-room-version') throw new MatrixError('M_INCOMPATIBLE_ROOM_VERSION', `${error.message}.`)
  if (error.kind === 'bad-json') throw new MatrixError('M_BAD_JSON', `${error.message}.`)
  throw new MatrixError('M_INVALID_PARAM', `${error.message}.`)
}
