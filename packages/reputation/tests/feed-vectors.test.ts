/** The vectors of feeds, and the primitives under them against other implementations. */

import assert from 'node:assert/strict'
import { createHash, createPublicKey, hkdfSync, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { hashRawSync } from '@node-rs/argon2'
import {
  addLeaf,
  type Batch,
  canonicalJson,
  createChain,
  createFeedKey,
  deriveRowKeys,
  epochSalt,
  followBatch,
  hashFast,
  hashLeaf,
  hashSlow,
  type Manifest,
  openRow,
  type Peaks,
  parseBatch,
  parseEntity,
  parseRow,
  readManifest,
  rootOf,
  sealRow,
} from '../src/index.ts'

const vectors = JSON.parse(readFileSync(new URL('../vectors/feed.json', import.meta.url), 'utf8'))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'))
const entity = parseEntity('user', '@spammer:example.org')

test('canonical JSON', () => {
  for (const { value, text } of vectors.canonical) assert.equal(canonicalJson(value), text)
  for (const value of [0.5, Number.NaN, 2 ** 53, '\ud800', { '\udc00': 1 }]) assert.throws(() => canonicalJson(value))
  assert.equal(canonicalJson(-0), '0')
  assert.equal(canonicalJson([[[[[[[[]]]]]]]]), '[[[[[[[[]]]]]]]]')
  assert.throws(() => canonicalJson([[[[[[[[[[]]]]]]]]]]))
})

test('the tree has the roots of Certificate Transparency', () => {
  let peaks: Peaks = []
  for (const [count, leaf] of vectors.tree.leaves.entries()) {
    peaks = addLeaf(peaks, count, hashLeaf(bytesOf(leaf)))
    assert.equal(hex(rootOf(peaks)), vectors.tree.roots[count])
  }
  assert.equal(hex(rootOf([])), createHash('sha256').digest('hex'))
})

test('hashes and keys of an entity', () => {
  const { publicKey } = createFeedKey(bytesOf(vectors.seed))
  assert.equal(publicKey, vectors.publicKey)
  const salt = epochSalt(vectors.salt.epoch, vectors.salt.beacon)
  assert.equal(hex(salt), vectors.salt.bytes)
  for (const { how, bytes, index, key } of vectors.hashed) {
    const hashed = how === 'fast' ? hashFast(entity) : hashSlow(entity, salt)
    assert.equal(hex(hashed), bytes)
    const keys = deriveRowKeys(hashed, publicKey, 7)
    assert.deepEqual([hex(keys.index), hex(keys.key)], [index, key])
    const derived = hkdfSync('sha256', hashed, '', `reputation-row-v1\n${publicKey}\n7`, 48)
    assert.equal(hex(new Uint8Array(derived)), index + key)
  }
})

test('another implementation has the same slow hash', () => {
  const salt = bytesOf(vectors.salt.bytes)
  const cost = { algorithm: 2, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 }
  assert.equal(hex(hashRawSync(entity, { ...cost, outputLen: 32, salt })), hex(hashSlow(entity, salt)))
})

test('a row', () => {
  const { number, payload, bytes, epoch } = vectors.row
  const keys = deriveRowKeys(hashFast(entity), vectors.publicKey, epoch)
  assert.equal(hex(sealRow(keys, number, payload)), bytes)
  assert.deepEqual(openRow(keys, parseRow(bytesOf(bytes))), payload)
})

test('a manifest and a chain', () => {
  const manifest: Manifest = readManifest(vectors.manifest)
  let state = createChain(manifest.feed, manifest.key)
  for (const batch of vectors.batches) state = followBatch(state, parseBatch(JSON.stringify(batch)), 1_795_000_100_000)
  assert.equal(state.head?.seq, 2)
})

test('another implementation verifies the signature of a head', () => {
  const { feed, seq, issued, hash, root, signature } = vectors.batches[0] as Batch
  const signed = Buffer.from(`reputation-feed-v1:head\n${canonicalJson({ feed, seq, issued, hash, root })}`)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: vectors.publicKey }, format: 'jwk' })
  assert.ok(verify(null, signed, key, Buffer.from(signature, 'base64url')))
})
