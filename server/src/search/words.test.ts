/** Words of texts: case, accents, scripts without spaces, bounds. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { searchLimits } from './limits.ts'
import { wordsOf } from './words.ts'

const textsOf = (text: string, max = 100) => wordsOf(text, max).map((word) => word.text)

test('words have no case and no accents, whatever their script', () => {
  assert.deepEqual(textsOf("Don't PANIC, it's 42!"), ['don', 't', 'panic', 'it', 's', '42'])
  assert.deepEqual(textsOf('Çà et là: l’été à Łódź'), ['ca', 'et', 'la', 'l', 'ete', 'a', 'lodz'])
  assert.deepEqual(textsOf('ΑΒΓ άέή Ёлка İstanbul ﬁx'), ['αβγ', 'αεη', 'елка', 'istanbul', 'fix'])
  assert.deepEqual(textsOf('हिन्दी'), ['हिन्दी'], 'signs of other scripts are letters of their words')
  assert.deepEqual(textsOf(' \u0000 … \uD800'), [])
})

test('scripts without spaces and emoji are runs', () => {
  const expected = [
    ['abc', false],
    ['東京', true],
    ['x', false],
    ['한국어를', true],
    ['🦊🦊', true],
  ]
  assert.deepEqual(
    wordsOf('ABC東京x 한국어를 🦊🦊', 100).map(({ text, isRun }) => [text, isRun]),
    expected,
  )
})

test('words are cut at their bound, and so is their number', () => {
  const max = searchLimits.wordCharsMax
  for (const letter of ['x', 'ж']) {
    assert.deepEqual(textsOf(letter.repeat(max)), [letter.repeat(max)])
    assert.deepEqual(textsOf(letter.repeat(max + 1)), [letter.repeat(max)])
  }
  assert.deepEqual(
    textsOf(`𝼀${'x'.repeat(max - 2)}𝼀`).map((word) => word.isWellFormed()),
    [true],
  )
  for (const word of ['a ', 'ж ', '字 ']) assert.equal(textsOf(word.repeat(20), 7).length, 7)
})
