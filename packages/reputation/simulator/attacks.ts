/** Who means harm: crowds behind one subscription, and feeds that a reader trusts like honest ones. */

import { DAMPED, DAY_MS, dampBursts } from '../src/index.ts'
import { type Inhabitant, nowMs, say, type WorldPlan } from './plan.ts'
import type { Random } from './random.ts'

type Subscribe = (feed: string, level: number) => void

const SYBIL_TRUST = 0.5
const PRAISED_SHARE = 0.5
const COPY_LAG_MS = 3_600_000

/** Many origins that reach the reader through one subscription. */
export function addSybils(
  inhabitants: readonly Inhabitant[],
  targets: readonly number[],
  plan: WorldPlan,
  random: Random,
  subscribe: Subscribe,
): void {
  if (plan.sybils === 0) return
  subscribe('sybils', SYBIL_TRUST)
  const say200 = (number: number, value: number): void => {
    for (let sybil = 0; sybil < plan.sybils; sybil++) {
      inhabitants[number]!.said.push(say(number, ['sybils', `sybil${sybil}`], value))
    }
  }
  if (!plan.areSybilsPraising) for (const number of targets) say200(number, -1)
  else for (const number of choosePraised(inhabitants, random)) say200(number, 1)
}

/** Feeds among the honest that lie, and those that repeat the first of them. */
export function addHostileFeeds(
  inhabitants: readonly Inhabitant[],
  targets: readonly number[],
  plan: WorldPlan,
  random: Random,
  subscribe: Subscribe,
): void {
  for (let hostile = 0; hostile < plan.hostileFeeds; hostile++) {
    const feed = `hostile${hostile}`
    const praised = choosePraised(inhabitants, random)
    subscribe(feed, plan.honestTrust)
    attack(inhabitants, feed, targets, praised, plan, 0)
    for (let copier = 0; hostile === 0 && copier < plan.hiddenCopiers; copier++) {
      subscribe(`hiddenCopier${copier}`, plan.honestTrust)
      attack(inhabitants, `hiddenCopier${copier}`, targets, praised, plan, COPY_LAG_MS)
    }
  }
}

function choosePraised(inhabitants: readonly Inhabitant[], random: Random): number[] {
  const abuse = [...inhabitants.keys()].filter((number) => inhabitants[number]!.nature === 'abuse')
  return abuse.filter(() => random.chance(PRAISED_SHARE))
}

function attack(
  inhabitants: readonly Inhabitant[],
  feed: string,
  targets: readonly number[],
  praised: readonly number[],
  { smearedPerDay, isDamped }: WorldPlan,
  lagMs: number,
): void {
  const days = targets.length / smearedPerDay
  const arrivals = targets.map((_, index) => {
    return nowMs - Math.floor(((targets.length - 1 - index) / targets.length) * days * DAY_MS)
  })
  const damped = dampBursts(arrivals)
  // Issued before it arrives, so that nothing is dated ahead; a copy comes an hour after what it repeats.
  const issue = (atMs: number): number => atMs - 2 * COPY_LAG_MS + lagMs
  for (const [index, number] of targets.entries()) {
    const damping = isDamped && damped[index]! > nowMs ? DAMPED : 1
    inhabitants[number]!.said.push(say(number, [feed], -1, { damping, issuedMs: issue(arrivals[index]!) }))
  }
  for (const number of praised) inhabitants[number]!.said.push(say(number, [feed], 1, { issuedMs: issue(nowMs) }))
}
