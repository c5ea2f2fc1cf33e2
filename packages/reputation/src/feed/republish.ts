/**
 * A blend published without its parts: what somebody's lens makes of an entity, as one statement. It names its origins
 * by keyed hashes, so that readers who hold one of them count it once, and how often it was passed on, so that no
 * circle of feeds feeds itself.
 */

import { blend, listRecords } from '../blend/blend.ts'
import type { Lens } from '../blend/lens.ts'
import { originsOf, type Testimony } from '../blend/testimony.ts'
import { findContext } from '../context.ts'
import type { EntityKey } from '../entity.ts'
import { ReputationError } from '../errors.ts'
import { feedLimits, model, reputationLimits } from '../limits.ts'
import type { Statement } from '../statement.ts'
import { hashOrigin } from './row.ts'

/** Before the hash of an origin that the reader does not know by name. */
const UNKNOWN = '~'

export type RepublishOptions = {
  readonly nowMs: number
  /** The feed that publishes: what came from it is left out. */
  readonly ownFeed: string
}

/**
 * The statement of a blend; undefined where nothing is left to pass on. Left out is what came from the publisher's own
 * feed, what was passed on three times, and what is said of a parent. Throws `bad-context` for severe contexts.
 */
export function republish(
  lens: Lens,
  entity: EntityKey,
  context: string,
  testimonies: readonly Testimony[],
  { nowMs, ownFeed }: RepublishOptions,
): Statement | undefined {
  const { class: contextClass, arePositivesAllowed } = findContext(context)
  if (contextClass === 'severe') throw new ReputationError('bad-context', 'What is severe is not passed on.')
  const echo = hashOrigin(entity, ownFeed)
  const chosen = testimonies.filter((testimony) => {
    const { statement, path, factor } = testimony
    const isOwn = path.includes(ownFeed) || originsOf(testimony).some((name) => name === ownFeed || name === `~${echo}`)
    return factor === 1 && statement.entity === entity && (statement.hops ?? 0) < feedLimits.hopsMax && !isOwn
  })
  const { good, bad } = blend(lens, context, chosen, { nowMs })
  const evidence = good + bad
  if (evidence === 0 || (good > bad && !arePositivesAllowed)) return undefined
  const records = listRecords(lens, context, chosen, { nowMs }).filter((record) => record.good + record.bad > 0)
  const parts = new Set(records.map(({ path, origin }) => `${path.join(' ')}\n${origin}`))
  const heard = chosen.filter((testimony) =>
    parts.has(`${testimony.path.join(' ')}\n${originsOf(testimony).join(' ')}`),
  )
  const expiresMs = Math.min(...heard.map(({ statement }) => statement.expiresMs ?? Number.POSITIVE_INFINITY))
  return {
    entity,
    context,
    value: (good - bad) / evidence,
    confidence: Math.min(evidence / (evidence + model.priorWeight), model.confidenceMax),
    issuedMs: nowMs,
    ...(Number.isFinite(expiresMs) && { expiresMs }),
    origins: listOrigins(entity, records),
    hops: 1 + Math.max(...heard.map(({ statement }) => statement.hops ?? 0)),
  }
}

type Weighed = { readonly origin: string; readonly good: number; readonly bad: number }

/** Those that weigh most, as hashes, in an order that tells nothing. */
function listOrigins(entity: EntityKey, records: readonly Weighed[]): string[] {
  const weights = new Map<string, number>()
  for (const { origin, good, bad } of records) {
    for (const name of origin.split(' ')) weights.set(name, (weights.get(name) ?? 0) + good + bad)
  }
  const heaviest = [...weights].sort(([one, left], [two, right]) => right - left || (one < two ? -1 : 1))
  const hashes = heaviest.slice(0, reputationLimits.originsMax).map(([name]) => {
    return name.startsWith(UNKNOWN) ? name : UNKNOWN + hashOrigin(entity, name)
  })
  return hashes.sort()
}

/** The origins of a statement by the names that the reader knows them by; those of others stay hashes. */
export function nameOrigins(
  entity: EntityKey,
  origins: readonly string[],
  known: Iterable<readonly [feed: string, name: string]>,
): string[] {
  if (origins.length === 0) return []
  const names = new Map<string, string>()
  for (const [feed, name] of known) names.set(feed, name).set(UNKNOWN + hashOrigin(entity, feed), name)
  return origins.map((origin) => names.get(origin) ?? origin)
}
