/** Looks at followed feeds now and then: those that are due, a few side by side. */

import { reputationLimits } from './limits.ts'
import type { ReputationDeps, Subscriptions } from './reputation.ts'
import { listDueSources, type SourceRow } from './source-table.ts'

/** `refresh` looks at one feed. A look that fails by our own fault ends the round; the next round comes. */
export function createWatch(
  { store, clock, logger }: ReputationDeps,
  refresh: (row: SourceRow) => Promise<void>,
): Pick<Subscriptions, 'resume' | 'close'> {
  const { dueMax, lanes, lookEveryMs } = reputationLimits
  let cancel = () => {}
  let isClosed = false
  let running: Promise<void> = Promise.resolve()

  async function look(): Promise<void> {
    const due = (await listDueSources(store.reader, clock.nowMs(), dueMax)).values()
    const lane = async () => {
      for (const row of due) {
        if (isClosed) return
        await refresh(row)
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  }

  function resume(): void {
    if (isClosed) return
    cancel = clock.schedule(lookEveryMs, () => {
      running = look()
        .catch((error) => logger.error({ err: error }, 'followed feeds could not be looked at'))
        .then(resume)
    })
  }

  return {
    resume,
    async close() {
      isClosed = true
      cancel()
      await running
    },
  }
}
