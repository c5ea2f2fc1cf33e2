/** Replies that are more than an object written as JSON. */

export type Reply = {
  readonly isReply: true
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Text of JSON if no content type is given; bytes otherwise. */
  readonly body: string | Uint8Array
}

/** A reply whose JSON text is ready: stored text spliced together, never parsed and written again. */
export function jsonText(text: string, status = 200): Reply {
  return { isReply: true, status, headers: {}, body: text }
}
