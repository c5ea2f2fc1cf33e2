/** Asking servers for help with a room that nobody here is in, one after the other, until one helps. */

import type { RoomId, ServerName } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { refusalOf } from '../check/refusal.ts'
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
