/** Terms of texts and of what is searched for. A run of a script without spaces becomes pairs of characters. */

import { messageLimits, searchLimits } from '../limits.ts'
import { plainWordsOf, wordsOf } from '../words.ts'

/** The terms of a text in order, as often as they occur. */
export function termsOf(text: string): string[] {
  const plain = plainWordsOf(text)
  if (plain !== undefined) return plain
  return wordsOf(text, messageLimits.textCharsMax).flatMap((word) => (word.isRun ? pairsOf(word.text) : word.text))
}

/** Each character with the next one, and the last one alone: so every character is the beginning of a term. */
function pairsOf(run: string): string[] {
  const characters = [...run]
  return characters.map((character, index) => character + (characters[index + 1] ?? ''))
}

export type Wanted = {
  readonly term: string
  /** True: longer terms that begin so are meant too. */
  readonly isPrefix: boolean
}

export type Wish = {
  /** All of them must be there; those that are probably rarest first. */
  readonly terms: readonly Wanted[]
  /** Runs that must be there whole: pairs do not tell that. */
  readonly runs: readonly string[]
}

/** What a search term asks for. */
export function readWish(given: string): Wish {
  const terms = new Map<string, Wanted>()
  const runs: string[] = []
  for (const word of wordsOf(given.slice(0, searchLimits.termCharsMax), searchLimits.termWordsMax)) {
    const characters = word.isRun ? [...word.text].slice(0, searchLimits.wordCharsMax) : []
    if (!word.isRun) {
      terms.set(word.text, { term: word.text, isPrefix: word.text.length >= messageLimits.prefixCharsMin })
    } else if (characters.length === 1) terms.set(word.text, { term: word.text, isPrefix: true })
    for (const term of pairsOf(characters.join('')).slice(0, -1)) terms.set(term, { term, isPrefix: false })
    if (characters.length > 2) runs.push(characters.join(''))
  }
  return { terms: [...terms.values()].sort((one, other) => other.term.length - one.term.length), runs }
}

/** The words of a search term as they were typed, for clients to mark them. */
export function listHighlights(given: string): string[] {
  const words = given.slice(0, searchLimits.termCharsMax).match(/[\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/gu) ?? []
  return [...new Set(words)].slice(0, searchLimits.termWordsMax)
}
