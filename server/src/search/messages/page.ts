/**
 * A page of the index as bytes: terms that begin alike, each with where it occurs. An entry is the length of the term
 * and the term (UTF-8), the length of its postings and the postings: for each event, in order, how far its number is
 * from the one before, its room, how often the term occurs, and its place in the timeline if that is not its number.
 */

export type Posting = {
  readonly event: number
  readonly room: number
  readonly stream: number
  /** How often the term occurs, at most `COUNT_MAX`. */
  readonly count: number
}

export const COUNT_MAX = 15

export type Entry = { readonly term: string; readonly postings: readonly Posting[] }

/** On which page a term stands. Words that begin with three letters, and runs with one character, are on one page. */
export function beginningOf(term: string): string {
  if (term.charCodeAt(0) < 0x80) return term.slice(0, 2)
  return String.fromCodePoint(term.codePointAt(0)!)
}

/** `postings` in order of their events. */
export function encodePage(entries: Iterable<Entry>): Uint8Array {
  const bytes: number[] = []
  for (const { term, postings } of entries) {
    pushBytes(bytes, Buffer.from(term))
    pushBytes(bytes, encodePostings(postings))
  }
  return new Uint8Array(bytes)
}

/** Calls `found` with each place of the terms that begin so; an empty beginning: of all. */
export function decodePage(
  bytes: Uint8Array,
  beginning: string,
  found: (term: string, posting: Posting) => void,
): void {
  const wanted = Buffer.from(beginning)
  const reading = { bytes, at: 0 }
  while (reading.at < bytes.length) {
    const length = takeNumber(reading)
    const start = reading.at
    reading.at += length
    const end = takeNumber(reading) + reading.at
    if (length >= wanted.length && isAt(bytes, start, wanted)) {
      const term = Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString()
      decodePostings(reading, end, (posting) => found(term, posting))
    }
    reading.at = end
  }
}

/** Most terms of a page are not wanted: they are told apart before they become texts. */
function isAt(bytes: Uint8Array, start: number, wanted: Uint8Array): boolean {
  for (let index = wanted.length - 1; index >= 0; index--) if (bytes[start + index] !== wanted[index]) return false
  return true
}

/** The page without some events; undefined: it names none of them. Empty: nothing is left. */
export function withoutEvents(bytes: Uint8Array, gone: ReadonlySet<number>): Uint8Array | undefined {
  const kept = new Map<string, Posting[]>()
  let isChanged = false
  decodePage(bytes, '', (term, posting) => {
    if (gone.has(posting.event)) isChanged = true
    else if (kept.has(term)) kept.get(term)!.push(posting)
    else kept.set(term, [posting])
  })
  return isChanged ? encodePage([...kept].map(([term, postings]) => ({ term, postings }))) : undefined
}

function encodePostings(postings: readonly Posting[]): number[] {
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
  return bytes
}

type Reading = { readonly bytes: Uint8Array; at: number }

function decodePostings(reading: Reading, end: number, found: (posting: Posting) => void): void {
  let event = 0
  while (reading.at < end) {
    event += takeNumber(reading)
    const room = takeNumber(reading)
    const mark = takeNumber(reading)
    const place = mark % 2 === 1 ? takeNumber(reading) : undefined
    const stream = place === undefined ? event : place % 2 === 1 ? -(place - 1) / 2 : place / 2
    found({ event, room, stream, count: mark >> 1 })
  }
}

function pushBytes(bytes: number[], more: ArrayLike<number>): void {
  pushNumber(bytes, more.length)
  for (let index = 0; index < more.length; index++) bytes.push(more[index]!)
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

function takeNumber(reading: Reading): number {
  let value = 0
  let unit = 1
  for (;;) {
    const byte = reading.bytes[reading.at++]
    if (byte === undefined) throw new Error('a page of the index ends early')
    value += (byte & 0x7f) * unit
    if (byte < 0x80) return value
    unit *= 0x80
  }
}
