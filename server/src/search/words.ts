/**
 * Words of texts, the same on each engine: without case and without the accents of Latin, Greek and Cyrillic letters.
 * Scripts that put no spaces between words (and emoji) come as runs, which the callers cut in their own ways.
 */

import { searchLimits } from './limits.ts'

export type Word = {
  readonly text: string
  /** True: a run of characters in which words are not told apart. */
  readonly isRun: boolean
}

const ascii = /^[\x20-\x7e\s]*$/
const asciiWords = /[a-z0-9]+/g
const tokens = /[\p{L}\p{N}\p{M}\p{Extended_Pictographic}]+/gu
const unspaced =
  '\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Bopomofo}\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}' +
  '\\p{sc=Khmer}\\p{sc=Myanmar}\\p{Extended_Pictographic}'
const hasUnspaced = new RegExp(`[${unspaced}]`, 'u')
const parts = new RegExp(`[${unspaced}]+|[^${unspaced}]+`, 'gu')
const accents = /([\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])\p{Mn}+/gu
const singles: ReadonlyMap<string, string> = new Map(
  Object.entries({ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd', ł: 'l', ı: 'i', þ: 'th', ς: 'σ' }),
)

/** The words of a text in order, at most `max`; each at most `wordCharsMax` long, runs excepted. */
export function wordsOf(text: string, max: number): Word[] {
  const plain = plainWordsOf(text)
  if (plain !== undefined) return plain.slice(0, max).map((word) => ({ text: word, isRun: false }))
  const words: Word[] = []
  for (const [token] of fold(text).matchAll(tokens)) {
    const found = hasUnspaced.test(token) ? token.match(parts)! : [token]
    for (const part of found) {
      if (words.length >= max) return words
      const isRun = hasUnspaced.test(part)
      words.push({ text: isRun ? part : cut(part), isRun })
    }
  }
  return words
}

/** All words of a text that has nothing but ASCII, as most have; undefined: it has more. */
export function plainWordsOf(text: string): string[] | undefined {
  if (!ascii.test(text)) return undefined
  const words: string[] = text.toLowerCase().match(asciiWords) ?? []
  for (let index = 0; index < words.length; index++) {
    if (words[index]!.length > searchLimits.wordCharsMax) words[index] = cut(words[index]!)
  }
  return words
}

/** In the form in which texts are compared. */
export function fold(text: string): string {
  const plain = text.toLowerCase().normalize('NFKD').toLowerCase().replaceAll('\uFE0F', '').replace(accents, '$1')
  return plain.normalize('NFC').replace(/[ßæœøđðłıþς]/g, (letter) => singles.get(letter) ?? letter)
}

/** Never through the middle of a character. */
function cut(word: string): string {
  if (word.length <= searchLimits.wordCharsMax) return word
  return word.slice(0, searchLimits.wordCharsMax).replace(/[\uD800-\uDBFF]$/, '')
}

/** Above every text that begins with this one. */
export function endOfPrefix(prefix: string): string {
  return `${prefix}\u{10FFFF}`
}
