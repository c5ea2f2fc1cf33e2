/**
 * Telling identity servers of addresses of our users, and having them forget that.
 * Spec: client-server-api#post_matrixclientv3account3pidbind.
 */

import { MatrixError } from '../base/index.ts'
import { RemoteError, type ThreePid } from '../remote/index.ts'
import type { Caller } from '../users/index.ts'
import type { AccountDeps } from './account-deps.ts'
import { askIdentity, requireTrusted } from './ask-identity.ts'

/** Addresses of one user that identity servers may know. */
const BINDINGS_MAX = 50

export type BindRequest = {
  readonly id_server: string
  readonly id_access_token: string
  readonly client_secret: string
  readonly sid: string
}

export type UnbindResult = 'success' | 'no-support'

/** Throws MatrixError M_SERVER_NOT_TRUSTED, M_THREEPID_AUTH_FAILED, M_THREEPID_DENIED, M_TERMS_NOT_SIGNED. */
export async function bindThreePid(deps: AccountDeps, caller: Caller, request: BindRequest): Promise<void> {
  const { users, identity } = deps
  const { id_server: server, id_access_token: accessToken, client_secret: clientSecret, sid } = request
  requireTrusted(identity, server)
  if ((await users.listBindings(caller.user)).length >= BINDINGS_MAX) {
    throw new MatrixError('M_THREEPID_DENIED', 'This account has as many public addresses as one may have.', {}, 403)
  }
  const bound = await askIdentity(server, 'M_THREEPID_AUTH_FAILED', () =>
    identity.bind({ server, accessToken }, { sid, clientSecret }, caller.userId),
  )
  await users.keepBinding(caller.user, { ...bound, server })
}

/** At this server, or else at those that were told of the address. `no-support` if some would not, or none is known. */
export async function unbindThreePid(
  deps: AccountDeps,
  caller: Caller,
  { medium, address: given }: ThreePid,
  idServer: string | undefined,
): Promise<UnbindResult> {
  const address = medium === 'email' ? given.trim().toLowerCase() : given
  const known = await deps.users.listBindings(caller.user)
  const told = known.filter((row) => row.medium === medium && row.address.toLowerCase() === address)
  const bindings = idServer === undefined ? told : [{ medium, address, server: idServer }]
  return bindings.length === 0 ? 'no-support' : unbindAll(deps, caller, bindings)
}

/** Before the account ends: every address, at this server or at those that were told. */
export async function unbindEverything(
  deps: AccountDeps,
  caller: Caller,
  idServer: string | undefined,
): Promise<UnbindResult> {
  const known = await deps.users.listBindings(caller.user)
  if (idServer === undefined) return unbindAll(deps, caller, known)
  const own = await deps.users.listThreePids(caller.user)
  const all = new Map([...known, ...own].map(({ medium, address }) => [`${medium} ${address}`, { medium, address }]))
  return unbindAll(
    deps,
    caller,
    [...all.values()].map((threePid) => ({ ...threePid, server: idServer })),
  )
}

async function unbindAll(
  deps: AccountDeps,
  caller: Caller,
  bindings: readonly (ThreePid & { readonly server: string })[],
): Promise<UnbindResult> {
  const done = await Promise.all(bindings.map((binding) => unbindOne(deps, caller, binding)))
  return done.every((isDone) => isDone) ? 'success' : 'no-support'
}

async function unbindOne(
  { users, identity, logger }: AccountDeps,
  { user, userId }: Caller,
  binding: ThreePid & { readonly server: string },
): Promise<boolean> {
  const { server, medium, address } = binding
  if (!identity.isTrusted(server)) return false
  try {
    await identity.unbind(server, userId, { medium, address })
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    logger.info({ server, err: error }, 'an identity server did not forget an address')
    return false
  }
  await users.removeBinding(user, binding)
  return true
}
