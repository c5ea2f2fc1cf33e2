/** `npm run simulate:reputation -- [worlds]`: the tables of docs/reputation.md, and a line of JSON for machines. */

import { average } from './average.ts'
import {
  calibratedHide,
  calibratedHideThree,
  groupedHide,
  guardedHide,
  hide,
  type Measures,
  type Method,
  methods,
} from './methods.ts'
import { usualPlan, type WorldPlan } from './plan.ts'

const worlds = Number(process.argv[2] ?? 20)
const share = (value: number): string => value.toFixed(3).replace(/^0/, '')
const percent = (value: number): string => `${(value * 100).toFixed(2)} %`
const figures: Record<string, Record<string, Measures[]>> = {}

/** A table of markdown: a row for each method or defence, a column for each plan. */
function print(
  title: string,
  head: readonly string[],
  rows: readonly (readonly [string, Method, readonly Partial<WorldPlan>[]])[],
  show: (measured: Measures) => string,
): void {
  console.log(`\n${title}\n\n| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}`)
  const kept: Record<string, Measures[]> = {}
  for (const [name, method, plans] of rows) {
    const measured = plans.map((plan) => average(method, plan, worlds))
    kept[name] = measured
    console.log(`| ${[name, ...measured.map(show)].join(' | ')} |`)
  }
  figures[title] = kept
}

const scores = ({ precision, recall, f1, benignHidden, contestedHidden }: Measures): string =>
  `${[precision, recall, f1].map(share).join(' / ')}; ${percent(benignHidden)}, ${percent(contestedHidden)}`
const lost = ({ targetsHidden, recall }: Measures): string => `${percent(targetsHidden)} / ${percent(recall)}`

console.log(`${worlds} worlds of ${usualPlan.entities} entities`)
print(
  'Precision / recall / F1; benign hidden, contested hidden',
  ['method', 'clean', '200 sybils'],
  methods.map((method) => [method.name, method, [{}, { sybils: 200 }]] as const),
  scores,
)
print(
  'The same, by the trust in honest feeds: ours, hide',
  ['trust', 'clean', '200 sybils'],
  [0.5, 0.6, 0.65, 0.7, 0.85].map((honestTrust) => {
    return [String(honestTrust), hide, [{ honestTrust }, { honestTrust, sybils: 200 }]] as const
  }),
  scores,
)

const hostile = (plan: Partial<WorldPlan>): Partial<WorldPlan>[] => {
  return [1, 2, 3].map((hostileFeeds) => ({ ...plan, hostileFeeds, copiers: 0 }))
}
const drip = { isDamped: true, smearedPerDay: 40 }
print(
  'Hostile direct feeds among 8: targets hidden / abuse still hidden',
  ['defence', '1 hostile', '2', '3'],
  [
    ['none', hide, hostile({})],
    ['calibration', calibratedHide, hostile({})],
    ['calibration, I >= 3', calibratedHideThree, hostile({})],
    ['burst damper, against a burst', hide, hostile({ isDamped: true })],
    ['burst damper, against a slow drip of 40 a day', hide, hostile(drip)],
    ['burst damper and calibration, burst', calibratedHide, hostile({ isDamped: true })],
    ['burst damper and calibration, slow drip', calibratedHide, hostile(drip)],
    ['none, whitewashing only', hide, hostile({ smeared: 0 })],
    ['calibration, whitewashing only', calibratedHide, hostile({ smeared: 0 })],
  ],
  lost,
)
const copied: Partial<WorldPlan> = { hostileFeeds: 1, hiddenCopiers: 3, copiers: 0 }
const praise: Partial<WorldPlan> = { sybils: 200, areSybilsPraising: true, smeared: 0 }
print(
  'Other attacks: targets hidden / abuse still hidden',
  ['defence', '1 hostile feed and 3 hidden copies of it', '200 sybils praise half of the abuse'],
  [
    ['none', hide, [copied, praise]],
    ['copies found', groupedHide, [copied, praise]],
    ['copies found and calibration', guardedHide, [copied, praise]],
  ],
  lost,
)
console.log(`\n${JSON.stringify({ simulation: 'reputation', worlds, figures })}`)
