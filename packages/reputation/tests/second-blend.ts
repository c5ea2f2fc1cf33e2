/**
 * The blend a second time, written from the text of docs/reputation.md alone, as plainly as possible: nothing is
 * prepared, remembered or sorted for speed. Only the registry of contexts is shared with the package.
 */

import { contextFactor, findContext, type Lens, type Subscription, type Testimony } from '../src/index.ts'

const PRIOR = 2
const CONFIDENCE_MAX = 0.8
const DAY_MS = 24 * 60 * 60 * 1_000

type Opinion = {
  readonly by: Subscription
  readonly said: Testimony
  readonly origins: readonly string[]
  readonly tau: number
  readonly cap: number
  good: number
  bad: number
}

export type SecondBlend = {
  good: number
  bad: number
  probability: number
  confidence: number
  conflict: number
  deviation: number
  support: number
}

/** Evidence and what follows from it. */
export function blendAgain(lens: Lens, context: string, said: readonly Testimony[], nowMs: number): SecondBlend {
  const opinions = said.flatMap((testimony) => discount(lens, context, testimony, nowMs))
  countOriginsOnce(opinions.filter((opinion) => !isBlend(opinion)))
  mergeBlends(opinions)
  capFeeds(opinions)
  averageOperators(opinions)
  return conclude(context, opinions)
}

function trustOf(by: Subscription, context: string): number {
  const parts = context.split('.')
  const names = parts.map((_, at) => parts.slice(0, parts.length - at).join('.'))
  const level = [...names, '*'].map((name) => by.trust[name]).find((value) => value !== undefined) ?? 0
  return Math.min(level, by.isDeclared ? 0.95 : 0.4)
}

function discount(lens: Lens, context: string, said: Testimony, nowMs: number): Opinion[] {
  const { statement, path, weights, damping, factor, idleMs } = said
  const by = lens.subscriptions.find(({ feed }) => feed === path[0])
  const isExpired = statement.expiresMs !== undefined && statement.expiresMs <= nowMs
  if (by === undefined || by.mode === 'notify' || isExpired || path.length > 3) return []
  const halfLife = findContext(statement.context).halfLifeMs
  const age = Math.max(0, nowMs - statement.issuedMs)
  const left = halfLife === undefined ? 1 : 2 ** (-age / halfLife)
  const first = Math.min(statement.confidence, CONFIDENCE_MAX) * damping
  const confidence = (left * first) / (1 - first + left * first)
  let tau = trustOf(by, statement.context)
  for (const weight of weights) tau *= Math.min(weight, 0.95)
  if (idleMs > 90 * DAY_MS) tau *= 2 ** (-(idleMs - 90 * DAY_MS) / (180 * DAY_MS))
  const share = factor * contextFactor(statement.context, context)
  if (tau === 0 || share === 0) return []
  const belief = (tau * confidence * (1 + statement.value)) / 2
  const disbelief = (tau * confidence * (1 - statement.value)) / 2
  const uncertainty = 1 - belief - disbelief
  const origins = statement.origins.length === 0 ? [path[path.length - 1]!] : statement.origins
  const cap = Math.max(trustOf(by, statement.context), trustOf(by, context))
  const good = (share * PRIOR * belief) / uncertainty
  const bad = (share * PRIOR * disbelief) / uncertainty
  return [{ by, said, origins, tau, cap, good, bad }]
}

function isBlend({ said: { statement }, origins }: Opinion): boolean {
  return origins.length > 1 || statement.hops !== undefined
}

function isAboutTheSame(one: Opinion, other: Opinion): boolean {
  const [left, right] = [one.said.statement, other.said.statement]
  return left.entity === right.entity && left.context === right.context
}

function silence(opinion: Opinion): void {
  opinion.good = 0
  opinion.bad = 0
}

