/** Writes down how far pushers have come, many at once and now and then: a crash repeats what lies between. */

import { deliveryLimits } from '../limits.ts'
import type { PushDeps } from '../push.ts'
import { updateDelivery } from './delivery-table.ts'
import { deliveryOf, type Pusher } from './pusher.ts'

export interface Progress {
  note(pusher: Pusher): void
  save(): Promise<void>
}

export function createProgress({ store, clock, logger }: Pick<PushDeps, 'store' | 'clock' | 'logger'>): Progress {
  const unsaved = new Set<Pusher>()
  let cancel: (() => void) | undefined

  async function save(): Promise<void> {
    cancel?.()
    cancel = undefined
    if (unsaved.size === 0) return
    const rows = [...unsaved].map(deliveryOf)
    unsaved.clear()
    await store.transact((tx) => {
      for (const row of rows) updateDelivery(tx, row)
    })
  }

  return {
    note(pusher) {
      unsaved.add(pusher)
      cancel ??= clock.schedule(deliveryLimits.saveEveryMs, () => {
        save().catch((error: unknown) => logger.warn({ error }, 'the progress of pushers was not stored'))
      })
    },
    save,
  }
}
