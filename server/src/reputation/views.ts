/** Tells users that they may see something else now: their feeds say more or less, or their lens is another. */

import { findChoice } from './lens-table.ts'
import { reputationLimits } from './limits.ts'
import { listDerived } from './parent-table.ts'
import type { ReputationDeps, Views } from './reputation.ts'
import { listFollowers } from './source-table.ts'

export type ViewTellers = Views & {
  /** The user's lens is another now. */
  tellUser(user: number): void
  /** A feed says something else: of its followers, those who look through a lens. */
  tellViewersOf(source: number): void
  /** Resolves when nobody is being told. */
  close(): Promise<void>
}

/** Changes that come while users are told are told of together afterwards. */
export function createViews({ store, clock, logger }: ReputationDeps): ViewTellers {
  let listener: (user: number) => Promise<void> = async () => {}
  const users = new Set<number>()
  const sources = new Set<number>()
  let cancel: (() => void) | undefined
  let running: Promise<void> = Promise.resolve()
  let isClosed = false

  async function tell(): Promise<void> {
    const told = new Set(users)
    users.clear()
    const changed = [...sources]
    sources.clear()
    for (const source of changed) {
      for (const derived of await listDerived(store.reader, source)) {
        for (const user of await listFollowers(store.reader, derived)) {
          if (!told.has(user) && (await findChoice(store.reader, user)).name !== '') told.add(user)
        }
      }
    }
    for (const user of told) {
      if (isClosed) return
      await listener(user)
    }
  }

  function soon(): void {
    if (cancel !== undefined || isClosed) return
    cancel = clock.schedule(reputationLimits.tellViewsMs, () => {
      running = tell()
        .catch((error) => logger.error({ err: error }, 'users were not told that they see something else'))
        .then(() => {
          cancel = undefined
          if (users.size + sources.size > 0) soon()
        })
    })
  }

  return {
    onViews(next) {
      listener = next
    },
    tellUser(user) {
      users.add(user)
      soon()
    },
    tellViewersOf(source) {
      sources.add(source)
      soon()
    },
    async close() {
      isClosed = true
      cancel?.()
      await running
    },
  }
}
