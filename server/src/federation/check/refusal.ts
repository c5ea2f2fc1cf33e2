/** What our users are told where another server did not do what they wanted. */

import { ProtocolError, type ServerName } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import { BadSignature } from './check-event.ts'

/** What the client is told; throws what is our own fault. */
export function refusalOf(error: unknown, server: ServerName): MatrixError {
  if (error instanceof MatrixError) return error
  if (error instanceof BadSignature) return new MatrixError('M_UNKNOWN', `${server}: ${error.message}.`, {}, 502)
  if (error instanceof ProtocolError) {
    const isVersion = error.kind === 'unknown-room-version'
    if (isVersion)
      return new MatrixError('M_UNSUPPORTED_ROOM_VERSION', 'This server does not know the version of the room.')
    return new MatrixError('M_UNKNOWN', `${server} answered nonsense: ${error.message}.`, {}, 502)
  }
  if (!(error instanceof RemoteError)) throw error
  const { answer } = error
  if (answer === undefined || answer.status >= 500 || answer.status === 429) {
    return new MatrixError('M_UNKNOWN', `${server} could not be asked (${error.kind}).`, {}, 502)
  }
  if (answer.status === 404) return new MatrixError('M_NOT_FOUND', `${server} says: ${answer.error}`)
  if (answer.errcode === 'M_INCOMPATIBLE_ROOM_VERSION') {
    return new MatrixError('M_UNSUPPORTED_ROOM_VERSION', `${server} says: ${answer.error}`)
  }
  // Somebody is refused, not this one act: clients say that in other words.
  const { errcode } = answer
  if (errcode === 'M_SAFETY' || errcode === 'M_INVITE_BLOCKED') {
    return new MatrixError(errcode, `${server} says: ${answer.error}`)
  }
  return new MatrixError('M_FORBIDDEN', `${server} refuses: ${answer.error}`)
}
