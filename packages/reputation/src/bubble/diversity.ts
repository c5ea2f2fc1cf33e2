/** Measures of sets, distributions and rankings. All from 0 to 1. */

/** How often each name occurs. */
export function countNames(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** Shannon entropy over the logarithm of `clusters`, how many there could be: 1 where all are equally frequent. */
export function normalEntropy(counts: ReadonlyMap<string, number>, clusters: number): number {
  if (clusters < 2) return 0
  const total = sumOf(counts)
  let entropy = 0
  for (const count of counts.values()) if (count > 0) entropy -= (count / total) * Math.log(count / total)
  return entropy / Math.log(clusters)
}

/**
 * How much of the diversity of what could be seen is lost in what is seen: 1 - E(visible) / E(all), over the clusters
 * of all. Negative where filtering makes the rest more even; 0 where there was no diversity to lose.
 */
export function diversityLoss(visible: ReadonlyMap<string, number>, all: ReadonlyMap<string, number>): number {
  const before = normalEntropy(all, all.size)
  return before === 0 ? 0 : 1 - normalEntropy(visible, all.size) / before
}

/** The Jensen-Shannon divergence (base 2) of two distributions: 0 equal, 1 disjoint. An empty one differs entirely. */
export function jensenShannon(left: ReadonlyMap<string, number>, right: ReadonlyMap<string, number>): number {
  const [leftTotal, rightTotal] = [sumOf(left), sumOf(right)]
  if (leftTotal === 0 || rightTotal === 0) return leftTotal === rightTotal ? 0 : 1
  let divergence = 0
  for (const name of new Set([...left.keys(), ...right.keys()])) {
    const p = (left.get(name) ?? 0) / leftTotal
    const q = (right.get(name) ?? 0) / rightTotal
    const middle = (p + q) / 2
    if (p > 0) divergence += (p / 2) * Math.log2(p / middle)
    if (q > 0) divergence += (q / 2) * Math.log2(q / middle)
  }
  return Math.min(Math.max(divergence, 0), 1)
}

/** What two sets have in common: the Jaccard index; 1 for two empty ones. */
export function jaccard(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const all = left.union(right).size
  return all === 0 ? 1 : left.intersection(right).size / all
}

/**
 * Rank-biased overlap of two rankings, extrapolated from their visible part (Webber, Moffat and Zobel, 2010, 3.3):
 * the first places weigh most, each next one `persistence` times as much. 1 for equal ones.
 */
export function rankBiasedOverlap(left: readonly string[], right: readonly string[], persistence = 0.9): number {
  const depthMax = Math.max(left.length, right.length)
  if (depthMax === 0) return 1
  const [seenLeft, seenRight] = [new Set<string>(), new Set<string>()]
  let [sum, shared, agreement] = [0, 0, 0]
  for (let depth = 1; depth <= depthMax; depth++) {
    shared += place(left[depth - 1], seenLeft, seenRight)
    shared += place(right[depth - 1], seenRight, seenLeft)
    agreement = (2 * shared) / (seenLeft.size + seenRight.size)
    sum += agreement * persistence ** depth
  }
  return agreement * persistence ** depthMax + ((1 - persistence) / persistence) * sum
}

/** Notes an item of one ranking; answers 1 if the other one has it already. */
function place(item: string | undefined, own: Set<string>, other: ReadonlySet<string>): 0 | 1 {
  if (item === undefined || own.has(item)) return 0
  own.add(item)
  return other.has(item) ? 1 : 0
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  let sum = 0
  for (const count of counts.values()) sum += count
  return sum
}
