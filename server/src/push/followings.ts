/** Begins and ends the writing down of a user's notifications. */

import type { UserId } from '@parallax/protocol'
import type { KeyedQueue } from '../base/index.ts'
import type { Audience } from './audience.ts'
import { findPastNotifications, markPastReads } from './fill.ts'
import type { Judge } from './judge.ts'
import { notificationLimits } from './limits.ts'
import { insertNotifications, removeNotifications } from './notification-table.ts'
import type { PushDeps } from './push.ts'
import {
  findPushUser,
  insertPushUser,
  listForgetful,
  removePushUser,
  updateFilled,
  updateListed,
} from './push-user-table.ts'
import type { Unread } from './unread.ts'

export interface Followings {
  /** From here on the user's notifications are written down. */
  begin(user: number): Promise<void>
  /** Those of the past are written down too, once: up to a position, after which all were or will be. */
  fill(user: number, upto: number): Promise<void>
  /** Both, for a user who asks for the list now. */
  followAsked(user: number): Promise<void>
  /** The user has no pusher any more: nothing is kept unless the list was asked for and `isGone` is false. */
  unfollow(user: number, isGone: boolean): Promise<void>
  /** Ends it for those who did not ask for long. */
  tidy(): Promise<void>
}

export type FollowingDeps = PushDeps & {
  readonly audience: Audience
  readonly judge: Judge
  readonly unread: Unread
  readonly turns: KeyedQueue<'notifications'>
  /** Counts of the user changed. */
  readonly onChanged: (users: Iterable<number>) => void
}

export function createFollowings(deps: FollowingDeps): Followings {
  const { store, audience, clock } = deps
  const filling = new Map<number, Promise<void>>()

  async function begin(user: number): Promise<void> {
    if (audience.has(user)) return
    await store.transact((tx) => insertPushUser(tx, user))
    await audience.add(user)
  }

  async function fillNow(user: number, upto: number): Promise<void> {
    if ((await findPushUser(store.reader, user))?.isFilled !== false) return
    const [userId] = (await deps.names.texts([user])) as [UserId]
    const rows = await findPastNotifications(deps, { user, userId }, upto)
    await deps.turns.run('notifications', async () => {
      const marked = await markPastReads(deps, user, rows)
      await store.transact((tx) => {
        for (const row of marked) insertNotifications(tx, row, [user])
        updateFilled(tx, user)
      })
      deps.unread.forget(user)
    })
    deps.onChanged([user])
  }

  async function fill(user: number, upto: number): Promise<void> {
    const running = filling.get(user) ?? fillNow(user, upto).finally(() => filling.delete(user))
    filling.set(user, running)
    await running
  }

  async function end(user: number): Promise<void> {
    await audience.remove(user)
    await deps.turns.run('notifications', async () => {
      await store.transact((tx) => {
        removePushUser(tx, user)
        removeNotifications(tx, user)
      })
      deps.unread.forget(user)
    })
  }

  return {
    begin,
    fill,
    async followAsked(user) {
      await begin(user)
      await fill(user, deps.journal.committed())
      const known = await findPushUser(store.reader, user)
      const nowMs = clock.nowMs()
      if (known?.listedMs != null && known.listedMs > nowMs - notificationLimits.listedEveryMs) return
      await store.transact((tx) => updateListed(tx, user, nowMs))
    },
    async unfollow(user, isGone) {
      const known = await findPushUser(store.reader, user)
      if (known !== undefined && (isGone || known.listedMs === null)) await end(user)
    },
    async tidy() {
      const beforeMs = clock.nowMs() - notificationLimits.listedForMs
      for (const user of await listForgetful(store.reader, beforeMs, notificationLimits.tidyUsersMax)) {
        const hasPusher = (await deps.users.listPushers(user)).length > 0
        if (hasPusher) await store.transact((tx) => updateListed(tx, user, null))
        else await end(user)
      }
    },
  }
}
