/** Numbers that look random and are the same for the same seed. */

export type Draw = {
  /** A whole number from 0 up to below `below`. */
  upTo(below: number): number
  pick<T>(list: readonly T[]): T
  /** True with this probability. */
  chance(share: number): boolean
}

/** Xorshift, seeded. */
export function drawFrom(seed: number): Draw {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 2 ** 32
  }
  const upTo = (below: number) => Math.floor(next() * below)
  return { upTo, pick: (list) => list[upTo(list.length)]!, chance: (share) => next() < share }
}
