/**
 * From one statement to evidence: fading with age, discount along the path on which it came, and the step from an
 * opinion to Beta evidence (Jøsang, Subjective Logic, 2016: discounting and cumulative fusion of binomial opinions).
 */

import { findContext } from '../context.ts'
import { model } from '../limits.ts'
import type { Statement } from '../statement.ts'

/** Evidence that an entity is acceptable (`good`) and that it is not (`bad`), in observations. */
export type Evidence = { readonly good: number; readonly bad: number }

/** The confidence left after `ageMs`: exactly the evidence times 2^(-age/half-life). */
export function decayConfidence(confidence: number, ageMs: number, halfLifeMs: number | undefined): number {
  if (halfLifeMs === undefined || ageMs <= 0) return confidence
  const left = Math.exp((-Math.LN2 * ageMs) / halfLifeMs)
  return (left * confidence) / (1 - confidence + left * confidence)
}

/** The factor on the trust in a feed that signed nothing for `idleMs`: 1 for 90 days, then halved every 180. */
export function idleFactor(idleMs: number): number {
  return idleMs <= model.idleMs ? 1 : 2 ** (-(idleMs - model.idleMs) / model.idleHalfLifeMs)
}

/** The trust that arrives at the end of a path: the product of at most three factors, never above 0.95. */
export function pathTrust(trusts: readonly number[]): number {
  if (trusts.length === 0 || trusts.length > model.pathFactorsMax) return 0
  let trust = 1
  for (const factor of trusts) trust *= Math.min(Math.max(factor, 0), model.trustMax)
  return trust
}

/** The evidence of an opinion discounted by trust: never more certain than the trust placed in its source. */
export function evidenceOf(value: number, confidence: number, trust: number): Evidence {
  const weight = trust * confidence
  const scale = (model.priorWeight * weight) / (2 * (1 - weight))
  return { good: scale * (1 + value), bad: scale * (1 - value) }
}

/** The most that may arrive through one direct subscription of this trust. */
export function evidenceCap(trust: number): number {
  const weight = trust * model.confidenceMax
  return (model.priorWeight * weight) / (1 - weight)
}

/** The confidence of a statement at `nowMs`, 0 once it has expired. `damping` is the burst damper's factor. */
export function confidenceAt(statement: Statement, nowMs: number, damping: number): number {
  if (statement.expiresMs !== undefined && statement.expiresMs <= nowMs) return 0
  const capped = Math.min(statement.confidence, model.confidenceMax) * damping
  return decayConfidence(capped, nowMs - statement.issuedMs, findContext(statement.context).halfLifeMs)
}
