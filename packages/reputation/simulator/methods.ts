/** Ways to decide from several lists whether something is hidden: today's, those of others' designs, and ours. */

import { type BlendOptions, type Cell, calibrate, evaluate, groupCopies, type Testimony } from '../src/index.ts'
import { context, type Inhabitant, nowMs, type World } from './plan.ts'

/** Decides for a whole world at once, as some methods learn from all of it. */
export type Method = { readonly name: string; prepare(world: World): (inhabitant: Inhabitant) => boolean }

/** What each list says, however it was reached: the other methods know lists, not the ways to them. */
function byList(said: readonly Testimony[]): Map<string, { readonly value: number; readonly feed: string }> {
  return new Map(said.map(({ path, statement }) => [path.at(-1)!, { value: statement.value, feed: path[0]! }]))
}

function accusers(said: readonly Testimony[]): number {
  return [...byList(said).values()].filter(({ value }) => value < 0).length
}

function countOf(name: string, needed: (feeds: number) => number): Method {
  return {
    name,
    prepare: ({ lens }) => {
      const least = needed(lens.subscriptions.length)
      return ({ said }) => accusers(said) >= least
    },
  }
}

const bestSingle: Method = {
  name: 'best single list',
  prepare({ inhabitants, lens }) {
    const scores = lens.subscriptions.map(({ feed }) => {
      const isListed = ({ said }: Inhabitant) => (byList(said).get(feed)?.value ?? 0) < 0
      return { feed, f1: measure(inhabitants, isListed).f1 }
    })
    const best = scores.reduce((kept, score) => (score.f1 > kept.f1 ? score : kept)).feed
    return ({ said }) => (byList(said).get(best)?.value ?? 0) < 0
  },
}

/** The sum of opinions from -100 to 100, hidden at -150 and below. */
const sum: Method = {
  name: 'sum of opinions, cut at -150',
  prepare: () => (inhabitant) => {
    let total = 0
    for (const { value } of byList(inhabitant.said).values()) total += value * 0.8 * 100
    return total <= -150
  },
}

const mean: Method = {
  name: 'trust-weighted mean',
  prepare({ lens }) {
    const trust = new Map(lens.subscriptions.map((entry) => [entry.feed, entry.trust['*']!]))
    return ({ said }) => {
      let weighted = 0
      let weights = 0
      for (const { feed, value } of byList(said).values()) {
        weighted += trust.get(feed)! * value
        weights += trust.get(feed)!
      }
      return weights > 0 && weighted / weights <= -0.5
    }
  },
}

type Guards = { readonly isCalibrated?: boolean; readonly isGrouped?: boolean; readonly supportMin?: number }

/** Ours, at the rung of the ladder that blurs (`supportMin` 1) or hides. */
function blended(name: string, actions: readonly string[], guards: Guards = {}): Method {
  const { isCalibrated = false, isGrouped = false, supportMin = 1 } = guards
  return {
    name,
    prepare({ inhabitants, lens: given }) {
      const lens = isGrouped ? groupFeeds(inhabitants, given) : given
      const options: BlendOptions = { nowMs, ...(isCalibrated && { calibration: learn(inhabitants, lens) }) }
      return ({ said }) => {
        if (said.length === 0) return false
        const { action, support } = evaluate(lens, said[0]!.statement.entity, context, said, options)
        return actions.includes(action) && support >= supportMin
      }
    },
  }
}

function learn(inhabitants: readonly Inhabitant[], lens: World['lens']): Map<string, number> {
  const spoken = inhabitants.filter(({ said }) => said.length > 1)
  const cells = spoken.map(({ said }): Cell => ({ entity: said[0]!.statement.entity, context, testimonies: said }))
  return calibrate(lens, cells, nowMs)
}

/** The lens with feeds that repeat one another as one operator. */
function groupFeeds(inhabitants: readonly Inhabitant[], { subscriptions }: World['lens']): World['lens'] {
  const listings = new Map<string, Map<string, number>>(subscriptions.map(({ feed }) => [feed, new Map()]))
  for (const { said } of inhabitants) {
    for (const { path, statement } of said) {
      if (path.length === 1) listings.get(path[0]!)!.set(`${statement.entity} ${statement.value}`, statement.issuedMs)
    }
  }
  const operators = groupCopies(listings)
  return {
    subscriptions: subscriptions.map((subscription) => {
      const operator = operators.get(subscription.feed)
      return operator === undefined ? subscription : { ...subscription, operator }
    }),
  }
}

const hides = ['hide', 'refuse']
export const warn = blended('ours, warn', ['blur', ...hides])
export const hide = blended('ours, hide (I >= 2)', hides, { supportMin: 2 })
export const groupedHide = blended('ours, copies found, hide', hides, { isGrouped: true, supportMin: 2 })
export const calibratedHide = blended('ours, calibrated, hide', hides, { isCalibrated: true, supportMin: 2 })
export const guardedHide = blended('ours, calibrated, copies found, hide', hides, {
  isCalibrated: true,
  isGrouped: true,
  supportMin: 2,
})
export const calibratedHideThree = blended('ours, calibrated, hide (I >= 3)', hides, {
  isCalibrated: true,
  supportMin: 3,
})

export const methods: readonly Method[] = [
  bestSingle,
  countOf('union of lists', () => 1),
  countOf('2 of n lists', () => 2),
  countOf('3 of n lists', () => 3),
  countOf('majority', (feeds) => Math.floor(feeds / 2) + 1),
  sum,
  mean,
  warn,
  hide,
  calibratedHide,
]

export type Measures = {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  readonly benignHidden: number
  readonly contestedHidden: number
  /** The share of the attackers' targets that is hidden. */
  readonly targetsHidden: number
}

/** How well a decision finds abuse, and whom it hides besides. */
export function measure(inhabitants: readonly Inhabitant[], isHidden: (inhabitant: Inhabitant) => boolean): Measures {
  const all = { abuse: 0, contested: 0, benign: 0 }
  const hidden = { abuse: 0, contested: 0, benign: 0 }
  let targets = 0
  let targetsHidden = 0
  for (const inhabitant of inhabitants) {
    const isOut = isHidden(inhabitant)
    all[inhabitant.nature]++
    if (isOut) hidden[inhabitant.nature]++
    if (!inhabitant.isTarget) continue
    targets++
    if (isOut) targetsHidden++
  }
  const found = hidden.abuse + hidden.contested + hidden.benign
  const precision = found === 0 ? 0 : hidden.abuse / found
  const recall = hidden.abuse / all.abuse
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
    benignHidden: hidden.benign / all.benign,
    contestedHidden: hidden.contested / all.contested,
    targetsHidden: targets === 0 ? 0 : targetsHidden / targets,
  }
}
