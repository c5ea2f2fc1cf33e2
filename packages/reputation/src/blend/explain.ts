/** An outcome in plain words: at most three sentences, with the feeds that weighed most. */

import { findContext } from '../context.ts'
import type { BlendRecord } from './blend.ts'
import type { Outcome } from './outcome.ts'

/** How a feed is called before its reader: a private one is "a private source you chose". */
export type NameOf = (feed: string) => string

/** At most three sentences; of a severe context only that a rule applies. */
export function explain(outcome: Outcome, records: readonly BlendRecord[], nameOf: NameOf): string[] {
  const { action, rule, estimate, blend } = outcome
  if (findContext(blend.context).class === 'severe') {
    return action === 'none' ? [] : ['A safety rule applies here.']
  }
  if (rule === 'own-rule') return ['Your own rule decides this.']
  if (rule === 'enforced')
    return [`${listOf(outcome.actingFeeds.map(nameOf))} decided this; it acts on its word alone.`]
  if (rule === 'notified')
    return [`${listOf(outcome.actingFeeds.map(nameOf))} warned of this; you only asked to be told.`]
  if (action === 'none') return []
  const weights = weighFeeds(records)
  const against = [...weights].filter(([, net]) => net > 0).sort((left, right) => right[1] - left[1])
  const inFavour = [...weights].filter(([, net]) => net < 0).sort((left, right) => left[1] - right[1])
  const sentences = [`${listOf(against.map(([feed]) => nameOf(feed)))} ${verb(against.length)} this ${blend.context}.`]
  if (inFavour.length > 0) {
    const views = estimate.conflict >= 0.5 ? 'Views differ: ' : ''
    sentences.push(
      `${views}${listOf(inFavour.map(([feed]) => nameOf(feed)))} ${inFavour.length === 1 ? 'disagrees' : 'disagree'}.`,
    )
  }
  sentences.push(`Blended: ${Math.round(estimate.bad * 100)} % against it, ${sureness(estimate.confidence)}.`)
  return sentences
}

/** Net evidence against the entity by direct feed. */
function weighFeeds(records: readonly BlendRecord[]): Map<string, number> {
  const weights = new Map<string, number>()
  for (const { feed, good, bad } of records) weights.set(feed, (weights.get(feed) ?? 0) + bad - good)
  return weights
}

function verb(count: number): string {
  return count === 1 ? 'calls' : 'call'
}

function sureness(confidence: number): string {
  return confidence >= 0.75 ? 'on much evidence' : confidence >= 0.5 ? 'on some evidence' : 'on little evidence'
}

const NAMED_MAX = 3

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX)
  const more = names.length - shown.length
  if (more > 0) return `${shown.join(', ')} and ${more} more`
  return shown.length < 2 ? (shown[0] ?? 'Nobody') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
