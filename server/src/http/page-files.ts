/**
 * Files of the pages in web/: read once, answered with rules that let a page load only itself. In a bundle they lie
 * beside it.
 */

import { existsSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { MatrixError } from '../base/index.ts'
import type { Reply } from './reply.ts'

/** A bundle and its `web` folder, or this source file in the checkout. */
const places = ['./web/', '../../../web/'].map((place) => new URL(place, import.meta.url))

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
}

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ')

const read = new Map<string, Buffer>()

/** One of the page's own files, which stand in `names`. Throws M_NOT_FOUND for any other. */
export function pageReply(folder: string, name: string, names: readonly string[]): Reply {
  if (!names.includes(name)) throw new MatrixError('M_NOT_FOUND', 'There is no such file.')
  const headers = {
    'Content-Type': contentTypes[extname(name)] as string,
    'Content-Security-Policy': policy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-cache',
  }
  return { isReply: true, status: 200, headers, body: readPage(`${folder}/${name}`) }
}

function readPage(path: string): Buffer {
  const known = read.get(path)
  if (known !== undefined) return known
  const found = places.map((place) => new URL(path, place)).find((url) => existsSync(url))
  if (found === undefined) throw new Error(`The page ${path} is not part of this installation.`)
  const bytes = readFileSync(found)
  read.set(path, bytes)
  return bytes
}
