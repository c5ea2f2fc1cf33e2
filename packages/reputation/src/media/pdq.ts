/**
 * PDQ (Facebook, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019): 256 bits that
 * hardly change when an image is scaled, compressed or recolored. Our own port from the description.
 */

import { ReputationError } from '../errors.ts'
import { mediaLimits } from '../limits.ts'

export type PdqHash = {
  /** 64 hexadecimal digits. */
  readonly hash: string
  /** 0 to 100: how much there is to see. Below 50 the hash says little. */
  readonly quality: number
}

const BLOCK = 64
const TERMS = 16
/** Two passes of a box of this share of the image make a tent as wide as a pixel of the small image. */
const BOXES_PER_SIDE = 128

/** The brightness (0 to 255) of pixels with three or four channels (red, green, blue), row by row. */
export function lumaOf(pixels: Uint8Array, channels: 3 | 4): Float32Array {
  const luma = new Float32Array(Math.floor(pixels.length / channels))
  for (let at = 0, from = 0; at < luma.length; at++, from += channels) {
    luma[at] = 0.299 * pixels[from]! + 0.587 * pixels[from + 1]! + 0.114 * pixels[from + 2]!
  }
  return luma
}

/**
 * The hash of an image by its brightness, row by row; undefined for one of less than five pixels a side. Throws
 * `too-large`, or `bad-statement` where the pixels are not width times height. Scale images down to 512 pixels before.
 */
export function hashImage(luma: Float32Array, width: number, height: number): PdqHash | undefined {
  if (width * height > mediaLimits.pixelsMax) throw new ReputationError('too-large', 'The image has too many pixels.')
  if (luma.length !== width * height) throw new ReputationError('bad-statement', 'The image lacks pixels.')
  if (Math.min(width, height) < mediaLimits.sideMin) return undefined
  const small = shrink(blur(luma, width, height), width, height)
  return { hash: bitsOf(transform(small)), quality: qualityOf(small) }
}

/** Averages along rows and columns, twice. */
function blur(luma: Float32Array, width: number, height: number): Float32Array {
  const [across, down] = [boxOf(width), boxOf(height)]
  let from = luma
  for (let pass = 0; pass < 2; pass++) from = averageDown(averageAcross(from, width, across), width, down)
  return from
}

function boxOf(side: number): number {
  return Math.ceil(side / BOXES_PER_SIDE)
}

/** How far a box reaches ahead of its place; it reaches behind by the rest. */
function aheadOf(box: number): number {
  return Math.floor(box / 2)
}

/** The mean of up to `box` values around each in its row; where the row ends, of those that there are. */
function averageAcross(from: Float32Array, width: number, box: number): Float32Array {
  const to = new Float32Array(from.length)
  const ahead = aheadOf(box)
  for (let start = 0; start < from.length; start += width) {
    let [sum, count] = [0, 0]
    for (let at = 0; at < width + ahead; at++) {
      if (at < width) {
        sum += from[start + at]!
        count++
      }
      if (at >= box) {
        sum -= from[start + at - box]!
        count--
      }
      if (at >= ahead) to[start + at - ahead] = sum / count
    }
  }
  return to
}

/** The same along columns, a row at a time: memory is read in its order. */
function averageDown(from: Float32Array, width: number, box: number): Float32Array {
  const to = new Float32Array(from.length)
  const ahead = aheadOf(box) * width
  const sums = new Float64Array(width)
  let count = 0
  for (let row = 0; row < from.length + ahead; row += width) {
    const [isInside, isLeaving, isWritten] = [row < from.length, row >= box * width, row >= ahead]
    count += Number(isInside) - Number(isLeaving)
    for (let column = 0; column < width; column++) {
      const at = row + column
      if (isInside) sums[column]! += from[at]!
      if (isLeaving) sums[column]! -= from[at - box * width]!
      if (isWritten) to[at - ahead] = sums[column]! / count
    }
  }
  return to
}

/** The middle pixel of each of 64 by 64 parts. */
function shrink(luma: Float32Array, width: number, height: number): Float32Array {
  const small = new Float32Array(BLOCK * BLOCK)
  for (let row = 0; row < BLOCK; row++) {
    const from = Math.floor(((row + 0.5) * height) / BLOCK) * width
    for (let column = 0; column < BLOCK; column++) {
      small[row * BLOCK + column] = luma[from + Math.floor(((column + 0.5) * width) / BLOCK)]!
    }
  }
  return small
}

/** The sum of the steps between neighbors, in percent of the whole range, over 90. */
function qualityOf(small: Float32Array): number {
  let steps = 0
  const stepOf = (at: number, other: number) => Math.floor((Math.abs(small[at]! - small[other]!) * 100) / 255)
  for (let row = 0; row < BLOCK; row++) {
    for (let column = 0; column < BLOCK; column++) {
      const at = row * BLOCK + column
      if (row + 1 < BLOCK) steps += stepOf(at, at + BLOCK)
      if (column + 1 < BLOCK) steps += stepOf(at, at + 1)
    }
  }
  return Math.min(Math.floor(steps / 90), 100)
}

/** The first terms but the zeroth of the discrete cosine transform: 16 rows of 64. */
const cosines = Float64Array.from({ length: TERMS * BLOCK }, (_, at) => {
  const [term, place] = [Math.floor(at / BLOCK) + 1, at % BLOCK]
  return Math.sqrt(2 / BLOCK) * Math.cos((Math.PI / (2 * BLOCK)) * term * (2 * place + 1))
})

/** The transform along columns, then along rows: 16 by 16. */
function transform(small: Float32Array): Float64Array {
  const half = new Float64Array(TERMS * BLOCK)
  for (let term = 0; term < TERMS; term++) {
    for (let row = 0; row < BLOCK; row++) {
      const factor = cosines[term * BLOCK + row]!
      for (let column = 0; column < BLOCK; column++) {
        half[term * BLOCK + column]! += factor * small[row * BLOCK + column]!
      }
    }
  }
  const terms = new Float64Array(TERMS * TERMS)
  for (let row = 0; row < TERMS; row++) {
    for (let term = 0; term < TERMS; term++) {
      let sum = 0
      for (let at = 0; at < BLOCK; at++) sum += half[row * BLOCK + at]! * cosines[term * BLOCK + at]!
      terms[row * TERMS + term] = sum
    }
  }
  return terms
}

/** A bit for each term above the (lower) median: words of 16 bits, the last row first. */
function bitsOf(terms: Float64Array): string {
  const median = terms.toSorted()[terms.length / 2 - 1]!
  let text = ''
  for (let row = TERMS - 1; row >= 0; row--) {
    let word = 0
    for (let term = 0; term < TERMS; term++) if (terms[row * TERMS + term]! > median) word |= 1 << term
    text += word.toString(16).padStart(4, '0')
  }
  return text
}
