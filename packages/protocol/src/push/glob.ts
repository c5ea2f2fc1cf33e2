/**
 * Glob patterns of push rules in linear time: a bit-parallel automaton, one bit for each character of the pattern, so
 * a text of n characters costs n × ⌈pattern / 32⌉ steps whatever the pattern is. Spec: appendices#glob-style-matching.
 */

/** How a pattern is laid over a text: over all of it, or over any part between two word boundaries. */
export type GlobScope = 'whole' | 'words'
/** True if the text, already in lower case, matches. */
export type GlobMatcher = (lowerText: string) => boolean

type Automaton = {
  readonly wordCount: number
  /** For each character of the pattern: the states in which it is expected (`?` expects it everywhere). */
  readonly expected: ReadonlyMap<number, Int32Array>
  /** For all other characters: the states of `?`. */
  readonly expectedOther: Int32Array
  /** States that stay whatever comes: those before a `*`. */
  readonly loops: Int32Array
  readonly final: number
}

const star = 0x2a
const questionMark = 0x3f

/** The matcher of a pattern; case does not matter. */
export function compileGlob(pattern: string, scope: GlobScope): GlobMatcher {
  const lower = pattern.toLowerCase()
  const pieces = lower.split(/[*?]/)
  if (scope === 'whole' && pieces.length === 1) return (text) => text === lower
  const longest = pieces.reduce((best, piece) => (piece.length > best.length ? piece : best), '')
  const automaton = buildAutomaton(lower)
  return (text) => text.includes(longest) && runAutomaton(automaton, text, scope)
}

/** True if `lowerName` occurs in `lowerText` with word boundaries at both ends; no character is special. */
export function containsWords(lowerText: string, lowerName: string): boolean {
  if (lowerName === '') return false
  for (let at = lowerText.indexOf(lowerName); at >= 0; at = lowerText.indexOf(lowerName, at + 1)) {
    if (isBoundary(lowerText, at) && isBoundary(lowerText, at + lowerName.length)) return true
  }
  return false
}

function buildAutomaton(pattern: string): Automaton {
  const chars = [...pattern].map((char) => char.codePointAt(0)!)
  const final = chars.filter((char) => char !== star).length
  const wordCount = (final >>> 5) + 1
  const expected = new Map<number, Int32Array>()
  const expectedOther = new Int32Array(wordCount)
  const loops = new Int32Array(wordCount)
  let state = 0
  for (const char of chars) {
    if (char === star) setBit(loops, state)
    else if (char === questionMark) setBit(expectedOther, state++)
    else setBit(getOrAdd(expected, char, wordCount), state++)
  }
  for (const states of expected.values()) orInto(states, expectedOther)
  return { wordCount, expected, expectedOther, loops, final }
}

function runAutomaton(automaton: Automaton, text: string, scope: GlobScope): boolean {
  const states = new Int32Array(automaton.wordCount)
  states[0] = 1
  for (let index = 0; index < text.length; ) {
    const char = text.codePointAt(index)!
    if (scope === 'words' && isBoundary(text, index)) {
      if (hasBit(states, automaton.final)) return true
      states[0]! |= 1
    }
    if (!step(automaton, states, char) && scope === 'whole') return false
    index += char > 0xffff ? 2 : 1
  }
  return hasBit(states, automaton.final)
}

/** Moves all states over one character; false if none is left. */
function step({ expected, expectedOther, loops, wordCount }: Automaton, states: Int32Array, char: number): boolean {
  const next = expected.get(char) ?? expectedOther
  let carry = 0
  let alive = 0
  for (let word = 0; word < wordCount; word += 1) {
    const current = states[word]!
    const moved = current & next[word]!
    const after = (moved << 1) | carry | (current & loops[word]!)
    carry = moved >>> 31
    states[word] = after
    alive |= after
  }
  return alive !== 0
}

/** True unless word characters stand on both sides of the position. */
function isBoundary(text: string, index: number): boolean {
  return index === 0 || index === text.length || !isWordAt(text, index - 1) || !isWordAt(text, index)
}

function isWordAt(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  return (
    (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x30 && unit <= 0x39) || unit === 0x5f || (unit >= 0x41 && unit <= 0x5a)
  )
}

function getOrAdd(map: Map<number, Int32Array>, char: number, wordCount: number): Int32Array {
  const known = map.get(char) ?? new Int32Array(wordCount)
  map.set(char, known)
  return known
}

function setBit(words: Int32Array, bit: number): void {
  words[bit >>> 5]! |= 1 << (bit & 31)
}

function hasBit(words: Int32Array, bit: number): boolean {
  return (words[bit >>> 5]! & (1 << (bit & 31))) !== 0
}

function orInto(words: Int32Array, others: Int32Array): void {
  for (const [index, other] of others.entries()) words[index]! |= other
}
