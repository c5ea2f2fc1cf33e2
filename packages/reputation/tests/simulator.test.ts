/**
 * Simulated worlds hold the thresholds that the blend was chosen for: those of docs/reputation.md where it is about
 * few errors among many innocents, else worlds of a fifth of their size.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { average } from '../simulator/average.ts'
import { calibratedHide, groupedHide, hide, type Method, methods } from '../simulator/methods.ts'
import type { WorldPlan } from '../simulator/plan.ts'

const small = { entities: 4_000, smeared: 60 } as const
const measured = (plan: Partial<WorldPlan>, method: Method = hide, worlds = 20) =>
  average(method, { ...small, ...plan }, worlds)

test('finds abuse, and 200 sybils behind one subscription change next to nothing', () => {
  const clean = average(hide, {}, 20)
  const attacked = average(hide, { sybils: 200 }, 20)
  assert.ok(clean.f1 >= 0.95, `F1 ${clean.f1}`)
  assert.equal(clean.contestedHidden, 0)
  assert.ok(clean.f1 - attacked.f1 <= 0.01, `F1 falls from ${clean.f1} to ${attacked.f1}`)
  assert.ok(attacked.benignHidden <= 0.0005, `${attacked.benignHidden} of the innocents hidden`)
})

test('is better than any other method, in peace and under attack', () => {
  const others = methods.filter(({ name }) => !name.startsWith('ours'))
  for (const plan of [{}, { sybils: 50 }]) {
    const ours = measured(plan, hide, 5).f1
    for (const other of others) assert.ok(ours > measured(plan, other, 5).f1, other.name)
  }
})

test('one hostile feed among eight hides next to none of its targets', () => {
  const { targetsHidden } = measured({ hostileFeeds: 1, copiers: 0 }, calibratedHide)
  assert.ok(targetsHidden <= 0.005, `${targetsHidden} of its targets hidden`)
})

test('damper and calibration together stand three hostile feeds of eight, in a burst and in a slow drip', () => {
  const threeOfEight = { entities: 20_000, smeared: 300, hostileFeeds: 3, copiers: 0, isDamped: true }
  const alone = measured({ ...threeOfEight, hostileFeeds: 2 }, hide, 2)
  assert.ok(alone.targetsHidden < 0.25, `${alone.targetsHidden} of the targets hidden by a damped burst`)
  for (const plan of [threeOfEight, { ...threeOfEight, smearedPerDay: 40 }]) {
    const both = measured(plan, calibratedHide, 2)
    assert.ok(both.targetsHidden < 0.05, `${both.targetsHidden} of the targets hidden`)
  }
})

test('hidden copies of a hostile feed are no consensus', () => {
  const plan = { hostileFeeds: 1, hiddenCopiers: 3, copiers: 0 }
  const fooled = measured(plan, hide, 3)
  const grouped = measured(plan, groupedHide, 3)
  assert.ok(fooled.targetsHidden > 0.9, `${fooled.targetsHidden}: the attack has no force`)
  assert.ok(grouped.targetsHidden < 0.05, `${grouped.targetsHidden} of the targets hidden`)
})

test('praise by sybils or by one hostile feed uncovers little of the abuse that is found without', () => {
  const clean = measured({}, calibratedHide, 5)
  const sybils = measured({ sybils: 50, areSybilsPraising: true, smeared: 0 }, calibratedHide, 5)
  const hostile = measured({ hostileFeeds: 1, smeared: 0, copiers: 0 }, calibratedHide, 5)
  assert.ok(sybils.recall > clean.recall - 0.1, `${sybils.recall} of ${clean.recall}`)
  assert.ok(hostile.recall > clean.recall - 0.1, `${hostile.recall} of ${clean.recall}`)
})
