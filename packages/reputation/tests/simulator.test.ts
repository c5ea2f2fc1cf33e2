/** A small simulated world holds the thresholds that the blend was chosen for. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calibratedHide, hide, measure } from '../simulator/methods.ts'
import { createWorld, usualPlan, type WorldPlan } from '../simulator/world.ts'

function hidden(plan: Partial<WorldPlan>, method = hide) {
  const world = createWorld({ ...usualPlan, seed: 4, ...plan })
  return measure(world.inhabitants, method.prepare(world))
}

test('finds abuse, and 200 sybils behind one subscription change next to nothing', () => {
  const clean = hidden({})
  const attacked = hidden({ sybils: 200 })
  assert.ok(clean.f1 >= 0.94, `F1 ${clean.f1}`)
  assert.ok(clean.precision >= 0.985, `precision ${clean.precision}`)
  assert.equal(clean.contestedHidden, 0)
  assert.ok(clean.f1 - attacked.f1 <= 0.01, `F1 falls to ${attacked.f1}`)
  assert.ok(attacked.benignHidden <= 0.0005, `${attacked.benignHidden} of the innocents hidden`)
})

test('one hostile feed among eight hides next to none of its targets', () => {
  const { targetsHidden } = hidden({ hostileFeeds: 1, copiers: 0 }, calibratedHide)
  assert.ok(targetsHidden <= 0.005, `${targetsHidden} of its targets hidden`)
})

test('a burst is damped, and damper and calibration together stand three hostile feeds of eight', () => {
  const damped = hidden({ hostileFeeds: 2, copiers: 0, isDamped: true })
  assert.ok(damped.targetsHidden < 0.25, `${damped.targetsHidden} of the targets hidden`)
  const both = hidden({ hostileFeeds: 3, copiers: 0, isDamped: true }, calibratedHide)
  assert.ok(both.targetsHidden < 0.05, `${both.targetsHidden} of the targets hidden`)
})
