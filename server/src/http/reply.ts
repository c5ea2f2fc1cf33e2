/** Replies that are more than an object written as JSON. */

/** Hands a body over piece by piece; `write` resolves when the socket has taken the bytes. */
export type Pour = (write: (piece: Uint8Array) => Promise<void>) => Promise<void>

export type Reply = {
  readonly isReply: true
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Text of JSON if no content type is given; bytes otherwise. What is poured needs `bodyBytes`. */
  readonly body: string | Uint8Array | Pour
  readonly bodyBytes?: number
}

/** A reply whose JSON text is ready: stored text spliced together, never parsed and written again. */
export function jsonText(text: string, status = 200): Reply {
  return { isReply: true, status, headers: {}, body: text }
}

/** A JSON reply with another status than 200. */
export function jsonReply(value: object, status: number): Reply {
  return jsonText(JSON.stringify(value), status)
}

/** A page for a browser: no scripts, no frames, styles only of its own. */
export function htmlReply(html: string, status = 200): Reply {
  const headers = {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy':
      "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  }
  return { isReply: true, status, headers, body: html }
}

/** A file, or a part of one. */
export function fileReply(file: {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | Pour
  readonly bytes: number
}): Reply {
  return { isReply: true, status: file.status, headers: file.headers, body: file.body, bodyBytes: file.bytes }
}

/** Plain text with a content type of its own. */
export function textReply(text: string, contentType = 'text/plain; charset=utf-8'): Reply {
  return { isReply: true, status: 200, headers: { 'Content-Type': contentType }, body: text }
}

/** True for an answer made by the functions above. */
export function isReply(answer: object): answer is Reply {
  return (answer as Partial<Reply>).isReply === true
}
