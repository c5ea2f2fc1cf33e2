/** Accounts by what `m.id.thirdparty` says. Spec: client-server-api#identifier-types. */

import type { JsonObject, UserId } from '@parallax/protocol'
import { parseAddress } from '../../mail/index.ts'
import { findAccount } from '../account-table.ts'
import type { KnownUser, UserContext } from '../user-context.ts'
import { findThreePidUser } from './threepid-table.ts'

/** The account that the identifier names. */
export async function findUserByAddress(
  { store, names }: UserContext,
  { medium, address }: JsonObject,
): Promise<KnownUser | undefined> {
  if (medium !== 'email' || typeof address !== 'string') return undefined
  const parsed = parseAddress(address)
  const user = parsed === undefined ? undefined : await findThreePidUser(store.reader, medium, parsed)
  const row = user === undefined ? undefined : await findAccount(store.reader, user)
  if (row === undefined) return undefined
  const [userId] = (await names.texts([row.user])) as [UserId]
  return { userId, row }
}
