/** Interned names, kept in memory both ways within a bound. One per store: it numbers new names itself. */

import { Lru } from '../base/index.ts'
import { storeLimits } from './limits.ts'
import type { Names } from './names-interface.ts'
import { anyOf, type Store, StoreError } from './store.ts'

type NameRow = { nid: number; text: string }

// Two map entries and their keys, beside the text itself.
const entryBytes = 150

class NameCache implements Names {
  readonly #store: Store
  readonly #byText: Lru<string, number>
  readonly #byNumber: Lru<number, string>
  /** Numbered, but not yet committed: must not be forgotten before readers see the row. */
  readonly #uncommitted = new Map<string, number>()
  readonly #uncommittedTexts = new Map<number, string>()
  #next = 0
  #loadingNext: Promise<void> | undefined

  constructor(store: Store, bytesMax: number) {
    this.#store = store
    this.#byText = new Lru(bytesMax / 2)
    this.#byNumber = new Lru(bytesMax / 2)
  }

  peek(text: string): number | undefined {
    return this.#byText.get(text) ?? this.#uncommitted.get(text)
  }

  peekText(nid: number): string | undefined {
    return this.#byNumber.get(nid) ?? this.#uncommittedTexts.get(nid)
  }

  async find(texts: readonly string[]): Promise<(number | undefined)[]> {
    const found = await this.#look(texts)
    return texts.map((text) => found.get(text))
  }

  async intern(texts: readonly string[]): Promise<number[]> {
    const found = await this.#look(texts)
    if (texts.every((text) => found.has(text))) return texts.map((text) => found.get(text)!)
    this.#loadingNext ??= this.#loadNext()
    await this.#loadingNext
    const unknown = [...new Set(texts)].filter((text) => !found.has(text) && this.peek(text) === undefined)
    if (unknown.length > 0) this.#add(unknown)
    return texts.map((text) => found.get(text) ?? this.peek(text)!)
  }

  async texts(numbers: readonly number[]): Promise<string[]> {
    const found = numbers.map((nid) => this.peekText(nid))
    const missing = [...new Set(numbers.filter((_, index) => found[index] === undefined))]
    if (missing.length === 0) return found as string[]
    const rows = await this.#store.reader.all<NameRow>`SELECT nid, text FROM name WHERE nid IN ${anyOf(missing)}`
    const read = new Map(rows.map(({ nid, text }) => [nid, text]))
    for (const { nid, text } of rows) this.#remember(text, nid)
    return numbers.map((nid, index) => {
      const text = found[index] ?? read.get(nid)
      if (text === undefined) throw new StoreError('corrupt', `No name has the number ${nid}.`)
      return text
    })
  }

  #remember(text: string, nid: number): void {
    const cost = text.length + entryBytes
    this.#byText.set(text, nid, cost)
    this.#byNumber.set(nid, text, cost)
  }

  async #loadNext(): Promise<void> {
    const row = await this.#store.reader.first<{ newest: number | null }>`SELECT MAX(nid) AS newest FROM name`
    this.#next = (row?.newest ?? 0) + 1
  }

  /** The numbers that are known; asks the store for those not in memory. */
  async #look(texts: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    const missing = new Set<string>()
    for (const text of texts) {
      const nid = this.peek(text)
      if (nid === undefined) missing.add(text)
      else found.set(text, nid)
    }
    if (missing.size === 0) return found
    const rows = await this.#store.reader.all<NameRow>`SELECT nid, text FROM name WHERE text IN ${anyOf([...missing])}`
    for (const { nid, text } of rows) {
      this.#remember(text, nid)
      found.set(text, nid)
      missing.delete(text)
    }
    // Others may have numbered some of them while this read was under way.
    for (const text of missing) {
      const nid = this.peek(text)
      if (nid !== undefined) found.set(text, nid)
    }
    return found
  }

  /** Numbers new texts and submits them at once; they are known from now on. */
  #add(texts: readonly string[]): void {
    const rows = texts.map((text) => ({ text, nid: this.#next++ }))
    for (const { text, nid } of rows) {
      this.#uncommitted.set(text, nid)
      this.#uncommittedTexts.set(nid, text)
    }
    const settle = (isCommitted: boolean) => (): void => {
      for (const { text, nid } of rows) {
        this.#uncommitted.delete(text)
        this.#uncommittedTexts.delete(nid)
        if (isCommitted) this.#remember(text, nid)
      }
    }
    const inserted = this.#store.transact((tx) => {
      for (const { text, nid } of rows) tx.run`INSERT INTO name (nid, text) VALUES (${nid}, ${text})`
      tx.onCommitted(settle(true))
      tx.onUndone(settle(false))
    })
    inserted.catch(() => {}) // only a failed store undoes it, and then everything after it fails as well
  }
}

/** The names of this store. */
export function createNames(store: Store, bytesMax: number = storeLimits.nameBytesMax): Names {
  return new NameCache(store, bytesMax)
}
