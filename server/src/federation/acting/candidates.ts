/** Asking servers for help with a room that nobody here is in, one after the other, until one helps. */

import type { ServerName } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import { refusalOf } from '../check/refusal.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { federationLimits } from '../limits.ts'
import type { RemoteWish } from './member-event.ts'

/**
 * What the first of the servers answers that helps. Throws MatrixError: M_NOT_FOUND if there is nobody to ask; else why
 * the last one did not help, a refusal before a silence.
 */
export async function askCandidates<T>(
  { domains, remote, logger }: FederationDeps,
  { roomId, servers, others = [] }: Pick<RemoteWish, 'roomId' | 'servers' | 'others'>,
  ask: (server: ServerName) => Promise<T>,
): Promise<T> {
  const named = new Set(servers)
  const candidates = [...new Set([...servers, ...others])]
  const askable = candidates.filter((server) => !domains.isLocal(server) && remote.isAllowed(server))
  let reason: MatrixError | undefined
  let isRefused = false
  for (const server of askable.slice(0, federationLimits.candidatesMax)) {
    if (isRefused && !named.has(server)) break
    try {
      return await ask(server)
    } catch (error) {
      const refusal = refusalOf(error, server)
      logger.info({ roomId, server, err: error }, 'a server did not help with a room')
      // What a server says weighs more than that another one could not be reached.
      if (reason === undefined || reason.status === 502) reason = refusal
      isRefused ||= named.has(server) && isLastWord(error)
    }
  }
  throw reason ?? new MatrixError('M_NOT_FOUND', `The room ${roomId} is not known here, nor a server to ask for it.`)
}

/** True if the server refuses the user, and does not say that another one may help. */
function isLastWord(error: unknown): boolean {
  if (!(error instanceof RemoteError) || error.answer === undefined) return false
  const { status, errcode } = error.answer
  return (status === 400 || status === 403) && errcode !== 'M_UNABLE_TO_GRANT_JOIN'
}
