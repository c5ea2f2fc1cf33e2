/** Making pictures smaller, by sharp and one at a time. Spec: client-server-api#thumbnails. */

import { hashImage, lumaOf, type PdqHash } from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import { mediaLimits } from './limits.ts'

export type ThumbnailWish = {
  readonly width: number
  readonly height: number
  readonly method: 'crop' | 'scale'
  readonly isAnimated: boolean
}

type Size = Omit<ThumbnailWish, 'isAnimated'>

const standardSizes: readonly Size[] = [
  { width: 32, height: 32, method: 'crop' },
  { width: 96, height: 96, method: 'crop' },
  { width: 320, height: 240, method: 'scale' },
  { width: 640, height: 480, method: 'scale' },
  { width: 800, height: 600, method: 'scale' },
]

/** Only these are decoded: never SVG, PDF or anything else that is more a program than a picture. */
const decodedTypes: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/jpg',
  'image/png',
  'image/apng',
  'image/gif',
  'image/webp',
  'image/avif',
])

/** As sharp calls them. */
const decodedFormats: ReadonlySet<string> = new Set(['jpeg', 'png', 'gif', 'webp', 'heif'])

const animatedFormats: ReadonlySet<string> = new Set(['gif', 'webp'])

/** The smallest usual size that is not smaller than wished; the largest if none is. */
export function chooseSize({ width, height, method }: ThumbnailWish): Size {
  const fitting = standardSizes.filter((size) => size.width >= width && size.height >= height)
  return fitting.find((size) => size.method === method) ?? fitting[0] ?? standardSizes.at(-1)!
}

export type Thumbnail = { readonly bytes: Buffer; readonly contentType: string }

/** Makes thumbnails one after another; refuses when too many wait. */
export interface Thumbnailer {
  /** Throws MatrixError M_UNKNOWN if the bytes are no picture that can be made smaller, M_LIMIT_EXCEEDED. */
  make(source: Buffer, contentType: string, size: Size, isAnimated: boolean): Promise<Thumbnail>
  /** What it looks like; undefined: it is no picture, or nothing of it can be compared. Throws M_LIMIT_EXCEEDED. */
  look(source: Buffer, contentType: string): Promise<PdqHash | undefined>
  /** Width and height as shown, or undefined if it is no picture. */
  measure(source: Buffer): Promise<{ width: number; height: number } | undefined>
}

export function createThumbnailer(): Thumbnailer {
  let running = 0
  const waiting: (() => void)[] = []
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= mediaLimits.thumbnailsAtOnce) {
      if (waiting.length >= mediaLimits.thumbnailsWaitingMax) {
        throw new MatrixError('M_LIMIT_EXCEEDED', 'Too many thumbnails are being made.', { retry_after_ms: 2_000 })
      }
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
    running++
    try {
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
  return {
    make(source, contentType, size, isAnimated) {
      const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
      if (!decodedTypes.has(type) || source.length > mediaLimits.pictureBytesMax) return Promise.reject(cannot())
      return inTurn(() => shrink(source, size, isAnimated))
    },
    async look(source, contentType) {
      const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
      // What is sent as something else is still shown as a picture by some.
      return /^(text|video|audio)\//.test(type) ? undefined : inTurn(() => lookAt(source))
    },
    async measure(source) {
      try {
        const { width, height } = await (await openPicture(source, false)).metadata()
        return { width, height }
      } catch {
        // Whatever is wrong with it: it is no picture to us, and that is the answer.
        return undefined
      }
    },
  }
}

function cannot(): MatrixError {
  return new MatrixError('M_UNKNOWN', 'No thumbnail can be made of this file.', {}, 400)
}

/** Loaded with the first picture: the library takes 20 MiB. */
async function openPicture(source: Buffer, isAnimated: boolean) {
  const { default: sharp } = await import('sharp')
  sharp.cache(false)
  sharp.concurrency(1)
  return sharp(source, { limitInputPixels: mediaLimits.pixelsMax, animated: isAnimated, failOn: 'truncated' })
}

/** PDQ of the first frame, as it is shown. */
async function lookAt(source: Buffer): Promise<PdqHash | undefined> {
  try {
    const { format } = await (await openPicture(source, false)).metadata()
    if (!decodedFormats.has(format)) return undefined
    const side = mediaLimits.lookSideMax
    const { data, info } = await (await openPicture(source, false))
      .timeout({ seconds: mediaLimits.thumbnailTimeoutS })
      .autoOrient()
      .flatten({ background: 'white' })
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .toColorspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) return undefined
    return hashImage(lumaOf(data, 3), info.width, info.height)
  } catch (error) {
    // Whatever is wrong with it: it is no picture to us.
    if (error instanceof Error) return undefined
    throw error
  }
}

async function shrink(source: Buffer, { width, height, method }: Size, isAnimated: boolean): Promise<Thumbnail> {
  try {
    const { format, pages = 1, hasAlpha } = await (await openPicture(source, isAnimated)).metadata()
    const moves = isAnimated && pages > 1 && animatedFormats.has(format)
    const picture = (await openPicture(source, moves))
      .timeout({ seconds: mediaLimits.thumbnailTimeoutS })
      .autoOrient()
      .resize({ width, height, fit: method === 'crop' ? 'cover' : 'inside', withoutEnlargement: method === 'scale' })
    if (moves) return { bytes: await picture.webp({ quality: 80 }).toBuffer(), contentType: 'image/webp' }
    const png = hasAlpha || format === 'png' ? await picture.png().toBuffer() : undefined
    // Drawings and screenshots suffer as JPEG, photographs are too large as PNG.
    if (png !== undefined && (hasAlpha || png.length <= mediaLimits.thumbnailPngBytesMax)) {
      return { bytes: png, contentType: 'image/png' }
    }
    return { bytes: await picture.jpeg({ quality: 80 }).toBuffer(), contentType: 'image/jpeg' }
  } catch (error) {
    if (error instanceof Error) throw cannot()
    throw error
  }
}
