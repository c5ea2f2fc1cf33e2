/** Builds the search component. */

import { findUsers } from './directory/find-users.ts'
import { createDirectoryIndex } from './directory/index-users.ts'
import type { Search, SearchDeps } from './search.ts'
import { createSettled } from './settled.ts'

/** The component; it follows the journal from the journal's start on. */
export async function createSearch(deps: SearchDeps): Promise<Search> {
  const { journal, clock, logger } = deps
  const index = await createDirectoryIndex(deps)
  const settled = createSettled(journal, clock)
  let isClosed = false
  let building: Promise<void> | undefined
  journal.follow('search', async (records) => {
    await index.handle(records)
    settled.onHandled(records)
  })
  return {
    async findUsers(caller, query) {
      await settled.wait()
      return findUsers({ ...deps, index }, caller, query)
    },
    resume() {
      building = index
        .build(() => isClosed)
        .catch((error: unknown) => logger.error({ error }, 'the user directory could not be built'))
    },
    async close() {
      isClosed = true
      await building
    },
  }
}
