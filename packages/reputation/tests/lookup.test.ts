/** Looking up without telling: the RFC's vectors, a second implementation, lying feeds, and ranges. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ristretto255_oprf } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import {
  createRangeTable,
  deriveRowKeys,
  findInRange,
  loadOprf,
  openRow,
  oprfInput,
  parseEntity,
  parseRow,
  planQuestion,
  prefixOf,
  ReputationError,
  ROW_BYTES,
  rangeBits,
  sealRow,
} from '../src/index.ts'

type Vector = Readonly<Record<'inputs' | 'blinds' | 'blinded' | 'evaluated' | 'outputs', readonly string[]>> &
  Readonly<Record<'proof' | 'proofRandom', string>>

const file = JSON.parse(readFileSync(new URL('../vectors/voprf.json', import.meta.url), 'utf8'))
const vectors: readonly Vector[] = file.vectors
const oprf = await loadOprf()
const key = oprf.deriveKey(bytesOf(file.seed), bytesOf(file.keyInfo))

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** A scalar as the 64 random bytes that give it. */
function widened(scalar: string): Uint8Array {
  return bytesOf(scalar + '00'.repeat(32))
}

function isRefused(kind: string) {
  return (error: unknown) => error instanceof ReputationError && error.kind === kind
}

test('derives the key of RFC 9497, A.1.2', () => {
  assert.deepEqual([hexOf(key.secretKey), hexOf(key.publicKey)], [file.secretKey, file.publicKey])
})

for (const [at, vector] of vectors.entries()) {
  test(`blinds, evaluates, proves and finalizes vector ${at + 1} of RFC 9497, A.1.2`, () => {
    const blinded = vector.inputs.map((input, n) => oprf.blind(bytesOf(input), widened(vector.blinds[n]!)))
    const sent = blinded.map(({ element }) => element)
    assert.deepEqual(sent.map(hexOf), vector.blinded)
    const evaluation = oprf.evaluate(key, sent, widened(vector.proofRandom))
    assert.deepEqual([evaluation.elements.map(hexOf), hexOf(evaluation.proof)], [vector.evaluated, vector.proof])
    assert.deepEqual(oprf.finalize(key.publicKey, blinded, evaluation).map(hexOf), vector.outputs)
    assert.deepEqual(
      vector.inputs.map((input) => hexOf(oprf.compute(key, bytesOf(input)))),
      vector.outputs,
    )
  })
}

const random64 = fc.uint8Array({ minLength: 64, maxLength: 64 }).filter((bytes) => bytes.some((byte) => byte !== 0))
const names = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 3 })
const other = ristretto255_oprf.voprf

test('an independent implementation accepts our proofs and finds the same results, and we accept its', () => {
  fc.assert(
    fc.property(names, random64, random64, (inputs, random, proofRandom) => {
      const blinded = inputs.map((input) => oprf.blind(input, random))
      const sent = blinded.map(({ element }) => element)
      const ours = oprf.evaluate(key, sent, proofRandom)
      const items = blinded.map(({ input, blind, element }, at) => {
        return { input, blind, blinded: element, evaluated: ours.elements[at]! }
      })
      const results = other.finalizeBatch(items, key.publicKey, ours.proof)
      assert.deepEqual(results.map(hexOf), oprf.finalize(key.publicKey, blinded, ours).map(hexOf))
      const theirs = other.blindEvaluateBatch(key.secretKey, key.publicKey, sent)
      const found = oprf.finalize(key.publicKey, blinded, { elements: theirs.evaluated, proof: theirs.proof })
      assert.deepEqual(found.map(hexOf), results.map(hexOf))
    }),
    { numRuns: 8 },
  )
})

test('a feed that uses another key for somebody is found out, whatever it changes', () => {
  const blinded = ['@a:one.example', '@b:two.example'].map((id, n) => {
    return oprf.blind(oprfInput(parseEntity('user', id)), new Uint8Array(64).fill(n + 1))
  })
  const sent = blinded.map(({ element }) => element)
  const random = new Uint8Array(64).fill(9)
  const honest = oprf.evaluate(key, sent, random)
  const tagging = oprf.deriveKey(new Uint8Array(32).fill(5), new Uint8Array(0))
  const tagged = oprf.evaluate(tagging, sent, random)
  const lies = [
    tagged,
    { ...honest, proof: tagged.proof },
    { ...honest, elements: tagged.elements },
    { ...honest, elements: [honest.elements[0]!, tagged.elements[1]!] },
    { ...honest, elements: honest.elements.toReversed() },
    { ...honest, elements: honest.elements.slice(1) },
    { ...honest, proof: honest.proof.subarray(1) },
    { ...honest, proof: new Uint8Array(64) },
    { ...honest, proof: new Uint8Array(64).fill(255) },
    { ...honest, elements: [new Uint8Array(32), honest.elements[1]!] },
  ]
  for (const lie of lies) assert.throws(() => oprf.finalize(key.publicKey, blinded, lie), isRefused('bad-proof'))
  for (const at of [0, 31, 32, 63]) {
    const proof = Uint8Array.from(honest.proof)
    proof[at]! ^= 1
    assert.throws(() => oprf.finalize(key.publicKey, blinded, { ...honest, proof }), isRefused('bad-proof'))
  }
  assert.throws(() => oprf.finalize(tagging.publicKey, blinded, honest), isRefused('bad-proof'))
})

