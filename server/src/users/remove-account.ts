/** What is left of an account that is deactivated: its ID. Spec: client-server-api#account-deactivation. */

import type { UserId } from '@parallax/protocol'
import { removeContents } from './account-data-table.ts'
import { updateAdmin, updatePassword, updateState } from './account-table.ts'
import { removeFilters } from './filter-table.ts'
import { removeOpenIdTokens } from './openid-table.ts'
import { removeProfile } from './profile-table.ts'
import { removePushRules } from './push-rule-table.ts'
import { listSessions } from './session-table.ts'
import { endSessions } from './sessions.ts'
import { removeThreads } from './thread-table.ts'
import { removeBindings } from './threepids/binding-table.ts'
import { removeThreePids } from './threepids/threepid-table.ts'
import { removeLoginTokens } from './token-table.ts'
import type { UserContext } from './user-context.ts'

/** `forget` is told after the commit. */
export async function removeAccount(
  context: UserContext,
  user: number,
  forget: (user: number, userId: UserId) => void,
): Promise<void> {
  const { store, names, journal, turns } = context
  const [userId] = (await names.texts([user])) as [UserId]
  await turns.run(user, async () => {
    const sessions = await listSessions(store.reader, user)
    await store.transact((tx) => {
      updatePassword(tx, user, null)
      updateAdmin(tx, user, false)
      updateState(tx, user, 'deactivated')
      endSessions(
        context,
        tx,
        user,
        sessions.map(({ deviceId }) => deviceId),
      )
      removeLoginTokens(tx, user)
      removeOpenIdTokens(tx, user)
      removeProfile(tx, user)
      removeContents(tx, user)
      removePushRules(tx, user)
      removeFilters(tx, user)
      removeThreePids(tx, user)
      removeThreads(tx, user)
      removeBindings(tx, user)
      journal.append(tx, { kind: 'profile', user })
      tx.onCommitted(() => {
        context.callers.forget(user)
        forget(user, userId)
      })
    })
  })
}
