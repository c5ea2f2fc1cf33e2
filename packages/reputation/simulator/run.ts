/** `npm run simulate:reputation -- [worlds]`: the table of docs/reputation.md, and a line of JSON for machines. */

import { calibratedHide, calibratedHideThree, hide, type Measures, type Method, measure, methods } from './methods.ts'
import { createWorld, usualPlan, type WorldPlan } from './world.ts'

const worlds = Number(process.argv[2] ?? 20)

/** The mean over all worlds of a plan. */
function average(method: Method, plan: Partial<WorldPlan>): Measures {
  const sums: Record<string, number> = {}
  for (let seed = 1; seed <= worlds; seed++) {
    const world = createWorld({ ...usualPlan, ...plan, seed })
    const measured = measure(world.inhabitants, method.prepare(world))
    for (const [name, value] of Object.entries(measured)) sums[name] = (sums[name] ?? 0) + value / worlds
  }
  return sums as Measures
}

const share = (value: number): string => value.toFixed(3).replace(/^0/, '')
const percent = (value: number): string => `${(value * 100).toFixed(2)} %`

console.log(`${worlds} worlds of ${usualPlan.entities} entities\n`)
console.log('| method | clean: P / R / F1 | 200 sybils: P / R / F1 | benign hidden under attack | contested hidden |')
console.log('| --- | --- | --- | --- | --- |')
const table: Record<string, { clean: Measures; sybils: Measures }> = {}
for (const method of methods) {
  const clean = average(method, {})
  const sybils = average(method, { sybils: 200 })
  table[method.name] = { clean, sybils }
  const scores = ({ precision, recall, f1 }: Measures) => [precision, recall, f1].map(share).join(' / ')
  const cells = [scores(clean), scores(sybils), percent(sybils.benignHidden), percent(clean.contestedHidden)]
  console.log(`| ${[method.name, ...cells].join(' | ')} |`)
}

console.log('\nHostile direct feeds among 8: targets hidden / abuse still hidden\n')
console.log('| defence | 1 hostile | 2 | 3 |')
console.log('| --- | --- | --- | --- |')
const defences: readonly [string, Method, Partial<WorldPlan>][] = [
  ['none', hide, {}],
  ['calibration', calibratedHide, {}],
  ['calibration, I >= 3', calibratedHideThree, {}],
  ['burst damper', hide, { isDamped: true }],
  ['burst damper and calibration', calibratedHide, { isDamped: true }],
  ['both, against a slow drip of 40 a day', calibratedHide, { isDamped: true, smearedPerDay: 40 }],
]
const attacks: Record<string, Measures[]> = {}
for (const [name, method, plan] of defences) {
  const row = [1, 2, 3].map((hostileFeeds) => average(method, { ...plan, hostileFeeds, copiers: 0 }))
  attacks[name] = row
  const cells = row.map(({ targetsHidden, recall }) => `${percent(targetsHidden)} / ${percent(recall)}`)
  console.log(`| ${[name, ...cells].join(' | ')} |`)
}
console.log(`\n${JSON.stringify({ simulation: 'reputation', worlds, table, attacks })}`)
