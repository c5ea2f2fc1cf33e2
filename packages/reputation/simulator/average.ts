/** The mean of a method's measures over seeded worlds. */

import { type Measures, type Method, measure } from './methods.ts'
import { usualPlan, type WorldPlan } from './plan.ts'
import { createWorld } from './world.ts'

/** Over the worlds of the seeds from 1 on. */
export function average(method: Method, plan: Partial<WorldPlan>, worlds: number): Measures {
  const sums: Record<string, number> = {}
  for (let seed = 1; seed <= worlds; seed++) {
    const world = createWorld({ ...usualPlan, ...plan, seed })
    const measured = measure(world.inhabitants, method.prepare(world))
    for (const [name, value] of Object.entries(measured)) sums[name] = (sums[name] ?? 0) + value / worlds
  }
  return sums as Measures
}
