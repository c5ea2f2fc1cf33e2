/**
 * A synthetic world: entities whose nature is known, and feeds that see some of it and err now and then. The make-up is
 * that of docs/reputation.md: 5 % abuse, 5 % contested, 90 % benign. attacks.ts adds who means harm.
 */

import type { Subscription } from '../src/index.ts'
import { addHostileFeeds, addSybils } from './attacks.ts'
import { type Inhabitant, say, type World, type WorldPlan } from './plan.ts'
import { createRandom, type Random } from './random.ts'

/** Makes a world; the same plan makes the same one. */
export function createWorld(plan: WorldPlan): World {
  const random = createRandom(plan.seed)
  const inhabitants = Array.from({ length: plan.entities }, (): Inhabitant => {
    const draw = random.next()
    const nature = draw < 0.05 ? 'abuse' : draw < 0.1 ? 'contested' : 'benign'
    return { nature, isTarget: false, said: [] }
  })
  const subscriptions: Subscription[] = []
  const subscribe = (feed: string, level: number): void => {
    subscriptions.push({ feed, trust: { '*': level }, mode: 'blend', isDeclared: true })
  }
  for (let feed = 0; feed < plan.honestFeeds - plan.hostileFeeds; feed++) {
    subscribe(`honest${feed}`, plan.honestTrust)
    observe(inhabitants, `honest${feed}`, random)
  }
  for (let copier = 0; copier < plan.copiers; copier++) {
    subscribe(`copier${copier}`, plan.honestTrust)
    copy(inhabitants, 'honest0', `copier${copier}`)
  }
  subscribe('viewpoint', plan.viewpointTrust)
  for (const [number, { nature, said }] of inhabitants.entries()) {
    if (nature === 'contested' && random.chance(0.61)) said.push(say(number, ['viewpoint'], -1))
  }
  const targets = chooseTargets(inhabitants, plan, random)
  addSybils(inhabitants, targets, plan, random, subscribe)
  addHostileFeeds(inhabitants, targets, plan, random, subscribe)
  return { inhabitants, lens: { subscriptions } }
}

/** An honest feed sees a part of the abuse and errs on few innocents. */
function observe(inhabitants: readonly Inhabitant[], feed: string, random: Random): void {
  const coverage = random.between(0.25, 0.6)
  const falseRate = random.between(0.001, 0.007)
  for (const [number, { nature, said }] of inhabitants.entries()) {
    const isListed = nature === 'abuse' ? random.chance(coverage) : nature === 'benign' && random.chance(falseRate)
    if (isListed) said.push(say(number, [feed], -1))
  }
}

/** A copier repeats another's list word for word, and it shows in the origin. */
function copy(inhabitants: readonly Inhabitant[], from: string, feed: string): void {
  for (const [number, { said }] of inhabitants.entries()) {
    if (said.some(({ path }) => path[0] === from)) said.push(say(number, [feed], -1, { origin: from }))
  }
}

function chooseTargets(inhabitants: readonly Inhabitant[], plan: WorldPlan, random: Random): number[] {
  if (plan.sybils + plan.hostileFeeds === 0) return []
  const targets: number[] = []
  while (targets.length < plan.smeared) {
    const number = Math.floor(random.next() * inhabitants.length)
    const inhabitant = inhabitants[number]!
    if (inhabitant.nature !== 'benign' || inhabitant.isTarget) continue
    inhabitant.isTarget = true
    targets.push(number)
  }
  return targets
}
