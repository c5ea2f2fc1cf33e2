/**
 * Patterns with `*` (any run) and `?` (any one character), matched in linear time: two pointers and one place to return
 * to, never a regular expression, for a hostile pattern costs a backtracking one half a minute.
 */

import { ReputationError } from '../errors.ts'

export const globLimits = {
  bytesMax: 255,
  wildcardsMax: 4,
  /** Literal characters in a row that a pattern must have, so that it fits something in particular. */
  literalRunMin: 4,
} as const

const encoder = new TextEncoder()

/** Whether a rule's text is a pattern rather than a name. */
export function isGlob(text: string): boolean {
  return text.includes('*') || text.includes('?')
}

/** Throws `bad-pattern` if a pattern is longer, wilder or broader than a feed may publish. */
export function checkGlob(pattern: string): void {
  if (/[\p{Cc}\p{Cs}]/u.test(pattern)) refuse('A pattern has no control characters.')
  if (encoder.encode(pattern).length > globLimits.bytesMax) refuse('A pattern has at most 255 bytes.')
  const wildcards = pattern.split(/[*?]/).length - 1
  if (wildcards > globLimits.wildcardsMax) refuse('A pattern has at most four wildcards.')
  if (literalRuns(pattern).every((run) => run.length < globLimits.literalRunMin)) {
    refuse('A pattern has at least four literal characters in a row.')
  }
}

function refuse(message: string): never {
  throw new ReputationError('bad-pattern', message)
}

/** What stands between the wildcards. */
export function literalRuns(pattern: string): string[] {
  return pattern.split(/[*?]/)
}

const STAR = 42
const ANY = 63

/** Whether the whole text fits the pattern. Time: at most length of the text times length of the pattern, no memory. */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0
  let place = 0
  let starPlace = -1
  let starAt = 0
  while (at < text.length) {
    const wanted = place < pattern.length ? pattern.charCodeAt(place) : -1
    if (wanted === STAR) {
      starPlace = place++
      starAt = at
    } else if (wanted === ANY || wanted === text.charCodeAt(at)) {
      place++
      at++
    } else if (starPlace >= 0) {
      place = starPlace + 1
      at = ++starAt
    } else {
      return false
    }
  }
  while (place < pattern.length && pattern.charCodeAt(place) === STAR) place++
  return place === pattern.length
}
