/** How many letters this server sends: to one address, and in all, so that nobody can make it a source of spam. */

import { Lru, MatrixError } from '../../base/index.ts'
import { userLimits } from '../limits.ts'
import type { UserContext } from '../user-context.ts'

const all = ''

/** Counts a letter to the address. Throws MatrixError M_LIMIT_EXCEEDED. */
export function createAllowance({ clock, config }: UserContext): (address: string) => void {
  const sent = new Lru<string, number[]>(userLimits.mailedAddressesMax)
  const recentOf = (key: string, nowMs: number, countMax: number) => {
    const recent = (sent.get(key) ?? []).filter((ms) => ms > nowMs - userLimits.lettersWithinMs)
    if (recent.length < countMax) return recent
    const retryMs = recent[0]! + userLimits.lettersWithinMs - nowMs
    throw new MatrixError('M_LIMIT_EXCEEDED', 'Too many letters were asked for.', { retry_after_ms: retryMs })
  }
  return (address) => {
    if (config.isRateLimited === false) return
    const nowMs = clock.nowMs()
    const toAddress = recentOf(address, nowMs, userLimits.lettersPerAddressMax)
    const toAll = recentOf(all, nowMs, userLimits.lettersMax)
    sent.set(address, [...toAddress, nowMs])
    sent.set(all, [...toAll, nowMs])
  }
}
