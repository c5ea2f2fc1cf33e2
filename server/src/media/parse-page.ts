/** What a page says of itself: OpenGraph, else its title and description. Only the head is read. */

import { Parser } from 'htmlparser2'
import { mediaLimits } from './limits.ts'

export type PageFacts = {
  /** `og:` properties by name; the first of each counts. */
  readonly properties: ReadonlyMap<string, string>
  /** Address of an oEmbed description in JSON. */
  readonly oembed: string | undefined
}

const charsetForm = /charset\s*=\s*["']?([\w-]+)/i

/** The page's text in the charset that its header or its own head names; UTF-8 if that is none we know. */
export function decodePage(bytes: Uint8Array, contentType: string): string {
  const head = Buffer.from(bytes.subarray(0, 4_096)).toString('latin1')
  const name = charsetForm.exec(contentType)?.[1] ?? charsetForm.exec(head)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(name).decode(bytes)
  } catch {
    // A name that nobody knows: most of the web is UTF-8.
    return new TextDecoder().decode(bytes)
  }
}

export function parsePage(html: string): PageFacts {
  const properties = new Map<string, string>()
  const fallback = new Map<string, string>()
  let oembed: string | undefined
  let title: string | undefined
  const note = (into: Map<string, string>, name: string, text: string): void => {
    const short = text.trim().replaceAll(/\s+/g, ' ').slice(0, mediaLimits.previewTextMax)
    if (short !== '' && !into.has(name)) into.set(name, short)
  }
  const parser = new Parser({
    onopentag(name, { property, name: metaName, content, type, href }) {
      if (name === 'title' && title === undefined) title = ''
      if (name === 'link' && type?.toLowerCase() === 'application/json+oembed') oembed ??= href
      if (name !== 'meta' || content === undefined) return
      const key = (property ?? metaName ?? '').toLowerCase()
      if (key.startsWith('og:')) note(properties, key, content)
      if (key === 'twitter:title') note(fallback, 'og:title', content)
      if (key === 'description' || key === 'twitter:description') note(fallback, 'og:description', content)
      if (key === 'twitter:image') note(fallback, 'og:image', content)
    },
    ontext(text) {
      if (title !== undefined && title.length < mediaLimits.previewTextMax && !fallback.has('title')) title += text
    },
    onclosetag(name) {
      if (name === 'title' && title !== undefined) note(fallback, 'title', title)
      if (name === 'head') parser.pause()
    },
  })
  parser.end(html)
  if (!fallback.has('og:title') && fallback.has('title')) fallback.set('og:title', fallback.get('title')!)
  fallback.delete('title')
  for (const [name, text] of fallback) if (!properties.has(name)) properties.set(name, text)
  return { properties, oembed }
}
