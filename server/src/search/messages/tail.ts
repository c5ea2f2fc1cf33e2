/** The newest messages, indexed in memory until they are enough for a block. */

import type { Posting } from './postings.ts'
import { countTerms } from './terms.ts'

export class Tail {
  readonly #terms = new Map<string, Posting[]>()
  readonly #events = new Set<number>()
  #textChars = 0

  /** Messages in it. */
  get size(): number {
    return this.#events.size
  }

  /** Characters of their texts. */
  get textChars(): number {
    return this.#textChars
  }

  add({ event, room, stream }: { event: number; room: number; stream: number }, text: string): void {
    if (this.#events.has(event)) return
    this.#events.add(event)
    this.#textChars += text.length
    for (const [term, count] of countTerms(text)) {
      const postings = this.#terms.get(term)
      if (postings === undefined) this.#terms.set(term, [{ event, room, stream, count }])
      else postings.push({ event, room, stream, count })
    }
  }

  /** Takes an event out; false: it is not in it. */
  remove(event: number): boolean {
    if (!this.#events.delete(event)) return false
    for (const [term, postings] of this.#terms) {
      const index = postings.findIndex((posting) => posting.event === event)
      if (index >= 0) postings.splice(index, 1)
      if (postings.length === 0) this.#terms.delete(term)
    }
    return true
  }

  /** Postings by term: of this one, or of all that begin with it. */
  *list(term: string, isPrefix: boolean): Generator<[term: string, postings: readonly Posting[]]> {
    if (isPrefix) {
      for (const entry of this.#terms) if (entry[0].startsWith(term)) yield entry
      return
    }
    const postings = this.#terms.get(term)
    if (postings !== undefined) yield [term, postings]
  }

  /** Everything in order of terms and events. */
  listAll(): [term: string, postings: Posting[]][] {
    const all = [...this.#terms]
    for (const [, postings] of all) postings.sort((one, other) => one.event - other.event)
    return all.sort(([one], [other]) => (one < other ? -1 : 1))
  }

  /** Numbers of its first and last event; undefined: it is empty. */
  span(): { first: number; last: number } | undefined {
    if (this.#events.size === 0) return undefined
    let first = Number.MAX_SAFE_INTEGER
    let last = 0
    for (const event of this.#events) {
      first = Math.min(first, event)
      last = Math.max(last, event)
    }
    return { first, last }
  }
}
