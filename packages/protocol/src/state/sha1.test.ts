/** Our SHA-1 against the runtime's. */

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { sha1Hex } from './sha1.ts'

test('is SHA-1 at every length around a block and for any text', () => {
  for (let length = 0; length < 200; length += 1) {
    const text = 'x'.repeat(length)
    assert.equal(sha1Hex(text), hash('sha1', text))
  }
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => assert.equal(sha1Hex(text), hash('sha1', text))))
})
