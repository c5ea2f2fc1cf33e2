/** Who is behind an access token, remembered by the token's hash until the session ends. */

import { userLimits } from './limits.ts'
import type { CallerAnswer } from './users.ts'

export type CachedCaller = {
  readonly answer: CallerAnswer
  readonly user: number
  readonly device: string
  /** 0: never. */
  readonly expiresMs: number
}

/** Forgets whoever came first once it is full; a session or a user is forgotten at once. */
export class CallerCache {
  /** Grows with every session that ends: what was read before must not be remembered after. */
  endings = 0
  readonly #byHash = new Map<string, CachedCaller>()
  readonly #hashes = new Map<number, Set<string>>()

  get(tokenHash: string): CachedCaller | undefined {
    return this.#byHash.get(tokenHash)
  }

  set(tokenHash: string, cached: CachedCaller): void {
    this.#byHash.set(tokenHash, cached)
    const hashes = this.#hashes.get(cached.user)
    if (hashes === undefined) this.#hashes.set(cached.user, new Set([tokenHash]))
    else hashes.add(tokenHash)
    if (this.#byHash.size > userLimits.callersMax) this.#remove(this.#byHash.keys().next().value!)
  }

  /** Without devices: all of the user's. */
  forget(user: number, devices?: readonly string[]): void {
    this.endings += 1
    for (const tokenHash of this.#hashes.get(user) ?? []) {
      const cached = this.#byHash.get(tokenHash)
      if (cached !== undefined && (devices === undefined || devices.includes(cached.device))) this.#remove(tokenHash)
    }
  }

  #remove(tokenHash: string): void {
    const cached = this.#byHash.get(tokenHash)
    if (cached === undefined) return
    this.#byHash.delete(tokenHash)
    const hashes = this.#hashes.get(cached.user)
    hashes?.delete(tokenHash)
    if (hashes?.size === 0) this.#hashes.delete(cached.user)
  }
}
