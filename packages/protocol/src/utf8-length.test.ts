/** Lengths in bytes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fitsBytes, utf8Length } from './utf8-length.ts'

test('counts bytes as the encoder does, lone surrogates as three', () => {
  const agrees = (text: string) => {
    const bytes = new TextEncoder().encode(text).length
    assert.equal(utf8Length(text), bytes)
    assert.equal(fitsBytes(text, bytes), true)
    assert.equal(fitsBytes(text, bytes - 1), false)
  }
  fc.assert(fc.property(fc.string({ unit: 'binary' }), agrees))
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'é', '日', '\ud800', '\udc00') }), agrees))
})
