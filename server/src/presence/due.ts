/** Who is to be looked at again when: times rounded up, one timer for all. */

import type { Clock } from '../base/index.ts'
import { presenceLimits } from './limits.ts'

export interface Due {
  /** Looks at the user at this time, or before; a later time is of no effect while an earlier one stands. */
  add(user: number, atMs: number): void
  close(): void
}

/** `onDue` is told whose time has come. */
export function createDue(clock: Clock, onDue: (users: Iterable<number>) => void): Due {
  const { dueGrainMs } = presenceLimits
  const atByUser = new Map<number, number>()
  const usersAt = new Map<number, Set<number>>()
  let cancel: (() => void) | undefined
  let nextMs = Number.POSITIVE_INFINITY

  function run(): void {
    cancel = undefined
    const nowMs = clock.nowMs()
    const due: number[] = []
    let laterMs = Number.POSITIVE_INFINITY
    for (const [atMs, users] of usersAt) {
      if (atMs > nowMs) {
        laterMs = Math.min(laterMs, atMs)
        continue
      }
      usersAt.delete(atMs)
      for (const user of users) {
        atByUser.delete(user)
        due.push(user)
      }
    }
    nextMs = Number.POSITIVE_INFINITY
    schedule(laterMs)
    onDue(due)
  }

  function schedule(atMs: number): void {
    if (atMs >= nextMs) return
    cancel?.()
    nextMs = atMs
    cancel = clock.schedule(Math.max(0, atMs - clock.nowMs()), run)
  }

  return {
    add(user, atMs) {
      if (atMs === Number.POSITIVE_INFINITY) return
      const roundedMs = Math.ceil(atMs / dueGrainMs) * dueGrainMs
      const before = atByUser.get(user)
      if (before !== undefined && before <= roundedMs) return
      if (before !== undefined) usersAt.get(before)?.delete(user)
      atByUser.set(user, roundedMs)
      const others = usersAt.get(roundedMs)
      if (others === undefined) usersAt.set(roundedMs, new Set([user]))
      else others.add(user)
      schedule(roundedMs)
    },
    close() {
      cancel?.()
      usersAt.clear()
    },
  }
}
