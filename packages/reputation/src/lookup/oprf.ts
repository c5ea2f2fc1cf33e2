/**
 * A name looked up without telling it: RFC 9497, verifiable mode, ristretto255-SHA512. The asker sends a blinded name,
 * the feed applies its key and proves that it is the one of its manifest, and the asker alone learns the result.
 */

import { ReputationError } from '../errors.ts'
import { sha512 } from '../feed/hash.ts'
import { feedLimits } from '../limits.ts'
import { type Curve, concat, isZero, type Point, type Scalar } from './curve.ts'

/** 32 bytes each. */
export type OprfKey = { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array }

/** A name on its way: `element` is sent, `blind` stays. */
export type Blinded = { readonly input: Uint8Array; readonly blind: Uint8Array; readonly element: Uint8Array }

/** What the feed answers: an element (32 bytes) for each that it was sent, and one proof (64 bytes) for all. */
export type Evaluation = { readonly elements: readonly Uint8Array[]; readonly proof: Uint8Array }

export interface Oprf {
  /** The key of a seed (32 bytes) and a label, such as the feed and epoch. */
  deriveKey(seed: Uint8Array, label: Uint8Array): OprfKey
  /** Blinds a name with 64 random bytes, which must never be used for another. */
  blind(input: Uint8Array, random: Uint8Array): Blinded
  /** Applies the key to at most 200 elements, with 64 random bytes; throws `bad-proof` for what is no element. */
  evaluate(key: OprfKey, elements: readonly Uint8Array[], random: Uint8Array): Evaluation
  /** The result (64 bytes) for each blinded name; throws `bad-proof` unless all was made with the public key. */
  finalize(publicKey: Uint8Array, blinded: readonly Blinded[], evaluation: Evaluation): readonly Uint8Array[]
  /** The same result by who has the key: for sealing a feed's own rows. */
  compute(key: OprfKey, input: Uint8Array): Uint8Array
}

const context = 'OPRFV1-\x01-ristretto255-SHA512'
const encoder = new TextEncoder()
const tags = {
  group: encoder.encode(`HashToGroup-${context}`),
  scalar: encoder.encode(`HashToScalar-${context}`),
  key: encoder.encode(`DeriveKeyPair${context}`),
  seed: encoder.encode(`Seed-${context}`),
  composite: encoder.encode('Composite'),
  challenge: encoder.encode('Challenge'),
  finalize: encoder.encode('Finalize'),
}

/** The operations of the RFC's section 3.3.2 over a curve. */
export function createOprf(curve: Curve): Oprf {
  const evaluateOne = (secretKey: Scalar, element: Uint8Array): Point => {
    return curve.multiply(secretKey, requireElement(curve, element))
  }
  return {
    deriveKey: (seed, label) => deriveKey(curve, seed, label),
    blind(input, random) {
      const blind = curve.reduce(requireLength(random, 64))
      return { input, blind, element: curve.multiply(blind, hashToGroup(curve, input)) }
    },
    evaluate(key, elements, random) {
      requireCount(elements)
      const evaluated = elements.map((element) => evaluateOne(key.secretKey, element))
      return { elements: evaluated, proof: prove(curve, key, elements, evaluated, random) }
    },
    finalize(publicKey, blinded, evaluation) {
      requireCount(blinded)
      const sent = blinded.map(({ element }) => element)
      checkProof(curve, requireElement(curve, publicKey), sent, evaluation)
      return blinded.map(({ input, blind }, at) => {
        return finish(input, curve.multiply(curve.invert(blind), evaluation.elements[at]!))
      })
    },
    compute: (key, input) => finish(input, curve.multiply(key.secretKey, hashToGroup(curve, input))),
  }
}

function deriveKey(curve: Curve, seed: Uint8Array, label: Uint8Array): OprfKey {
  requireLength(seed, 32)
  for (let counter = 0; counter < 256; counter++) {
    const secretKey = hashToScalar(curve, concat([seed, framed(label), Uint8Array.of(counter)]), tags.key)
    if (!isZero(secretKey)) return { secretKey, publicKey: curve.multiplyBase(secretKey) }
  }
  throw new ReputationError('bad-proof', 'The seed gives no key.')
}

