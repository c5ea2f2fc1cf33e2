/**
 * What the feeds of a lens show of one another: which repeat another one (they count as one voice), and how often each
 * agrees with the rest where being right does not depend on who looks. Worked out of a sample of what they say openly,
 * kept a while, told to nobody but in explanations.
 */

import { randomBytes } from 'node:crypto'
import {
  type Cell,
  calibrate,
  createOpinions,
  findContext,
  groupCopies,
  type Lens,
  parseEntity,
  type Subscription,
} from '@parallax/reputation'
import { type Clock, Lru } from '../base/index.ts'
import type { Store } from '../store/index.ts'
import { nameOfSource, readSaid, toTestimony } from './hear.ts'
import { reputationLimits } from './limits.ts'
import { listSaidOfMany, listSampled } from './source-table.ts'
import type { FeedWeights, WeighedSources, Weights } from './weights.ts'

type Kept = { readonly weights: Promise<Weights>; readonly untilMs: number }

type WeighDeps = { readonly store: Store; readonly clock: Clock }

export function createFeedWeights(deps: WeighDeps): FeedWeights {
  // All who listen to the same feeds as much find the same: it is worked out once for them.
  const kept = new Lru<string, Kept>(reputationLimits.weightsMax)
  return {
    find(lens, followed) {
      if (followed.sources.length < 2) return Promise.resolve(none)
      const key = JSON.stringify(lens.subscriptions)
      const nowMs = deps.clock.nowMs()
      const known = kept.get(key)
      if (known !== undefined && nowMs < known.untilMs) return known.weights
      const weights = weigh(deps, lens, followed)
      kept.set(key, { weights, untilMs: nowMs + reputationLimits.weightsMs })
      weights.catch(() => kept.delete(key))
      return weights
    },
  }
}

const none: Weights = { calibration: new Map(), copies: new Map() }

async function weigh({ store, clock }: WeighDeps, lens: Lens, followed: WeighedSources): Promise<Weights> {
  const nowMs = clock.nowMs()
  const sources = followed.sources.map(({ source }) => source)
  const each = Math.ceil(reputationLimits.sampleMax / sources.length)
  // IDs are hashes, and where to begin is our secret: nobody can choose what is looked at.
  const start = randomBytes(12).toString('base64url')
  const targets = new Set<string>()
  for (const source of sources) {
    for (const target of await listSampled(store.longReader, source, start, each)) targets.add(target)
  }
  const { cells, listings } = await readSample(store, followed, [...targets], nowMs)
  const copies = groupCopies(listings)
  const calibration = calibrate(withCopies(lens, copies), cells, nowMs)
  return { calibration, copies }
}

async function readSample({ longReader }: Store, followed: WeighedSources, targets: readonly string[], nowMs: number) {
  const bySource = new Map(followed.sources.map((row) => [row.source, row]))
  const listings = new Map<string, Map<string, number>>(
    [...bySource.keys()].map((source) => [nameOfSource(source), new Map()]),
  )
  const cells: Cell[] = []
  for (let at = 0; at < targets.length; at += reputationLimits.samplePage) {
    const page = targets.slice(at, at + reputationLimits.samplePage)
    const rows = await listSaidOfMany(longReader, [...bySource.keys()], page)
    for (const said of Map.groupBy(rows, ({ kind, target }) => `${kind} ${target}`).values()) {
      const opinions = createOpinions()
      const entity = parseEntity(said[0]!.kind, said[0]!.target)
      for (const { source, body, damped_ms: dampedMs, heard_ms: heardMs } of said) {
        const statement = readSaid(body, entity)
        const name = `${entity} ${statement.context} ${Math.sign(statement.value)}`
        listings.get(nameOfSource(source))!.set(name, heardMs === 0 ? statement.issuedMs : heardMs)
        const testimony = toTestimony(followed, { source: bySource.get(source)!, statement, dampedMs }, entity, nowMs)
        if (testimony !== undefined) opinions.add(testimony)
      }
      const testimonies = opinions.listTestimonies(entity)
      const contexts = new Set(testimonies.map(({ statement }) => statement.context))
      for (const context of contexts)
        if (findContext(context).isCalibrated) cells.push({ entity, context, testimonies })
    }
  }
  return { cells, listings }
}

/** Feeds that repeat one another as one operator; whom their owner calls one, with those. */
export function withCopies(lens: Lens, copies: ReadonlyMap<string, string>): Lens {
  if (copies.size === 0) return lens
  const named = new Map<string, string>()
  for (const { feed, operator } of lens.subscriptions) {
    const group = copies.get(feed)
    if (group !== undefined && operator !== undefined && !named.has(group)) named.set(group, operator)
  }
  const subscriptions = lens.subscriptions.map((subscription): Subscription => {
    const group = copies.get(subscription.feed)
    if (group === undefined || subscription.operator !== undefined) return subscription
    return { ...subscription, operator: named.get(group) ?? `copies of ${group}` }
  })
  return { ...lens, subscriptions }
}
