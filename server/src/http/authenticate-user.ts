/** Who calls: the user and device behind an access token. Spec: client-server-api#client-authentication. */

import { MatrixError } from '../base/index.ts'
import type { CallerAnswer } from '../users/index.ts'
import type { Caller, EndpointDeclaration } from './endpoint.ts'
import type { QueryValues } from './validate.ts'

export type FindCaller = (accessToken: string) => Promise<CallerAnswer>

/** The access token of a request: of the header, or of the query where the config still allows that. */
export function findAccessToken(
  authorization: string | undefined,
  query: QueryValues,
  isQueryAllowed: boolean,
): string | undefined {
  if (authorization?.slice(0, 7).toLowerCase() === 'bearer ') return authorization.slice(7).trim() || undefined
  const inQuery = isQueryAllowed ? query.access_token : undefined
  return typeof inQuery === 'string' && inQuery !== '' ? inQuery : undefined
}

/** The caller of an endpoint, undefined where none is needed and none given; throws the refusal otherwise. */
export async function authenticateUser(
  declaration: Pick<EndpointDeclaration, 'auth' | 'isLockedAllowed' | 'isRefusedToSuspended'>,
  token: string | undefined,
  findCaller: FindCaller,
): Promise<Caller | undefined> {
  const { auth: kind, isLockedAllowed = false, isRefusedToSuspended = false } = declaration
  if (token === undefined) {
    if (kind === 'optional-user') return undefined
    throw new MatrixError('M_MISSING_TOKEN', 'This needs an access token.')
  }
  const answer = await findCaller(token)
  if ('refused' in answer && (answer.refused !== 'locked' || !isLockedAllowed)) throw refusalOf(answer.refused)
  const { caller } = answer
  if (caller.isGuest && kind !== 'user-or-guest' && kind !== 'optional-user') {
    throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guests cannot do this.')
  }
  if (kind === 'admin' && !caller.isAdmin)
    throw new MatrixError('M_FORBIDDEN', 'Only admins of this server may do this.')
  if (caller.isSuspended && isRefusedToSuspended) throw suspended()
  return caller
}

function suspended(): MatrixError {
  return new MatrixError('M_USER_SUSPENDED', 'You cannot do this while your account is suspended.')
}

function refusalOf(reason: 'unknown' | 'expired' | 'locked' | 'deactivated'): MatrixError {
  if (reason === 'locked') return new MatrixError('M_USER_LOCKED', 'This account is locked.', { soft_logout: true })
  const message = reason === 'expired' ? 'The access token has expired.' : 'The access token is not known.'
  return new MatrixError('M_UNKNOWN_TOKEN', message, { soft_logout: reason === 'expired' })
}
