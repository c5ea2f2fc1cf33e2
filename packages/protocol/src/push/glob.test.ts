/** Globs of push rules: against a slow but obvious matcher, and in time. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileGlob } from './glob.ts'

const patternText = fc.string({ unit: fc.constantFrom('a', 'b', '_', ' ', '*', '?', '😀'), maxLength: 8 })
const longPattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), minLength: 30, maxLength: 70 })
const text = fc.string({ unit: fc.constantFrom('a', 'b', '_', ' ', '-', '😀'), maxLength: 12 })
const longText = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 30, maxLength: 90 })

test('a glob over the whole text agrees with the obvious matcher', () => {
  const agrees = (glob: string, subject: string) => {
    assert.equal(compileGlob(glob, 'whole')(subject), matchesWhole([...glob], [...subject]))
  }
  fc.assert(fc.property(patternText, text, agrees))
  fc.assert(fc.property(longPattern, longText, agrees))
})

test('a glob over words agrees with the obvious matcher', () => {
  const agrees = (glob: string, subject: string) => {
    assert.equal(compileGlob(glob, 'words')(subject), matchesWords(glob, subject))
  }
  fc.assert(fc.property(patternText, text, agrees))
})

test('a pattern across the 32-bit words of the automaton matches', () => {
  const name = 'abcdefghijklmnopqrstuvwxyz0123456789'.repeat(3)
  for (const length of [31, 32, 33, 63, 64, 65, 96]) {
    const part = name.slice(0, length)
    assert.equal(compileGlob(part, 'words')(`x ${part} y`), true)
    assert.equal(compileGlob(`${part}?`, 'whole')(part), false)
    assert.equal(compileGlob(`${part}*`, 'whole')(part), true)
  }
})

test('a pattern made to explode ends in linear time', () => {
  const subject = 'a'.repeat(65_000)
  const matches = compileGlob('*a?'.repeat(80).concat('b'), 'words')
  const sure = compileGlob('*a?'.repeat(80).concat('?*a_'), 'whole')
  const begun = performance.now()
  assert.equal(matches(`${subject}b_`), false)
  assert.equal(sure(`${subject}b`), false)
  assert.ok(performance.now() - begun < 1_000)
})

/** Dynamic programming over all pairs of prefixes. */
function matchesWhole(glob: readonly string[], subject: readonly string[]): boolean {
  let row = subject.map(() => false)
  row.unshift(true)
  for (const token of glob) {
    const next = [token === '*' && row[0]!]
    for (const [index, char] of subject.entries()) {
      next.push(token === '*' ? row[index + 1]! || next[index]! : row[index]! && (token === '?' || token === char))
    }
    row = next
  }
  return row.at(-1)!
}

function matchesWords(glob: string, subject: string): boolean {
  const chars = [...subject]
  const isWord = (char: string | undefined) => char !== undefined && /^[a-z0-9_]$/i.test(char)
  const boundaries = [...chars.keys(), chars.length].filter((at) => !isWord(chars[at - 1]) || !isWord(chars[at]))
  return boundaries.some((from) =>
    boundaries.some((to) => to >= from && matchesWhole([...glob], chars.slice(from, to))),
  )
}
