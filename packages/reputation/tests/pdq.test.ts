/** PDQ: what the algorithm promises, and searching by distance against comparing with all. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import sharp, { type Sharp } from 'sharp'
import { createPdqIndex, hashImage, lumaOf, type PdqHash, pdqDistance, ReputationError } from '../src/index.ts'

const size = 128

/** A drawn picture: overlapping discs of many greys, placed by the seed. */
function drawDiscs(seed: number): Sharp {
  let state = seed
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const pixels = Buffer.alloc(size * size * 3, 128)
  for (let disc = 0; disc < 60; disc++) {
    const [x, y, radius, grey] = [next() * size, next() * size, 4 + next() * 20, next() * 256]
    for (let at = 0; at < size * size; at++) {
      if (Math.hypot((at % size) - x, Math.floor(at / size) - y) <= radius) pixels.fill(grey, at * 3, at * 3 + 3)
    }
  }
  return sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
}

async function hashOf(image: Sharp): Promise<PdqHash> {
  const { data, info } = await image.removeAlpha().toColorspace('srgb').raw().toBuffer({ resolveWithObject: true })
  return hashImage(lumaOf(data, 3), info.width, info.height)!
}

test('hardly changes when an image is scaled, compressed or darkened, and does for another image', async () => {
  const { hash, quality } = await hashOf(drawDiscs(1))
  assert.ok(quality >= 80, `quality ${quality}`)
  const compressed = await drawDiscs(1).jpeg({ quality: 60 }).toBuffer()
  const changed = [
    drawDiscs(1).resize(300, 300),
    drawDiscs(1).linear(0.8, 5),
    drawDiscs(1).blur(0.7),
    sharp(compressed),
  ]
  for (const image of changed) {
    const distance = pdqDistance((await hashOf(image)).hash, hash)
    assert.ok(distance <= 31, `${distance} bits differ`)
  }
  assert.ok(pdqDistance(hash, (await hashOf(drawDiscs(2))).hash) > 90)
})

test('half of the bits are set, and an image without features has no quality', () => {
  const noise = Float32Array.from({ length: 100 * 80 }, (_, at) => (Math.imul(at + 1, 0x9e3779b1) >>> 8) % 256)
  const bits = [...hashImage(noise, 100, 80)!.hash].map((digit) => Number.parseInt(digit, 16).toString(2))
  assert.equal(bits.join('').replaceAll('0', '').length, 128)
  assert.equal(hashImage(new Float32Array(10_000).fill(128), 100, 100)!.quality, 0)
})

test('refuses images that are none', () => {
  assert.equal(hashImage(new Float32Array(4 * 9), 4, 9), undefined)
  assert.notEqual(hashImage(new Float32Array(5 * 9), 5, 9), undefined)
  assert.throws(() => hashImage(new Float32Array(10), 5, 9), ReputationError)
  assert.throws(() => hashImage(new Float32Array(0), 20_000, 20_000), ReputationError)
})

const hexDigits = fc.array(fc.integer({ min: 0, max: 15 }), { minLength: 64, maxLength: 64 })
const hashes = hexDigits.map((digits) => digits.map((digit) => digit.toString(16)).join(''))

function flipBits(hash: string, places: readonly number[]): string {
  const digits = [...hash].map((digit) => Number.parseInt(digit, 16))
  for (const place of places) digits[place >> 2]! ^= 1 << (place & 3)
  return digits.map((digit) => digit.toString(16)).join('')
}

test('a search finds what comparing with all finds', () => {
  const places = fc.uniqueArray(fc.nat(255), { maxLength: 40 })
  fc.assert(
    fc.property(hashes, fc.array(fc.oneof(places, hashes), { maxLength: 12 }), fc.nat(31), (hash, others, most) => {
      const list = others.map((other) => (typeof other === 'string' ? other : flipBits(hash, other)))
      const expected = list
        .map((other, at) => ({ at, distance: pdqDistance(hash, other) }))
        .filter(({ distance }) => distance <= most)
        .sort((left, right) => left.distance - right.distance || left.at - right.at)
      assert.deepEqual(createPdqIndex(list).find(hash, most), expected)
    }),
    { numRuns: 60 },
  )
})

test('a hash that was spread over all words is found at 31 bits, and not at 32', () => {
  const hash = 'd8f8f1eec0f4a84f0e37022a078f63f0b36e2ed596621e1d33e6239c4e9c9b22'
  const spread = (count: number) => Array.from({ length: count }, (_, at) => (at * 8) % 256)
  const index = createPdqIndex([flipBits(hash, spread(31)), flipBits(hash, spread(32))])
  assert.deepEqual(index.find(hash), [{ at: 0, distance: 31 }])
  assert.throws(() => index.find(hash, 32), ReputationError)
  assert.throws(() => index.find('f8'), ReputationError)
  assert.throws(() => createPdqIndex(['z'.repeat(64)]), ReputationError)
})
