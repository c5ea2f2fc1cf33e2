/** Matching against a million names and ten thousand patterns; prints a line of JSON. */

import { createRuleIndex } from '../src/index.ts'

const literals = Array.from(
  { length: 1_000_000 },
  (_, n) => `@user${(n * 7919) % 10_000_019}:server${n % 5_000}.example`,
)
const globs = Array.from({ length: 10_000 }, (_, n) =>
  n % 3 === 0 ? `*:evil${n}.example` : n % 3 === 1 ? `@spam${n}*:*` : `*bad${n}word*`,
)
const rules = [...literals, ...globs]

function medianOf(values: number[]): number {
  return values.sort((left, right) => left - right)[values.length >> 1]!
}

function quantile(values: Float64Array, share: number): number {
  return values.toSorted()[Math.floor(values.length * share)]!
}

const builds: number[] = []
let index = createRuleIndex([], 1)
for (let round = 0; round < 5; round++) {
  const start = performance.now()
  index = createRuleIndex(rules, 12345 + round)
  builds.push(performance.now() - start)
}
const names = Array.from({ length: 20_000 }, (_, n) => {
  if (n % 4 === 0) return literals[(n * 31) % literals.length]!
  if (n % 4 === 1) return `@spam${n % 10_000}bot:host${n}.example`
  if (n % 4 === 2) return `@${'evil'.repeat(20)}${n}:evilbadword.example`
  return `@honest${n}:home${n}.example`
})
for (const name of names) index.match(name)
const micros = new Float64Array(names.length)
for (const [at, name] of names.entries()) {
  const start = performance.now()
  index.match(name)
  micros[at] = (performance.now() - start) * 1_000
}
console.log(
  JSON.stringify({
    bench: 'reputation-match',
    literals: literals.length,
    globs: globs.length,
    p50Micros: Number(quantile(micros, 0.5).toFixed(2)),
    p99Micros: Number(quantile(micros, 0.99).toFixed(2)),
    buildMs: Math.round(medianOf(builds)),
    mebibytes: Math.round(index.bytes / 1_048_576),
  }),
)
