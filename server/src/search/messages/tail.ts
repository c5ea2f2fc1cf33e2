/** The newest messages, indexed in memory until they are enough for a block. */

import { messageLimits } from '../limits.ts'
import { beginningOf, COUNT_MAX, type Entry, encodePage, type Posting } from './page.ts'
import { termsOf } from './terms.ts'

type Place = { readonly event: number; readonly room: number; readonly stream: number }

/** How often a term occurs fits below. */
const UNIT = COUNT_MAX + 1

export class Tail {
  /** By index; undefined: taken out. */
  readonly #places: (Place | undefined)[] = []
  readonly #indexes = new Map<number, number>()
  /** By term: the index of each event's place times `UNIT`, plus how often the term occurs. */
  readonly #terms = new Map<string, number[]>()
  #textChars = 0

  /** Messages in it. */
  get size(): number {
    return this.#indexes.size
  }

  /** Characters of their texts. */
  get textChars(): number {
    return this.#textChars
  }

  add({ event, room, stream }: Place, text: string): void {
    if (this.#indexes.has(event)) return
    const base = this.#places.push({ event, room, stream }) * UNIT - UNIT
    this.#indexes.set(event, base / UNIT)
    this.#textChars += text.length
    let added = 0
    for (const term of termsOf(text)) {
      const marks = this.#terms.get(term)
      const last = marks === undefined ? -1 : marks[marks.length - 1]!
      if (last >= base) {
        if (last < base + COUNT_MAX) marks![marks!.length - 1] = last + 1
      } else if (added++ < messageLimits.termsMax) {
        if (marks === undefined) this.#terms.set(term, [base + 1])
        else marks.push(base + 1)
      }
    }
  }

  /** Takes an event out; false: it is not in it. */
  remove(event: number): boolean {
    const index = this.#indexes.get(event)
    if (index === undefined) return false
    this.#indexes.delete(event)
    this.#places[index] = undefined
    return true
  }

  /** Calls `found` for each place of this term, or of all that begin with it. */
  find(term: string, isPrefix: boolean, found: (term: string, posting: Posting) => void): void {
    const tell = (one: string, marks: readonly number[]): void => {
      for (const posting of this.#postingsOf(marks)) found(one, posting)
    }
    if (isPrefix) {
      for (const [one, marks] of this.#terms) if (one.startsWith(term)) tell(one, marks)
    } else tell(term, this.#terms.get(term) ?? [])
  }

  /** Everything as pages, in their order; each is encoded when it is asked for. */
  *listPages(): Generator<{ beginning: string; entries: Uint8Array }> {
    const pages = Map.groupBy(this.#terms, ([term]) => beginningOf(term))
    for (const beginning of [...pages.keys()].sort()) {
      const entries: Entry[] = []
      for (const [term, marks] of pages.get(beginning)!) {
        const postings = this.#postingsOf(marks).sort((one, other) => one.event - other.event)
        if (postings.length > 0) entries.push({ term, postings })
      }
      if (entries.length > 0) yield { beginning, entries: encodePage(entries) }
    }
  }

  /** Numbers of its first and last event; undefined: it is empty. */
  span(): { first: number; last: number } | undefined {
    if (this.size === 0) return undefined
    let first = Number.MAX_SAFE_INTEGER
    let last = 0
    for (const event of this.#indexes.keys()) {
      first = Math.min(first, event)
      last = Math.max(last, event)
    }
    return { first, last }
  }

  #postingsOf(marks: readonly number[]): Posting[] {
    const postings: Posting[] = []
    for (const mark of marks) {
      const place = this.#places[Math.floor(mark / UNIT)]
      if (place === undefined) continue
      postings.push({ event: place.event, room: place.room, stream: place.stream, count: mark % UNIT })
    }
    return postings
  }
}
