/** Blending ten statements of five feeds; prints a line of JSON. `node packages/reputation/bench/blend.ts` */

import { createOpinions, evaluate, type Lens, parseEntity, type Testimony } from '../src/index.ts'

const nowMs = 1_795_000_000_000
const entity = parseEntity('user', '@somebody:example.org')
const feeds = Array.from({ length: 5 }, (_, n) => `feed${n}`)
const lens: Lens = {
  subscriptions: feeds.map((feed) => ({ feed, trust: { '*': 0.7 }, mode: 'blend', isDeclared: true })),
}
const opinions = createOpinions()
const said: Testimony[] = Array.from({ length: 10 }, (_, n) => ({
  statement: {
    entity,
    context: n % 2 === 0 ? 'm.spam' : 'm.spam.fraud',
    value: n % 3 === 0 ? 0.5 : -1,
    confidence: 0.6,
    issuedMs: nowMs - n * 3_600_000,
    origins: [`observer${n}`],
  },
  path: [feeds[n % 5]!],
  weights: [],
  factor: 1,
  damping: 1,
  idleMs: 0,
}))

for (const testimony of said) opinions.add(testimony)
const testimonies = opinions.listTestimonies(entity)
const rates: number[] = []
for (let round = 0; round < 6; round++) {
  const start = performance.now()
  const turns = 100_000
  for (let turn = 0; turn < turns; turn++) evaluate(lens, entity, 'm.spam', testimonies, { nowMs })
  rates.push((turns * 1_000) / (performance.now() - start))
}
const median = rates.slice(1).sort((left, right) => left - right)[2]!
console.log(JSON.stringify({ bench: 'reputation-blend', statements: 10, feeds: 5, perSecond: Math.round(median) }))
