/** Canonical JSON against the specification's vectors and by its properties. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readVectors } from '../../tests/kit/vectors.ts'
import { ProtocolError } from '../errors.ts'
import { canonicalJson, canonicalJsonWithout, compareCodePoints, strictCanonicalJson } from './canonical.ts'
import type { JsonValue } from './json.ts'
import { jsonLimits } from './limits.ts'
import { parseStrictJson } from './parse-strict.ts'

type Case = { name: string; json: string; canonical: string }
type Vectors = { canonical: Case[]; lenientOnly: Case[]; strictRefuses: Omit<Case, 'canonical'>[] }
const vectors = readVectors<Vectors>('canonical-json.json')

const key = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.nat({ max: 99 }).map(String),
  fc.constant('__proto__'),
)
const { value: strictValue } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries)),
  ) as fc.Arbitrary<JsonValue>,
}))

for (const { name, json, canonical } of [...vectors.canonical, ...vectors.lenientOnly]) {
  test(`canonical JSON of ${name}`, () => {
    assert.equal(canonicalJson(parseStrictJson(json)), canonical)
  })
}

for (const { name, json, canonical } of vectors.canonical) {
  test(`strict canonical JSON of ${name}`, () => {
    assert.equal(strictCanonicalJson(parseStrictJson(json)), canonical)
  })
}

for (const { name, json } of vectors.strictRefuses) {
  test(`strict canonical JSON refuses ${name}`, () => {
    const value = parseStrictJson(json, { floats: 'mark' })
    assert.throws(() => strictCanonicalJson(value), { name: 'ProtocolError', kind: 'bad-json' })
  })
}

test('canonical JSON survives parsing and writing again', () => {
  const survives = (value: JsonValue) => {
    const text = strictCanonicalJson(value)
    assert.equal(canonicalJson(value), text)
    assert.equal(strictCanonicalJson(parseStrictJson(text, { floats: 'mark' })), text)
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)))
  }
  fc.assert(fc.property(strictValue, survives))
})

test('the order of keys is that of their UTF-8 bytes', () => {
  const text = fc.string({ unit: 'binary' }).filter((candidate) => candidate.isWellFormed())
  const agrees = (left: string, right: string) => {
    const expected = Buffer.compare(Buffer.from(left), Buffer.from(right))
    assert.equal(Math.sign(compareCodePoints(left, right)), expected)
  }
  fc.assert(fc.property(text, text, agrees))
})

test('keys can be left out without a copy', () => {
  assert.equal(canonicalJsonWithout({ b: 1, a: { b: 2 }, c: 3 }, new Set(['b'])), '{"a":{"b":2},"c":3}')
})

test('refuses a lone surrogate, an undefined item and too deep nesting', () => {
  const nested = (levels: number): JsonValue => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as JsonValue
  assert.equal(canonicalJson(nested(jsonLimits.canonicalDepthMax)).length, 2 * jsonLimits.canonicalDepthMax)
  for (const bad of ['\ud800', { '\udc00': 1 }, [undefined], Number.NaN, nested(jsonLimits.canonicalDepthMax + 1)]) {
    assert.throws(() => canonicalJson(bad as JsonValue), ProtocolError)
  }
})
