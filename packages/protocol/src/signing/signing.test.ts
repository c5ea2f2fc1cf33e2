/** Signing and verifying: the specification's vectors, edge cases of Ed25519, base64. */

import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { readVectors, testKey, testKeys, testSigner } from '../../tests/kit/vectors.ts'
import { hashAndSignEvent } from '../event/sign-event.ts'
import type { JsonObject } from '../json/json.ts'
import { requireRoomRules } from '../room-version/versions.ts'
import { decodeBase64, encodeBase64, encodeBase64Url } from './base64.ts'
import { createSigningKey, formatKeyLine, parseKeyLine, signText, verifyText } from './ed25519.ts'
import { sha256Base64, sha256Base64Url } from './hash.ts'
import { signJson } from './sign-json.ts'
import { signatureChecks, verifyJson, verifyMany } from './verify-json.ts'

type SignedCase = { signature: string; hash: string; event: JsonObject; object: JsonObject }
const vectors = readVectors<{ json: SignedCase[]; events: SignedCase[]; base64: [string, string][] }>('signing.json')
const edges = readVectors<{ smallOrderKeys: string[]; groupOrder: string }>('ed25519-edges.json')

test('signs JSON as the specification does', () => {
  for (const { object, signature } of vectors.json) {
    const signed = signJson(object, testSigner)
    assert.deepEqual(signed, { ...object, signatures: { domain: { 'ed25519:1': signature } } })
    assert.equal(verifyJson(signed, 'domain', testKeys), true)
  }
})

test('hashes and signs events as the specification does', () => {
  for (const { event, hash, signature } of vectors.events) {
    const expected = { ...event, hashes: { sha256: hash }, signatures: { domain: { 'ed25519:1': signature } } }
    assert.deepEqual(hashAndSignEvent(requireRoomRules('1'), event, testSigner), expected)
  }
})

test('does not cover unsigned and signatures, keeps signatures of others', () => {
  const signed = signJson({ a: 1, unsigned: { b: 2 }, signatures: { other: { 'ed25519:x': 'y' } } }, testSigner)
  assert.equal(verifyJson({ ...signed, unsigned: 5 }, 'domain', testKeys), true)
  assert.deepEqual((signed.signatures as JsonObject).other, { 'ed25519:x': 'y' })
  assert.equal(verifyJson({ ...signed, a: 2 }, 'domain', testKeys), false)
})

test('refuses what is unsigned, signed by nobody known, or partly false; ignores unknown keys', () => {
  const signed = signJson({ a: 1 }, testSigner)
  const good = ((signed.signatures as JsonObject).domain as JsonObject)['ed25519:1']!
  const withSignatures = (signatures: JsonObject): JsonObject => ({ a: 1, signatures })
  assert.equal(verifyJson({ a: 1 }, 'domain', testKeys), false)
  assert.equal(verifyJson(signed, 'other', testKeys), false)
  assert.equal(verifyJson(signed, 'domain', new Map()), false)
  assert.equal(verifyJson(signed, '__proto__', testKeys), false)
  assert.equal(
    verifyJson(withSignatures({ domain: { 'ed25519:1': good, 'ed25519:2': 'AA' } }), 'domain', testKeys),
    true,
  )
  const two = new Map([...testKeys, ['ed25519:2', testKey.publicKey]])
  assert.equal(verifyJson(withSignatures({ domain: { 'ed25519:1': good, 'ed25519:2': 'AA' } }), 'domain', two), false)
  assert.equal(verifyJson(withSignatures({ domain: { 'rsa:1': good } }), 'domain', testKeys), false)
  assert.equal(verifyJson({ ...signed, a: '\ud800' }, 'domain', testKeys), false)
})

test('verifies many, each with its own verdict', () => {
  const checks = [1, 2, 3].flatMap((a) => signatureChecks(signJson({ a }, testSigner), 'domain', testKeys) ?? [])
  checks[1] = { ...checks[1]!, text: 'another' }
  assert.deepEqual(verifyMany(checks), [true, false, true])
})

test('refuses keys of small order, whatever the signature', () => {
  for (const key of edges.smallOrderKeys) {
    for (const point of edges.smallOrderKeys) {
      const signature = encodeBase64(Buffer.from(point + '00'.repeat(32), 'hex'))
      assert.equal(verifyText(Buffer.from(key, 'hex'), signature, 'text'), false)
    }
  }
})