test('a feed refuses what is no element of the group, nothing, and too much', () => {
  const random = new Uint8Array(64).fill(9)
  const good = oprf.blind(new Uint8Array(1), random).element
  for (const bad of [
    new Uint8Array(32),
    new Uint8Array(32).fill(255),
    new Uint8Array(31),
    new Uint8Array(32).fill(1),
  ]) {
    assert.throws(() => oprf.evaluate(key, [good, bad], random), isRefused('bad-proof'))
  }
  assert.throws(() => oprf.evaluate(key, [], random), isRefused('too-many'))
  assert.throws(() => oprf.evaluate(key, Array(201).fill(good), random), isRefused('too-many'))
  assert.throws(() => oprf.evaluate(key, [good], new Uint8Array(64)), isRefused('bad-proof'))
})

test('rows sealed under the oblivious result are opened by who asked, and by nobody else', () => {
  const entity = parseEntity('user', '@a:one.example')
  const payload = { opinion: -80, confidence: 70, context: 0, hops: 0, issued: 1_795_000_000, origins: [] }
  const row = sealRow(deriveRowKeys(oprf.compute(key, oprfInput(entity)), 'feed', 1), 1, payload)
  const blinded = oprf.blind(oprfInput(entity), new Uint8Array(64).fill(3))
  const evaluation = oprf.evaluate(key, [blinded.element], new Uint8Array(64).fill(4))
  const [result] = oprf.finalize(key.publicKey, [blinded], evaluation)
  assert.deepEqual(openRow(deriveRowKeys(result!, 'feed', 1), parseRow(row)), payload)
  const stranger = oprf.compute(key, oprfInput(parseEntity('user', '@b:one.example')))
  assert.equal(openRow(deriveRowKeys(stranger, 'feed', 1), parseRow(row)), undefined)
})

const secret = new Uint8Array(32).fill(1)

function rowsOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, n) => {
    const row = new Uint8Array(ROW_BYTES).fill(n & 255)
    const view = new DataView(row.buffer)
    view.setUint32(0, Math.imul(n, 0x9e3779b1) >>> 0)
    view.setUint32(4, n)
    return row
  })
}

test('bits are chosen so that a bucket has 256 rows or more', () => {
  assert.deepEqual([0, 255, 511, 512, 1_000_000, 10_000_000].map(rangeBits), [0, 0, 0, 1, 11, 15])
})

test('every row is found by its prefix, and all answers have one length', () => {
  const rows = rowsOf(4_000)
  const table = createRangeTable(rows, secret)
  assert.equal(table.bits, 3)
  const answers = Array.from({ length: 8 }, (_, prefix) => table.read(prefix))
  for (const answer of answers) assert.equal(answer.length, table.rowsInAnswer * ROW_BYTES)
  for (const row of rows) {
    const index = row.subarray(0, 16)
    assert.deepEqual(findInRange(answers[prefixOf(index, 3)]!, index), [row])
  }
  assert.deepEqual(table.read(5), answers[5])
  for (const prefix of [-1, 8, 0.5, Number.NaN]) assert.throws(() => table.read(prefix), isRefused('bad-feed'))
  assert.throws(() => findInRange(answers[0]!.subarray(1), rows[0]!.subarray(0, 16)), isRefused('bad-feed'))
})

test('rows of no meaning lie in their bucket, among the others', () => {
  const table = createRangeTable(rowsOf(5), secret, 6)
  for (let prefix = 0; prefix < 64; prefix++) {
    const answer = table.read(prefix)
    for (let at = 0; at < answer.length; at += ROW_BYTES) assert.equal(prefixOf(answer.subarray(at), 6), prefix)
  }
  assert.equal(createRangeTable([], secret).read(0).length, ROW_BYTES)
})

test('a question has two decoys, which are the same whenever it is asked', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.integer({ min: 0, max: 20 }), (index, bits) => {
      const question = planQuestion(secret, 'feed', index, bits)
      assert.equal(question.length, Math.min(3, 2 ** bits))
      assert.ok(question.includes(prefixOf(index, bits)))
      assert.ok(question.every((prefix) => prefix >= 0 && prefix < 2 ** bits))
      assert.deepEqual(planQuestion(secret, 'feed', index, bits), question)
      assert.deepEqual(
        question,
        question.toSorted((left, right) => left - right),
      )
    }),
  )
})
