/** Asking servers for help with a room that nobody here is in, one after the other, until one helps. */

import type { RoomId, ServerName } from '@parallax/protocol'
import { ProtocolError } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import { BadSignature } from '../check/check-event.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { federationLimits } from '../limits.ts'

/**
 * What the first of the servers answers that helps. Throws MatrixError: M_NOT_FOUND if there is nobody to ask; else why
 * the last one did not help, a refusal before a silence.
 */
export async function askCandidates<T>(
  { domains, remote, logger }: FederationDeps,
  roomId: RoomId,
  servers: readonly ServerName[],
  ask: (server: ServerName) => Promise<T>,
): Promise<T> {
  const others = [...new Set(servers)].filter((server) => !domains.isLocal(server) && remote.isAllowed(server))
  let reason: MatrixError | undefined
  for (const server of others.slice(0, federationLimits.candidatesMax)) {
    try {
      return await ask(server)
    } catch (error) {
      const refusal = refusalOf(error, server)
      logger.info({ roomId, server, err: error }, 'a server did not help with a room')
      // What a server says weighs more than that another one could not be reached.
      if (reason === undefined || reason.status === 502) reason = refusal
    }
  }
  throw reason ?? new MatrixError('M_NOT_FOUND', `The room ${roomId} is not known here, nor a server to ask for it.`)
}

/** What the client is told; throws what is our own fault. */
function refusalOf(error: unknown, server: ServerName): MatrixError {
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
    return new MatrixError('M_UNSUPPORTED_ROOM_VERSION', 'This server does not know the version of the room.')
  }
  return new MatrixError('M_FORBIDDEN', `${server} refuses: ${answer.error}`)
}
