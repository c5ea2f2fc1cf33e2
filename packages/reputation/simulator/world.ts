/**
 * A synthetic world: entities whose nature is known, feeds that see some of it and err now and then, and attackers.
 * The make-up is that of docs/reputation.md: 5 % abuse, 5 % contested, 90 % benign.
 */

import { DAMPED, DAY_MS, dampBursts, type Lens, parseEntity, type Subscription, type Testimony } from '../src/index.ts'
import { createRandom, type Random } from './random.ts'

export type Nature = 'abuse' | 'contested' | 'benign'

export type WorldPlan = {
  readonly seed: number
  readonly entities: number
  readonly honestFeeds: number
  readonly copiers: number
  readonly viewpointTrust: number
  /** Origins behind one subscription of trust 0.5 that smear innocents. */
  readonly sybils: number
  /** Feeds of full trust that smear innocents and praise half of the abuse. They are among the honest in number. */
  readonly hostileFeeds: number
  readonly smeared: number
  /** Statements a day of a hostile feed: all at once is a burst, few are a slow drip. */
  readonly smearedPerDay: number
  readonly isDamped: boolean
}

export const usualPlan: WorldPlan = {
  seed: 1,
  entities: 20_000,
  honestFeeds: 8,
  copiers: 3,
  viewpointTrust: 0.5,
  sybils: 0,
  hostileFeeds: 0,
  smeared: 300,
  smearedPerDay: Number.POSITIVE_INFINITY,
  isDamped: false,
}

/** An entity with what is said of it. */
export type Inhabitant = { readonly nature: Nature; isTarget: boolean; readonly said: Testimony[] }

export type World = { readonly inhabitants: readonly Inhabitant[]; readonly lens: Lens }

export const nowMs = 1_795_000_000_000
export const context = 'm.spam'
const trust = { honest: 0.65, hostile: 0.65, copier: 0.65, sybil: 0.5 }

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
    subscribe(`honest${feed}`, trust.honest)
    observe(inhabitants, `honest${feed}`, random)
  }
  for (let copier = 0; copier < plan.copiers; copier++) {
    subscribe(`copier${copier}`, trust.copier)
    copy(inhabitants, 'honest0', `copier${copier}`)
  }
  subscribe('viewpoint', plan.viewpointTrust)
  for (const [number, { nature, said }] of inhabitants.entries()) {
    if (nature === 'contested' && random.chance(0.61)) said.push(say(number, ['viewpoint'], -1))
  }
  const targets = chooseTargets(inhabitants, plan, random)
  if (plan.sybils > 0) subscribe('sybils', trust.sybil)
  for (const number of targets) {
    for (let sybil = 0; sybil < plan.sybils; sybil++) {
      inhabitants[number]!.said.push(say(number, ['sybils', `sybil${sybil}`], -1))
    }
  }
  for (let hostile = 0; hostile < plan.hostileFeeds; hostile++) {
    subscribe(`hostile${hostile}`, trust.hostile)
    attack(inhabitants, `hostile${hostile}`, targets, plan, random)
  }
  return { inhabitants, lens: { subscriptions } }
}

function say(
  number: number,
  path: string[],
  value: number,
  more: { origin?: string; damping?: number } = {},
): Testimony {
  const entity = parseEntity('user', `@u${number}:sim.example`)
  const origins = more.origin === undefined ? [] : [more.origin]
  return {
    statement: { entity, context, value, confidence: 0.8, issuedMs: nowMs, origins },
    path,
    weights: path.slice(1).map(() => 0.95),
    factor: 1,
    damping: more.damping ?? 1,
    idleMs: 0,
  }
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

function attack(
  inhabitants: readonly Inhabitant[],
  feed: string,
  targets: readonly number[],
  plan: WorldPlan,
  random: Random,
): void {
  const days = targets.length / plan.smearedPerDay
  const arrivals = targets.map(
    (_, index) => nowMs - Math.floor(((targets.length - 1 - index) / targets.length) * days * DAY_MS),
  )
  const damped = dampBursts(arrivals)
  for (const [index, number] of targets.entries()) {
    const isDamped = plan.isDamped && damped[index]! > nowMs
    inhabitants[number]!.said.push(say(number, [feed], -1, { damping: isDamped ? DAMPED : 1 }))
  }
  for (const [number, { nature, said }] of inhabitants.entries()) {
    if (nature === 'abuse' && random.chance(0.5)) said.push(say(number, [feed], 1))
  }
}
