/** Files of other servers on their way: a few of each server at once, so that a slow one holds up its own alone. */

import { createKeyedQueue, MatrixError } from '../base/index.ts'
import { mediaLimits } from './limits.ts'

export interface FetchLanes {
  /** Runs the fetch when a lane of the server is free; throws M_LIMIT_EXCEEDED if too many are under way or wait. */
  run<T>(server: string, fetch: () => Promise<T>): Promise<T>
}

export function createFetchLanes(): FetchLanes {
  const lanes = createKeyedQueue<string>()
  const lengths = new Map<string, number>()
  let count = 0
  const add = (lane: string, by: number): void => {
    count += by
    const length = (lengths.get(lane) ?? 0) + by
    if (length === 0) lengths.delete(lane)
    else lengths.set(lane, length)
  }
  const shortest = (server: string): string => {
    const names = Array.from({ length: mediaLimits.fetchLanesPerServer }, (_, index) => `${index} ${server}`)
    return names.reduce((best, name) => ((lengths.get(name) ?? 0) < (lengths.get(best) ?? 0) ? name : best))
  }
  return {
    async run(server, fetch) {
      if (count >= mediaLimits.fetchesMax) {
        throw new MatrixError('M_LIMIT_EXCEEDED', 'Too many files are being fetched.', { retry_after_ms: 1000 })
      }
      const lane = shortest(server)
      add(lane, 1)
      try {
        return await lanes.run(lane, fetch)
      } finally {
        add(lane, -1)
      }
    },
  }
}
