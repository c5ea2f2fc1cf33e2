/** Slows down who guesses passwords: failed attempts by account and by address. */

import { type Clock, Lru, MatrixError } from '../base/index.ts'
import { userLimits } from './limits.ts'

export interface LoginFailures {
  /** Throws MatrixError M_LIMIT_EXCEEDED with `retry_after_ms` if there were too many failures. */
  check(account: string, ip: string): void
  add(account: string, ip: string): void
  /** After a success. */
  forget(account: string): void
}

type Count = { readonly failures: number; readonly atMs: number }

export function createLoginFailures(clock: Clock, isOn: boolean): LoginFailures {
  const counts = new Lru<string, Count>(userLimits.failureEntriesMax)

  /** Failures that still count: one is forgotten every so often. */
  function current(key: string): number {
    const count = counts.get(key)
    if (count === undefined) return 0
    return Math.max(0, count.failures - (clock.nowMs() - count.atMs) / userLimits.failureForgottenMs)
  }

  return {
    check(account, ip) {
      const failures = Math.max(current(`a${account}`), current(`i${ip}`))
      const over = failures - (userLimits.failuresMax - 1)
      if (!isOn || over <= 0) return
      const waitMs = Math.ceil(over * userLimits.failureForgottenMs)
      throw new MatrixError('M_LIMIT_EXCEEDED', 'Too many failed attempts to log in.', { retry_after_ms: waitMs })
    },
    add(account, ip) {
      for (const key of [`a${account}`, `i${ip}`]) {
        counts.set(key, { failures: current(key) + 1, atMs: clock.nowMs() })
      }
    },
    forget(account) {
      counts.delete(`a${account}`)
    },
  }
}
