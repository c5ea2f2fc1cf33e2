/** What goes into a blend: statements with the ways on which they came, and what can be worked out of them once. */

import { findContext } from '../context.ts'
import { model } from '../limits.ts'
import type { Statement } from '../statement.ts'
import { idleFactor } from './evidence.ts'

/** A statement and the way on which it reached the viewer. */
export type Testimony = {
  readonly statement: Statement
  /** Feeds from the direct subscription to the publisher. */
  readonly path: readonly string[]
  /** The weights that each feed of the path declares for the next. */
  readonly weights: readonly number[]
  /** How much of it counts for the entity in question: 1, or less if it is about a parent of that entity. */
  readonly factor: number
  /** The burst damper's factor on the confidence, 1 or 0.25. */
  readonly damping: number
  /** How long the publisher has signed nothing. */
  readonly idleMs: number
}

/** What of a testimony does not depend on lens or time. */
export type Prepared = {
  readonly feed: string
  readonly context: string
  readonly value: number
  /** Capped and damped, before fading. */
  readonly confidence: number
  readonly issuedMs: number
  readonly expiresMs: number
  readonly halfLifeMs: number
  /** Of everything beyond the first feed; 0 if the path is no path. */
  readonly pathWeight: number
  readonly factor: number
  readonly isOpaque: boolean
  /** How near it is to the origin's word: 0 it speaks to the reader, 1 on a way through others, 2 others say it did. */
  readonly remoteness: 0 | 1 | 2
  /** Equal for what counts once: origin, entity and context. */
  readonly originKey: string
  /** Orders testimonies by nothing but their contents; the same origins are neighbours. */
  readonly sortKey: string
}

const prepared = new WeakMap<Testimony, Prepared>()

/** Works a testimony out at its first use. */
export function prepare(testimony: Testimony): Prepared {
  let known = prepared.get(testimony)
  if (known === undefined) {
    known = workOut(testimony)
    prepared.set(testimony, known)
  }
  return known
}

const preparedLists = new WeakMap<readonly Testimony[], readonly Prepared[]>()

/** Works a list out at once, whose owner replaces it and never changes it: one look-up then serves all of it. */
export function prepareList(testimonies: readonly Testimony[]): void {
  preparedLists.set(testimonies, testimonies.map(prepare))
}

/** What is known of a list that was worked out at once. */
export function findPrepared(testimonies: readonly Testimony[]): readonly Prepared[] | undefined {
  return preparedLists.get(testimonies)
}

/** The order in which testimonies are blended. */
export function compareTestimonies(left: Testimony, right: Testimony): number {
  const [first, second] = [prepare(left).sortKey, prepare(right).sortKey]
  return first < second ? -1 : first > second ? 1 : 0
}

/** Who observed it: the origins named, or the publisher. */
export function originsOf({ statement: { origins }, path }: Testimony): readonly string[] {
  if (origins.length === 0) return [path.at(-1)!]
  return origins.includes(SELF) ? origins.map((origin) => (origin === SELF ? path.at(-1)! : origin)) : origins
}

/** How a publisher may name itself as an origin. */
const SELF = 'self'

function workOut(testimony: Testimony): Prepared {
  const { statement, path, weights, factor, damping, idleMs } = testimony
  const { entity, context, value, confidence, issuedMs, expiresMs } = statement
  const origins = originsOf(testimony)
  const isOpaque = origins.length > 1 || statement.hops !== undefined
  const originKey = `${isOpaque ? 'blend of ' : ''}${origins.join(' ')}\n${entity}\n${context}`
  const isOwnWord = !isOpaque && origins[0] === path.at(-1)
  const isPath = weights.length === path.length - 1 && path.length <= model.pathFactorsMax
  let pathWeight = isPath ? idleFactor(idleMs) : 0
  for (const weight of weights) pathWeight *= Math.min(Math.max(weight, 0), model.trustMax)
  return {
    feed: path[0]!,
    context,
    value,
    confidence: Math.min(confidence, model.confidenceMax) * damping,
    issuedMs,
    expiresMs: expiresMs ?? Number.POSITIVE_INFINITY,
    halfLifeMs: findContext(context).halfLifeMs ?? Number.POSITIVE_INFINITY,
    pathWeight,
    factor,
    isOpaque,
    remoteness: !isOwnWord ? 2 : path.length > 1 ? 1 : 0,
    originKey,
    sortKey: [
      originKey,
      path.join(' '),
      issuedMs,
      value,
      confidence,
      expiresMs,
      damping,
      weights.join(' '),
      idleMs,
      factor,
    ].join('\n'),
  }
}
