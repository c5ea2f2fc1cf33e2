/** Random choices that a seed repeats. */

export interface Random {
  /** An integer from 0 up to, but not, `below`. */
  below(below: number): number
  /** True in that share of cases. */
  chance(share: number): boolean
  pick<T>(items: readonly T[]): T
  /** Some of the items, each taken with that share. */
  some<T>(items: readonly T[], share: number): T[]
}

/** A source of choices; the same seed gives the same ones. */
export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    chance: (share) => next() < share,
    pick: (items) => items[below(items.length)]!,
    some: (items, share) => items.filter(() => next() < share),
  }
}
