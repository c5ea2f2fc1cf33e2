/**
 * A statement as it is written: percents, no fractions, so that it has one canonical text. The fields are those of
 * MSC3845's `m.opinion`, with what it lacks.
 */

import { findContext } from '../context.ts'
import { ReputationError } from '../errors.ts'
import { feedLimits, reputationLimits } from '../limits.ts'
import { checkStatement, type Statement } from '../statement.ts'
import { type Fields, parseInteger, parseList, parseOptional, parseText } from './fields.ts'

/** The part of a written statement that says what is thought, without of whom. */
export type WrittenOpinion = {
  /** -100 to 100. */
  readonly opinion: number
  /** 1 to 99. */
  readonly confidence: number
  readonly context: string
  readonly issued: number
  readonly expires?: number
  readonly reason_code?: string
  readonly origins?: readonly string[]
  readonly hops?: number
}

/** A statement without the entity that it is about. */
export type View = Omit<Statement, 'entity'>

/** The written form; value and confidence are rounded to percents. */
export function writeOpinion(view: View): WrittenOpinion {
  const { value, confidence, context, issuedMs, expiresMs, reasonCode, origins, hops } = view
  return {
    opinion: Math.round(value * 100) + 0,
    confidence: Math.min(Math.max(Math.round(confidence * 100), 1), 99),
    context,
    issued: issuedMs,
    ...(expiresMs !== undefined && { expires: expiresMs }),
    ...(reasonCode !== undefined && { reason_code: reasonCode }),
    ...(origins.length > 0 && { origins }),
    ...(hops !== undefined && { hops }),
  }
}

/**
 * The written opinion of untrusted fields. Throws `bad-feed`, `bad-statement` or `bad-context`, and `bad-statement` for
 * a context whose statements may only be sealed. Dates are not compared with a clock: `checkStatement` does.
 */
export function parseOpinion(fields: Fields, isSealed = false): WrittenOpinion {
  const { nameLengthMax, originsMax } = reputationLimits
  const expires = parseOptional(fields, 'expires', () => parseInteger(fields, 'expires', 1, Number.MAX_SAFE_INTEGER))
  const reason = parseOptional(fields, 'reason_code', () => parseText(fields, 'reason_code', nameLengthMax))
  const origins = parseList(fields, 'origins', originsMax, (item) =>
    parseText({ origin: item }, 'origin', nameLengthMax),
  )
  const hops = parseOptional(fields, 'hops', () => parseInteger(fields, 'hops', 1, feedLimits.hopsMax))
  const written: WrittenOpinion = {
    opinion: parseInteger(fields, 'opinion', -100, 100),
    confidence: parseInteger(fields, 'confidence', 1, 99),
    context: parseText(fields, 'context', nameLengthMax),
    issued: parseInteger(fields, 'issued', 0, Number.MAX_SAFE_INTEGER),
    ...(expires !== undefined && { expires }),
    ...(reason !== undefined && { reason_code: reason }),
    ...(origins.length > 0 && { origins }),
    ...(hops !== undefined && { hops }),
  }
  if (!isSealed && !findContext(written.context).isPlainAllowed) {
    throw new ReputationError('bad-statement', 'Statements in this context must be sealed.')
  }
  checkStatement({ ...readOpinion(written), entity: 'user\0@a:b' as Statement['entity'] }, Number.MAX_SAFE_INTEGER)
  return written
}

/** What a written opinion says. */
export function readOpinion(written: WrittenOpinion): View {
  const { opinion, confidence, context, issued, expires, reason_code: reasonCode, origins, hops } = written
  return {
    context,
    value: opinion / 100,
    confidence: confidence / 100,
    issuedMs: issued,
    ...(expires !== undefined && { expiresMs: expires }),
    ...(reasonCode !== undefined && { reasonCode }),
    origins: origins ?? [],
    ...(hops !== undefined && { hops }),
  }
}
