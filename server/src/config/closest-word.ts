/** "Did you mean …": the nearest of some words. */

/** The word nearest to `given`, if it is near enough to be meant. */
export function findClosest(given: string, words: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.ceil(given.length / 3))
  let best: string | undefined
  let bestDistance = limit + 1
  for (const word of words) {
    const distance = editDistance(given.toLowerCase(), word.toLowerCase())
    if (distance < bestDistance) {
      best = word
      bestDistance = distance
    }
  }
  return best
}

/** How many letters must be put in, taken out or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
