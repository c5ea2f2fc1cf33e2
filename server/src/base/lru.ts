/** A map that forgets what was used longest ago once the sum of costs passes its bound. */

export class Lru<Key, Value> {
  readonly costMax: number
  cost = 0
  readonly #entries = new Map<Key, { value: Value; cost: number }>()

  /** `costMax` is in the unit of the costs given to `set` (entries, or bytes). */
  constructor(costMax: number) {
    this.costMax = costMax
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.value
  }

  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  set(key: Key, value: Value, cost = 1): void {
    this.delete(key)
    this.#entries.set(key, { value, cost })
    this.cost += cost
    while (this.cost > this.costMax && this.#entries.size > 1) {
      const oldest = this.#entries.keys().next()
      if (oldest.done) break
      this.delete(oldest.value)
    }
  }

  delete(key: Key): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.cost -= entry.cost
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.cost = 0
  }
}
