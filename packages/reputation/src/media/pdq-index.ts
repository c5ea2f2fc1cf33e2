/**
 * Which of very many PDQ hashes lie near one. Two hashes with at most 31 different bits differ by at most one bit in
 * one of their 16 words (or 32 bits would differ): only what has such a word in common is compared.
 */

import { ReputationError } from '../errors.ts'
import { mediaLimits } from '../limits.ts'

const WORDS = 16
const WORD_VALUES = 65_536

export interface PdqIndex {
  readonly size: number
  /** Numbers of the hashes with at most so many different bits (31 or less), nearest first. Throws `bad-entity`. */
  find(hash: string, distanceMax?: number): { readonly at: number; readonly distance: number }[]
}

/** How many bits of two hashes differ: 0 to 256. Throws `bad-entity` unless they have 64 hexadecimal digits. */
export function pdqDistance(left: string, right: string): number {
  const [first, second] = [wordsOf(left), wordsOf(right)]
  return differing(first, 0, second, WORDS * 16)
}

/** An index over hashes of 64 hexadecimal digits; their places in the list are their numbers. Throws `too-many`. */
export function createPdqIndex(hashes: readonly string[]): PdqIndex {
  const count = hashes.length
  if (count > mediaLimits.hashesMax) throw new ReputationError('too-many', 'These are too many hashes.')
  const words = new Uint16Array(count * WORDS)
  for (const [at, hash] of hashes.entries()) readWords(hash, words, at * WORDS)
  const columns = Array.from({ length: WORDS }, (_, word) => sortByWord(words, word, count))
  const seen = new Uint32Array(count)
  let search = 0
  return {
    size: count,
    find(hash, distanceMax = mediaLimits.distanceMax) {
      if (!(distanceMax >= 0 && distanceMax <= mediaLimits.distanceMax)) {
        throw new ReputationError('bad-entity', `Only up to ${mediaLimits.distanceMax} bits may differ.`)
      }
      const wanted = wordsOf(hash)
      search++
      const found: { at: number; distance: number }[] = []
      for (const [word, { starts, numbers }] of columns.entries()) {
        for (let flip = -1; flip < WORDS; flip++) {
          const value = flip < 0 ? wanted[word]! : wanted[word]! ^ (1 << flip)
          for (let place = starts[value]!; place < starts[value + 1]!; place++) {
            const at = numbers[place]!
            if (seen[at] === search) continue
            seen[at] = search
            const distance = differing(words, at * WORDS, wanted, distanceMax)
            if (distance <= distanceMax) found.push({ at, distance })
          }
        }
      }
      return found.sort((left, right) => left.distance - right.distance || left.at - right.at)
    },
  }
}

type Column = { readonly starts: Uint32Array; readonly numbers: Uint32Array }

/** The numbers of the hashes by the value of one word; those of a value begin at its start. */
function sortByWord(words: Uint16Array, word: number, count: number): Column {
  const starts = new Uint32Array(WORD_VALUES + 1)
  for (let at = 0; at < count; at++) starts[words[at * WORDS + word]! + 1]!++
  for (let value = 0; value < WORD_VALUES; value++) starts[value + 1]! += starts[value]!
  const next = starts.slice()
  const numbers = new Uint32Array(count)
  for (let at = 0; at < count; at++) numbers[next[words[at * WORDS + word]!]!++] = at
  return { starts, numbers }
}

const hashForm = /^[0-9a-f]{64}$/i

function wordsOf(hash: string): Uint16Array {
  const words = new Uint16Array(WORDS)
  readWords(hash, words, 0)
  return words
}

function readWords(hash: string, words: Uint16Array, from: number): void {
  if (!hashForm.test(hash)) throw new ReputationError('bad-entity', 'A PDQ hash has 64 hexadecimal digits.')
  for (let at = 0; at < hash.length; at++) {
    const code = hash.charCodeAt(at)
    words[from + (at >> 2)] = (words[from + (at >> 2)]! << 4) | (code <= 57 ? code - 48 : (code | 32) - 87)
  }
}

const bitCounts = Uint8Array.from({ length: WORD_VALUES }, (_, value) => {
  let count = 0
  for (let rest = value; rest > 0; rest &= rest - 1) count++
  return count
})

/** How many bits differ; where they are more than `most`, some number above it. */
function differing(words: Uint16Array, from: number, wanted: Uint16Array, most: number): number {
  let count = 0
  for (let word = 0; word < WORDS && count <= most; word++) count += bitCounts[words[from + word]! ^ wanted[word]!]!
  return count
}
