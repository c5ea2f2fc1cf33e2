/** Builds the search component. */

import type { Clock } from '../base/index.ts'
import { findUsers } from './directory/find-users.ts'
import { createDirectoryIndex } from './directory/index-users.ts'
import { searchLimits } from './limits.ts'
import { findMessages } from './messages/find-messages.ts'
import { createMessageIndex } from './messages/index-messages.ts'
import type { Search, SearchDeps } from './search.ts'
import { createSettled, isOfDirectory } from './settled.ts'

/** The component; it follows the journal from the journal's start on. */
export async function createSearch(deps: SearchDeps): Promise<Search> {
  const { journal, clock, logger } = deps
  const index = await createDirectoryIndex(deps)
  const messages = await createMessageIndex(deps)
  const settled = createSettled(journal, clock)
  let isClosed = false
  let preparing: Promise<void> | undefined
  journal.follow('search', async (records) => {
    if (records.some(isOfDirectory)) await index.handle(records)
    settled.onHandled(records)
    await messages.handle(records)
  })

  async function prepare(): Promise<void> {
    await index.build(() => isClosed)
    await messages.catchUp(journal.committed())
  }

  return {
    async findMessages(caller, query, next) {
      await within(clock, messages.catchUp(journal.committed()))
      return findMessages({ ...deps, index: messages }, caller, query, next)
    },
    async findUsers(caller, query) {
      await settled.wait()
      return findUsers({ ...deps, index }, caller, query)
    },
    resume() {
      preparing = prepare().catch((error: unknown) => logger.error({ error }, 'the search could not be prepared'))
    },
    async close() {
      isClosed = true
      messages.close()
      await preparing
    },
  }
}

/** Waits for the task, but not for long: it goes on. */
async function within(clock: Clock, task: Promise<void>): Promise<void> {
  let cancel = (): void => {}
  const tooLong = new Promise<void>((resolve) => {
    cancel = clock.schedule(searchLimits.settleWaitMs, resolve)
  })
  try {
    await Promise.race([task, tooLong])
  } finally {
    cancel()
  }
}
