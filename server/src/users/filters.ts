/** Filters that clients keep on the server. Spec: client-server-api#filtering. */

import { canonicalJson, type JsonObject, sha256Base64Url } from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import { findFilterByDigest, findFilterContent, findLastFilter, insertFilter } from './filter-table.ts'
import { userLimits } from './limits.ts'
import type { UserContext } from './user-context.ts'
import type { Filters } from './users.ts'

export type FilterParts = Filters & { forget(): void }

export function createFilters({ store, turns }: UserContext): FilterParts {
  const cached = new Lru<string, JsonObject>(userLimits.filtersCachedMax)
  return {
    forget: () => cached.clear(),
    async createFilter(user, filter) {
      const content = JSON.stringify(filter)
      if (Buffer.byteLength(content) > userLimits.filterBytesMax) {
        throw new MatrixError('M_TOO_LARGE', `A filter has at most ${userLimits.filterBytesMax} bytes.`)
      }
      const digest = sha256Base64Url(canonicalJson(filter))
      const known = await findFilterByDigest(store.reader, user, digest)
      if (known !== undefined) return String(known)
      return turns.run(user, async () => {
        const again = await findFilterByDigest(store.reader, user, digest)
        if (again !== undefined) return String(again)
        const number = (await findLastFilter(store.reader, user)) + 1
        if (number >= userLimits.filtersPerUserMax) {
          throw new MatrixError('M_LIMIT_EXCEEDED', `A user has at most ${userLimits.filtersPerUserMax} filters.`)
        }
        await store.transact((tx) => insertFilter(tx, user, { filter: number, digest, content }))
        return String(number)
      })
    },
    async findFilter(user, filterId) {
      const key = `${user}/${filterId}`
      const known = cached.get(key)
      if (known !== undefined || !/^\d{1,9}$/.test(filterId)) return known
      const content = await findFilterContent(store.reader, user, Number(filterId))
      if (content === undefined) return undefined
      const filter: JsonObject = JSON.parse(content)
      cached.set(key, filter)
      return filter
    },
  }
}
