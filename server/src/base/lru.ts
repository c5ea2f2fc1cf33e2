/**
 * A map that forgets what was used longest ago once the sum of costs passes its bound. The order is a chain of its own:
 * taking the first key of a Map from which many were deleted walks over all of those.
 */

type Entry<Key, Value> = {
  readonly key: Key
  value: Value
  cost: number
  older: Entry<Key, Value> | undefined
  newer: Entry<Key, Value> | undefined
}

export class Lru<Key, Value> {
  readonly costMax: number
  cost = 0
  readonly #entries = new Map<Key, Entry<Key, Value>>()
  #oldest: Entry<Key, Value> | undefined
  #newest: Entry<Key, Value> | undefined

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
    if (entry !== this.#newest) {
      this.#unlink(entry)
      this.#append(entry)
    }
    return entry.value
  }

  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  set(key: Key, value: Value, cost = 1): void {
    this.delete(key)
    const entry: Entry<Key, Value> = { key, value, cost, older: undefined, newer: undefined }
    this.#entries.set(key, entry)
    this.#append(entry)
    this.cost += cost
    while (this.cost > this.costMax && this.#entries.size > 1) this.delete(this.#oldest!.key)
  }

  delete(key: Key): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    this.#unlink(entry)
    this.cost -= entry.cost
    return this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
    this.#oldest = undefined
    this.#newest = undefined
    this.cost = 0
  }

  #append(entry: Entry<Key, Value>): void {
    entry.older = this.#newest
    entry.newer = undefined
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  #unlink({ older, newer }: Entry<Key, Value>): void {
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
  }
}