/** Section 2.2.1: a challenge and a response that only who has the key can make. */
function prove(
  curve: Curve,
  { publicKey, secretKey }: OprfKey,
  sent: readonly Point[],
  evaluated: readonly Point[],
  random: Uint8Array,
): Uint8Array {
  const { left } = combine(curve, publicKey, sent, evaluated, false)
  const right = curve.multiply(secretKey, left)
  const nonce = curve.reduce(requireLength(random, 64))
  const challenge = challengeOf(curve, [publicKey, left, right, curve.multiplyBase(nonce), curve.multiply(nonce, left)])
  return concat([challenge, curve.subtract(nonce, curve.multiplyScalars(challenge, secretKey))])
}

/** Section 2.2.2. */
function checkProof(curve: Curve, publicKey: Point, sent: readonly Point[], { elements, proof }: Evaluation): void {
  if (elements.length !== sent.length || proof.length !== 64) wrongProof()
  for (const element of elements) requireElement(curve, element)
  const [challenge, response] = [proof.subarray(0, 32), proof.subarray(32)]
  if (!curve.isScalar(challenge) || !curve.isScalar(response)) wrongProof()
  const { left, right } = combine(curve, publicKey, sent, elements, true)
  const base = curve.add(curve.multiplyBase(response), curve.multiply(challenge, publicKey))
  const other = curve.add(curve.multiply(response, left), curve.multiply(challenge, right!))
  const expected = challengeOf(curve, [publicKey, left, right!, base, other])
  if (!expected.every((byte, at) => byte === challenge[at])) wrongProof()
}

/** The composites of many pairs, so that one proof is enough; the right one only where the key is not known. */
function combine(
  curve: Curve,
  publicKey: Point,
  sent: readonly Point[],
  evaluated: readonly Point[],
  isBoth: boolean,
): { left: Point; right: Point | undefined } {
  const seed = framed(sha512(concat([framed(publicKey), framed(tags.seed)])))
  let left: Point | undefined
  let right: Point | undefined
  for (const [at, element] of sent.entries()) {
    const parts = [seed, lengthOf(at), framed(element), framed(evaluated[at]!), tags.composite]
    const factor = hashToScalar(curve, concat(parts), tags.scalar)
    const term = curve.multiply(factor, element)
    left = left === undefined ? term : curve.add(left, term)
    if (!isBoth) continue
    const other = curve.multiply(factor, evaluated[at]!)
    right = right === undefined ? other : curve.add(right, other)
  }
  return { left: left!, right }
}

function challengeOf(curve: Curve, points: readonly Point[]): Scalar {
  return hashToScalar(curve, concat([...points.map(framed), tags.challenge]), tags.scalar)
}

function finish(input: Uint8Array, element: Point): Uint8Array {
  return sha512(concat([framed(input), framed(element), tags.finalize]))
}

function hashToGroup(curve: Curve, input: Uint8Array): Point {
  return curve.fromHash(expand(input, tags.group))
}

function hashToScalar(curve: Curve, input: Uint8Array, tag: Uint8Array): Scalar {
  return curve.reduceHash(expand(input, tag))
}

/** RFC 9380, 5.3.1, for 64 bytes: one block of SHA-512. */
function expand(input: Uint8Array, tag: Uint8Array): Uint8Array {
  const suffix = concat([tag, Uint8Array.of(tag.length)])
  const first = sha512(concat([new Uint8Array(128), input, lengthOf(64), Uint8Array.of(0), suffix]))
  return sha512(concat([first, Uint8Array.of(1), suffix]))
}

/** Two bytes, big-endian. */
function lengthOf(length: number): Uint8Array {
  return Uint8Array.of(length >> 8, length & 0xff)
}

function framed(bytes: Uint8Array): Uint8Array {
  return concat([lengthOf(bytes.length), bytes])
}

function requireLength(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length) throw new ReputationError('bad-proof', `Here are ${length} bytes needed.`)
  return bytes
}

function requireCount(items: readonly unknown[]): void {
  if (items.length === 0 || items.length > feedLimits.oprfBatchMax) {
    throw new ReputationError('too-many', `Ask for 1 to ${feedLimits.oprfBatchMax} names at once.`)
  }
}

function requireElement(curve: Curve, element: Uint8Array): Point {
  if (element.length === 32 && !isZero(element) && curve.isPoint(element)) return element
  throw new ReputationError('bad-proof', 'That is no element of the group.')
}

function wrongProof(): never {
  throw new ReputationError('bad-proof', 'The proof does not show that the key of the manifest was used.')
}
