/**
 * Where a term occurs, as bytes: for each event, in order, how far its number is from the one before, its room, how
 * often the term occurs, and its place in the timeline if that is not its number.
 */

export type Posting = {
  readonly event: number
  readonly room: number
  readonly stream: number
  /** How often the term occurs, at most 15. */
  readonly count: number
}

const COUNT_MAX = 15

/** `postings` in order of their events. */
export function encodePostings(postings: readonly Posting[]): Uint8Array {
  const bytes: number[] = []
  let last = 0
  for (const { event, room, stream, count } of postings) {
    const isElsewhere = stream !== event
    pushNumber(bytes, event - last)
    pushNumber(bytes, room)
    bytes.push(Math.min(count, COUNT_MAX) * 2 + (isElsewhere ? 1 : 0))
    if (isElsewhere) pushNumber(bytes, stream < 0 ? -stream * 2 + 1 : stream * 2)
    last = event
  }
  return Uint8Array.from(bytes)
}

/** Seven bits a byte, lowest first; numbers may have more than 32 bits. */
function pushNumber(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}

/** Calls `found` for each posting, in order. */
export function decodePostings(bytes: Uint8Array, found: (posting: Posting) => void): void {
  let at = 0
  const next = (): number => {
    let value = 0
    let unit = 1
    for (;;) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('a list of postings ends early')
      value += (byte & 0x7f) * unit
      if (byte < 0x80) return value
      unit *= 0x80
    }
  }
  let event = 0
  while (at < bytes.length) {
    event += next()
    const room = next()
    const mark = next()
    const place = mark % 2 === 1 ? next() : undefined
    const stream = place === undefined ? event : place % 2 === 1 ? -(place - 1) / 2 : place / 2
    found({ event, room, stream, count: mark >> 1 })
  }
}
