/** ristretto255 (RFC 9496) by libsodium. The one file of this package that touches its WebAssembly build. */

import type * as libsodium from 'libsodium-wrappers-sumo'
import { ReputationError } from '../errors.ts'

/** 32 bytes: the encoding of an element, and of a number below the group's order (little-endian). */
export type Point = Uint8Array
export type Scalar = Uint8Array

export interface Curve {
  isPoint(bytes: Uint8Array): boolean
  /** Whether it is the one encoding of a scalar. */
  isScalar(bytes: Uint8Array): boolean
  fromHash(bytes: Uint8Array): Point
  /** 64 bytes, little-endian, modulo the order; throws where nothing is left (`reduce`) or answers 0 (`reduceHash`). */
  reduce(bytes: Uint8Array): Scalar
  reduceHash(bytes: Uint8Array): Scalar
  /** Throws `bad-proof` where the result would be the neutral element. */
  multiply(scalar: Scalar, point: Point): Point
  multiplyBase(scalar: Scalar): Point
  add(left: Point, right: Point): Point
  multiplyScalars(left: Scalar, right: Scalar): Scalar
  subtract(left: Scalar, right: Scalar): Scalar
  invert(scalar: Scalar): Scalar
}

let loading: Promise<Curve> | undefined

/** The curve; the library is loaded at the first use, because it is large and few need it. */
export function loadCurve(): Promise<Curve> {
  loading ??= import('libsodium-wrappers-sumo').then(async ({ default: sodium }) => {
    await sodium.ready
    return createCurve(sodium)
  })
  return loading
}

type Sodium = Pick<
  typeof libsodium,
  | 'crypto_core_ristretto255_is_valid_point'
  | 'crypto_core_ristretto255_from_hash'
  | 'crypto_core_ristretto255_add'
  | 'crypto_core_ristretto255_scalar_reduce'
  | 'crypto_core_ristretto255_scalar_mul'
  | 'crypto_core_ristretto255_scalar_sub'
  | 'crypto_core_ristretto255_scalar_invert'
  | 'crypto_scalarmult_ristretto255'
  | 'crypto_scalarmult_ristretto255_base'
>

function createCurve(sodium: Sodium): Curve {
  const reduceHash = (bytes: Uint8Array): Scalar => sodium.crypto_core_ristretto255_scalar_reduce(bytes)
  return {
    isPoint: (bytes) => sodium.crypto_core_ristretto255_is_valid_point(bytes),
    isScalar(bytes) {
      const reduced = reduceHash(concat([bytes, new Uint8Array(32)]))
      return reduced.every((byte, at) => byte === bytes[at])
    },
    fromHash: (bytes) => sodium.crypto_core_ristretto255_from_hash(bytes),
    reduceHash,
    reduce(bytes) {
      const scalar = reduceHash(bytes)
      if (isZero(scalar)) throw new ReputationError('bad-proof', 'Those bytes are not random.')
      return scalar
    },
    multiply: (scalar, point) => refused(() => sodium.crypto_scalarmult_ristretto255(scalar, point)),
    multiplyBase: (scalar) => refused(() => sodium.crypto_scalarmult_ristretto255_base(scalar)),
    add: (left, right) => refused(() => sodium.crypto_core_ristretto255_add(left, right)),
    multiplyScalars: (left, right) => sodium.crypto_core_ristretto255_scalar_mul(left, right),
    subtract: (left, right) => sodium.crypto_core_ristretto255_scalar_sub(left, right),
    invert: (scalar) => sodium.crypto_core_ristretto255_scalar_invert(scalar),
  }
}

/** The library's only sign of a neutral result, or of an operand that is no element, is an error. */
function refused(compute: () => Uint8Array): Uint8Array {
  try {
    return compute()
  } catch (cause) {
    throw new ReputationError('bad-proof', `The group has no such element: ${String(cause)}`)
  }
}

/** Sequences of bytes, one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** Whether all bytes are 0. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}
