/** How many events wait, by the server that sent them. */

import type { ServerName } from '@parallax/protocol'

export interface WaitingCounts {
  of(origin: ServerName): number
  total(): number
  all(): ReadonlyMap<ServerName, number>
  add(origin: ServerName, count: number): void
}

export function createWaitingCounts(start: ReadonlyMap<ServerName, number>): WaitingCounts {
  const counts = new Map(start)
  let total = [...start.values()].reduce((sum, count) => sum + count, 0)
  return {
    of: (origin) => counts.get(origin) ?? 0,
    total: () => total,
    all: () => counts,
    add(origin, count) {
      const after = (counts.get(origin) ?? 0) + count
      total += count
      if (after > 0) counts.set(origin, after)
      else counts.delete(origin)
    },
  }
}
