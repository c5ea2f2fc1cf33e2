/**
 * Headers that keep other people's files from doing harm in a browser. Spec: client-server-api#serving-inline-content.
 */

import { mediaLimits } from './limits.ts'

const inlineTypes: ReadonlySet<string> = new Set([
  'text/css',
  'text/plain',
  'text/csv',
  'application/json',
  'application/ld+json',
  'image/jpeg',
  'image/gif',
  'image/png',
  'image/apng',
  'image/webp',
  'image/avif',
  'video/mp4',
  'video/webm',
  'video/ogg',
  'video/quicktime',
  'audio/mp4',
  'audio/webm',
  'audio/aac',
  'audio/mpeg',
  'audio/ogg',
  'audio/wave',
  'audio/wav',
  'audio/x-wav',
  'audio/x-pn-wav',
  'audio/flac',
  'audio/x-flac',
])

/** The headers of every reply that holds a file. */
export function contentHeaders(contentType: string, fileName: string | null): Record<string, string> {
  return {
    'Content-Type': contentType,
    'Content-Disposition': dispositionOf(contentType, fileName),
    'Content-Security-Policy':
      "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; " +
      "media-src 'self'; object-src 'self';",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'private, max-age=31536000, immutable',
    'Accept-Ranges': 'bytes',
  }
}

/** Inline only for types that a browser shows without running them; names as RFC 6266 has them. */
export function dispositionOf(contentType: string, fileName: string | null): string {
  const type = contentType.split(';', 1)[0]!.trim().toLowerCase()
  const kind = inlineTypes.has(type) ? 'inline' : 'attachment'
  if (fileName === null || fileName === '') return kind
  if (/^[\w.-]+$/.test(fileName)) return `${kind}; filename=${fileName}`
  if (/^[\x20-\x7e]*$/.test(fileName)) return `${kind}; filename="${fileName.replaceAll(/["\\]/g, '\\$&')}"`
  const encoded = encodeURIComponent(fileName).replaceAll(/['()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16)}`)
  return `${kind}; filename*=utf-8''${encoded}`
}

/** The name that a Content-Disposition header gives, in either of its forms; null if it gives none that can be read. */
export function parseFileName(disposition: string): string | null {
  const encoded = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(disposition)?.[1]
  const quoted = /;\s*filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1]
  const plain = /;\s*filename\s*=\s*([^";\s][^;]*)/i.exec(disposition)?.[1]
  const name = decodeName(encoded) ?? quoted?.replaceAll(/\\(.)/g, '$1') ?? plain?.trim() ?? ''
  return name === '' ? null : name.slice(0, mediaLimits.fileNameMax).toWellFormed()
}

function decodeName(encoded: string | undefined): string | undefined {
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded)
  } catch {
    // Not UTF-8: the plain form may be given too.
    return undefined
  }
}

/** `bytes=a-b` of a file; undefined if the whole is to be answered, `none` if no byte is in the range. */
export function parseRange(
  header: string | undefined,
  bytes: number,
): { start: number; end: number } | 'none' | undefined {
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim())
  if (match === null || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '') {
    const length = Number(match[2])
    return length === 0 ? 'none' : { start: Math.max(0, bytes - length), end: bytes - 1 }
  }
  const start = Number(match[1])
  const end = match[2] === '' ? bytes - 1 : Math.min(Number(match[2]), bytes - 1)
  if (start >= bytes) return 'none'
  return end < start ? undefined : { start, end }
}
