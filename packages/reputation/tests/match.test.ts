/** Rules fit what they should: against a plain reading of each pattern, and in time that no pattern can stretch. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkGlob, createRuleIndex, isGlob, matchesGlob, ReputationError } from '../src/index.ts'

const letters = fc.constantFrom('a', 'b', ':', '.', '@', 'é', '😀')
const name = fc.array(letters, { maxLength: 12 }).map((parts) => parts.join(''))
const pattern = fc.array(fc.oneof(letters, fc.constantFrom('*', '?')), { maxLength: 10 }).map((parts) => parts.join(''))

/** The definition, read literally: exponential, and obviously right. */
function fits(glob: string, text: string): boolean {
  if (glob === '') return text === ''
  if (glob[0] === '*') return fits(glob.slice(1), text) || (text !== '' && fits(glob, text.slice(1)))
  return text !== '' && (glob[0] === '?' || glob[0] === text[0]) && fits(glob.slice(1), text.slice(1))
}

test('a pattern fits what its definition says', () => {
  fc.assert(
    fc.property(pattern, name, (glob, text) => assert.equal(matchesGlob(glob, text), fits(glob, text))),
    { numRuns: 2_000 },
  )
})

test('an index finds what a look at every rule finds', () => {
  const wide = fc.tuple(pattern, fc.constantFrom('aaaa', 'abab', '@a:b')).map(([glob, run]) => `${run}${glob}`)
  const rule = fc.oneof(name, wide).filter((text) => text.split(/[*?]/).length <= 5)
  fc.assert(
    fc.property(fc.array(rule, { maxLength: 40 }), fc.array(name), fc.integer(), (rules, names, seed) => {
      const index = createRuleIndex(rules, seed)
      for (const text of [...names, ...rules.map((glob) => glob.replaceAll(/[*?]/g, 'a'))]) {
        const expected = rules.flatMap((glob, number) =>
          (isGlob(glob) ? matchesGlob(glob, text) : glob === text) ? [number] : [],
        )
        assert.deepEqual(index.match(text), expected)
      }
    }),
  )
})

test('a pattern that is too long, too wild or too broad is refused', () => {
  for (const glob of [`${'a'.repeat(255)}*`, 'abcd*e*f*g*h*', '*:*', '*abc*', '*', '@*:??']) {
    assert.throws(
      () => checkGlob(glob),
      (error) => error instanceof ReputationError && error.kind === 'bad-pattern',
      glob,
    )
  }
  for (const glob of ['*:evil.example', '@spam*:*', '*.example']) checkGlob(glob)
})

test('a hostile pattern costs no more than a kind one', () => {
  const start = performance.now()
  for (let turn = 0; turn < 100; turn++) matchesGlob(`${'*a'.repeat(64)}b`, 'a'.repeat(255))
  assert.ok(performance.now() - start < 500)
})
