/** Parsing of JSON from outside. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readVectors } from '../../tests/kit/vectors.ts'
import { ProtocolError } from '../errors.ts'
import { jsonLimits } from './limits.ts'
import { parseStrictJson, parseStrictJsonObject } from './parse-strict.ts'

const { notJson } = readVectors<{ notJson: { name: string; json: string }[] }>('canonical-json.json')
const badJson = { name: 'ProtocolError', kind: 'bad-json' }

for (const { name, json } of notJson) {
  test(`refuses ${name}`, () => {
    assert.throws(() => parseStrictJson(json), badJson)
    assert.throws(() => parseStrictJson(new TextEncoder().encode(json === '"\ud800"' ? '' : json)), badJson)
  })
}

test('agrees with JSON.parse on what is JSON', () => {
  const agrees = (text: string) => assert.deepEqual(parseStrictJson(text), JSON.parse(text))
  fc.assert(fc.property(fc.json(), agrees))
  fc.assert(
    fc.property(fc.json({ stringUnit: 'grapheme' }), (text) => {
      assert.deepEqual(parseStrictJson(new TextEncoder().encode(text)), JSON.parse(text))
    }),
  )
})

test('throws nothing but a typed error on any bytes', () => {
  const isSafe = (input: Uint8Array | string) => {
    try {
      parseStrictJson(input, { floats: 'mark' })
    } catch (error) {
      assert.ok(error instanceof ProtocolError)
    }
  }
  fc.assert(fc.property(fc.uint8Array(), isSafe))
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,.eE-+0129\\u dtrufalsn') }), isSafe))
})

test('refuses bytes that are not UTF-8', () => {
  for (const bytes of [
    [0x22, 0xff, 0x22],
    [0x22, 0xc0, 0x80, 0x22],
    [0x22, 0xed, 0xa0, 0x80, 0x22],
    [0x22, 0xe2, 0x82],
  ]) {
    assert.throws(() => parseStrictJson(new Uint8Array(bytes)), badJson)
  }
})

test('takes the greatest depth and refuses one more; brackets in texts do not count', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
  parseStrictJson(nested(jsonLimits.depthMax))
  assert.throws(() => parseStrictJson(nested(jsonLimits.depthMax + 1)), badJson)
  assert.throws(() => parseStrictJson('['.repeat(1_000_000)), badJson)
  assert.equal(parseStrictJson(`"${'['.repeat(1000)}\\""`), `${'['.repeat(1000)}"`)
  assert.deepEqual(parseStrictJson('[[]]', { depthMax: 2 }), [[]])
  assert.throws(() => parseStrictJson('[[]]', { depthMax: 1 }), badJson)
})

test('marks integers in float notation only if asked to, and nothing else', () => {
  const text = '{"a":1.0,"b":"1.0","c":2,"d":1.5,"e":-0}'
  assert.deepEqual(parseStrictJson(text), { a: 1, b: '1.0', c: 2, d: 1.5, e: -0 })
  const marked = parseStrictJsonObject(text, { floats: 'mark' })
  assert.equal(Number.isInteger(marked.a), false)
  assert.deepEqual({ ...marked, a: 1 }, { a: 1, b: '1.0', c: 2, d: 1.5, e: -0 })
})

test('an object is asked for and not given', () => {
  for (const text of ['[]', 'null', '1', '"{}"']) assert.throws(() => parseStrictJsonObject(text), badJson)
})