test('refuses a signature of small order R and an S that is not reduced', () => {
  const good = Buffer.from(decodeBase64(signText(testKey, 'text'))!)
  const order = BigInt(`0x${Buffer.from(edges.groupOrder, 'hex').reverse().toString('hex')}`)
  const s = BigInt(`0x${Buffer.from(good.subarray(32)).reverse().toString('hex')}`)
  const highS = Buffer.from((s + order).toString(16).padStart(64, '0'), 'hex').reverse()
  const unreduced = Buffer.concat([good.subarray(0, 32), highS])
  assert.equal(verifyText(testKey.publicKey, encodeBase64(good), 'text'), true)
  assert.equal(verifyText(testKey.publicKey, encodeBase64(unreduced), 'text'), false)
  assert.equal(opensslVerdict(testKey.publicKey, unreduced, 'text'), false)
  for (const point of edges.smallOrderKeys) {
    const signature = Buffer.concat([Buffer.from(point, 'hex'), good.subarray(32)])
    assert.equal(verifyText(testKey.publicKey, encodeBase64(signature), 'text'), false)
  }
})

test('gives the verdict of OpenSSL on honest and damaged signatures', () => {
  const agrees = (text: string, byte: number, change: number) => {
    const signature = decodeBase64(signText(testKey, text))!
    signature[byte]! ^= change
    const verdict = verifyText(testKey.publicKey, encodeBase64(signature), text)
    assert.equal(verdict, change === 0)
    assert.equal(opensslVerdict(testKey.publicKey, signature, text), verdict)
  }
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(fc.property(text, fc.nat({ max: 63 }), fc.nat({ max: 255 }), agrees), { numRuns: 60 })
})

test('signs long and non-ASCII texts', () => {
  for (const text of ['', 'ü😀', 'x'.repeat(300_000), '日'.repeat(100_000)]) {
    const signature = signText(testKey, text)
    assert.equal(verifyText(testKey.publicKey, signature, text), true)
    assert.equal(opensslVerdict(testKey.publicKey, decodeBase64(signature)!, text), true)
  }
})

test('takes keys and signatures of the wrong length or alphabet as false', () => {
  const signature = signText(testKey, 'x')
  for (const key of ['', 'AA', '!'.repeat(43), testKey.publicKey.slice(1)])
    assert.equal(verifyText(key, signature, 'x'), false)
  for (const bad of ['', 'AA', `${signature}AA`, '!']) assert.equal(verifyText(testKey.publicKey, bad, 'x'), false)
})

test('reads and writes key lines', () => {
  const line = 'ed25519 a_abcd YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA0'
  assert.equal(formatKeyLine(parseKeyLine(`${line}\n`)), line)
  assert.equal(parseKeyLine(line).keyId, 'ed25519:a_abcd')
  for (const bad of ['', 'ed25519 1', 'rsa 1 AA', 'ed25519 1 AA', `${line} more`, `ed25519 a-b ${line.slice(15)}`]) {
    assert.throws(() => parseKeyLine(bad), { name: 'ProtocolError' })
  }
  assert.throws(() => createSigningKey('1', new Uint8Array(31)), { kind: 'bad-signature' })
})

test('base64 in both alphabets', () => {
  for (const [text, encoded] of vectors.base64) {
    assert.equal(encodeBase64(new TextEncoder().encode(text)), encoded)
    assert.deepEqual(decodeBase64(encoded), new TextEncoder().encode(text))
  }
  const agrees = (bytes: Uint8Array) => {
    assert.equal(encodeBase64(bytes), Buffer.from(bytes).toString('base64').replace(/=+$/, ''))
    assert.equal(encodeBase64Url(bytes), Buffer.from(bytes).toString('base64url'))
    assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes)
    assert.deepEqual(decodeBase64(encodeBase64Url(bytes)), bytes)
    assert.deepEqual(decodeBase64(Buffer.from(bytes).toString('base64')), bytes)
  }
  fc.assert(fc.property(fc.uint8Array(), agrees))
  for (const bad of ['A', 'A=', 'AA=', 'AAA==', 'A A', 'AA\n', 'é', 'A===']) assert.equal(decodeBase64(bad), undefined)
})

test('hashes in both alphabets', () => {
  assert.equal(sha256Base64(''), '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU')
  assert.equal(sha256Base64Url(''), '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
})

function opensslVerdict(publicKey: string, signature: Uint8Array, text: string): boolean {
  const x = encodeBase64Url(decodeBase64(publicKey)!)
  return verify(
    null,
    Buffer.from(text),
    createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
    signature,
  )
}
