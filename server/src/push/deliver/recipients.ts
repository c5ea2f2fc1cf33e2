/** Users with their pushers, in memory while there is something to deliver and as long as there is room. */

import { Lru } from '../../base/index.ts'
import type { PusherRow } from '../../users/index.ts'
import { deliveryLimits } from '../limits.ts'
import type { PushDeps } from '../push.ts'
import { insertDelivery, listDeliveries, removeDelivery } from './delivery-table.ts'
import { isSameKey, openPusher, type Pusher, renewPusher } from './pusher.ts'

export type Recipient = { readonly user: number; pushers: Pusher[] }

/** One turn per user is the caller's to keep. */
export interface Recipients {
  find(user: number): Promise<Recipient>
  /** Reads the user's pushers again: new ones begin after `position`. Answers how many there are, of any kind. */
  refresh(user: number, position: number): Promise<number>
  /** Those of which a pusher is not idle. */
  readonly busy: ReadonlyMap<number, Recipient>
  /** A pusher began to work, or ended. */
  onState(user: number): void
}

export function createRecipients({ store, users }: Pick<PushDeps, 'store' | 'users'>): Recipients {
  const busy = new Map<number, Recipient>()
  const idle = new Lru<number, Recipient>(deliveryLimits.idleUsersMax)
  const findKnown = (user: number) => busy.get(user) ?? idle.get(user)

  async function load(user: number): Promise<Recipient> {
    const rows = await users.listPushers(user)
    const deliveries = rows.length === 0 ? [] : await listDeliveries(store.reader, user)
    const pushers = rows.flatMap((row) => {
      const delivery = deliveries.find((known) => isSameKey(known, row))
      return (delivery && openPusher(row, delivery)) ?? []
    })
    const recipient = { user, pushers }
    idle.set(user, recipient)
    return recipient
  }

  function onState(user: number): void {
    const recipient = findKnown(user)
    if (recipient === undefined) return
    if (recipient.pushers.some(({ state }) => state !== 'idle')) {
      busy.set(user, recipient)
      idle.delete(user)
    } else if (busy.delete(user)) idle.set(user, recipient)
  }

  /** What is stored for exactly these pushers: new ones begin after `position`. */
  async function settle(user: number, rows: readonly PusherRow[], position: number): Promise<void> {
    const stored = await listDeliveries(store.reader, user)
    const missing = rows.filter((row) => !stored.some((known) => isSameKey(known, row)))
    const stale = stored.filter((known) => !rows.some((row) => isSameKey(known, row)))
    if (missing.length + stale.length === 0) return
    await store.transact((tx) => {
      for (const { appId, pushKey } of missing) {
        insertDelivery(tx, { user, appId, pushKey, doneTo: position, badge: 0, failures: 0, retryMs: 0 })
      }
      for (const row of stale) removeDelivery(tx, row)
    })
  }

  /** Those that are at work stay the same objects. */
  function renew(recipient: Recipient, fresh: readonly Pusher[], rows: readonly PusherRow[]): void {
    const before = recipient.pushers
    recipient.pushers = fresh.map((pusher) => {
      const known = before.find((one) => isSameKey(one, pusher))
      const row = rows.find((one) => isSameKey(one, pusher))
      if (known === undefined || row === undefined) return pusher
      renewPusher(known, row)
      return known
    })
    for (const pusher of before) pusher.isGone = !recipient.pushers.includes(pusher)
  }

  return {
    busy,
    onState,
    find: async (user) => findKnown(user) ?? load(user),
    async refresh(user, position) {
      const rows = await users.listPushers(user)
      await settle(user, rows, position)
      const recipient = findKnown(user)
      if (recipient === undefined) return rows.length
      const { pushers } = await load(user)
      renew(recipient, pushers, rows)
      idle.set(user, recipient)
      onState(user)
      return rows.length
    },
  }
}