/** 0: the origin speaks to the reader; 1: on a way through others; 2: others say it did. */
function remoteness({ said: { path }, origins }: Opinion): number {
  if (origins[0] !== path[path.length - 1]) return 2
  return path.length === 1 ? 0 : 1
}

function countOriginsOnce(opinions: Opinion[]): void {
  for (const opinion of opinions) {
    const isBeaten = opinions.some((other) => {
      if (other === opinion || other.origins[0] !== opinion.origins[0] || !isAboutTheSame(other, opinion)) return false
      if (remoteness(other) !== remoteness(opinion)) return remoteness(other) < remoteness(opinion)
      return other.tau > opinion.tau
    })
    if (isBeaten) silence(opinion)
  }
}

function mergeBlends(all: Opinion[]): void {
  const waiting = new Set(all.filter(isBlend))
  for (const seed of waiting) {
    const related = [seed]
    waiting.delete(seed)
    for (const member of related) {
      for (const other of waiting) {
        const isRelated = isAboutTheSame(member, other) && other.origins.some((name) => member.origins.includes(name))
        if (isRelated && waiting.delete(other)) related.push(other)
      }
    }
    mergeRelated(all, related)
  }
}

function mergeRelated(all: Opinion[], related: Opinion[]): void {
  const kept = related.reduce((best, blend) => (blend.tau > best.tau ? blend : best))
  for (const blend of related) if (blend !== kept) silence(blend)
  const ancestors = related.flatMap(({ origins }) => origins)
  const parts = all.filter((part) => {
    return (
      !isBlend(part) && isAboutTheSame(part, kept) && ancestors.includes(part.origins[0]!) && part.good + part.bad > 0
    )
  })
  if (parts.length === 0) return
  const good = parts.reduce((sum, part) => sum + part.good, 0)
  const bad = parts.reduce((sum, part) => sum + part.bad, 0)
  if (kept.good >= good && kept.bad >= bad) parts.forEach(silence)
  else silence(kept)
}

function capFeeds(opinions: Opinion[]): void {
  for (const own of Map.groupBy(opinions, ({ by }) => by.feed).values()) {
    const total = own.reduce((sum, { good, bad }) => sum + good + bad, 0)
    const tau = Math.max(...own.map(({ cap }) => cap))
    const most = (PRIOR * tau * CONFIDENCE_MAX) / (1 - tau * CONFIDENCE_MAX)
    if (total <= most) continue
    for (const opinion of own) {
      opinion.good *= most / total
      opinion.bad *= most / total
    }
  }
}

function averageOperators(opinions: Opinion[]): void {
  for (const group of Map.groupBy(opinions, operatorOf).values()) {
    const heard = new Set(group.filter(({ good, bad }) => good + bad > 0).map(({ by }) => by.feed)).size
    for (const opinion of group) {
      opinion.good /= Math.max(heard, 1)
      opinion.bad /= Math.max(heard, 1)
    }
  }
}

function operatorOf({ by }: Opinion): string {
  return by.operator === undefined ? `feed ${by.feed}` : `operator ${by.operator}`
}

function conclude(context: string, opinions: Opinion[]): SecondBlend {
  const good = opinions.reduce((sum, opinion) => sum + opinion.good, 0)
  const bad = opinions.reduce((sum, opinion) => sum + opinion.bad, 0)
  const prior = 1 - findContext(context).baseRate
  const total = good + bad + PRIOR
  const probability = (bad + PRIOR * prior) / total
  const nets = [...Map.groupBy(opinions, operatorOf).values()].map((group) => {
    return group.reduce((net, opinion) => net + opinion.bad - opinion.good, 0)
  })
  const isBad = probability > prior
  return {
    good,
    bad,
    probability,
    confidence: (good + bad) / total,
    conflict: good + bad === 0 ? 0 : (2 * Math.min(good, bad)) / (good + bad),
    deviation: Math.sqrt((probability * (1 - probability)) / (total + 1)),
    support: nets.filter((net) => (isBad ? net > 0 : net < 0)).length,
  }
}
