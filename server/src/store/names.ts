/** Interned names, kept in memory both ways within a bound. One per store: it numbers new names itself. */

import { Lru } from '../base/index.ts'
import { storeLimits } from './limits.ts'
import type { Names } from './names-interface.ts'
import { anyOf, type Store, StoreError } from './store.ts'

type NameRow = { nid: number; text: string }

// Two map entries and their keys, beside the text itself.
const entryBytes = 150

/** The names of this store. */
export function createNames(store: Store, bytesMax: number = storeLimits.nameBytesMax): Names {
  const byText = new Lru<string, number>(bytesMax / 2)
  const byNumber = new Lru<number, string>(bytesMax / 2)
  /** Numbered, but not yet committed: must not be forgotten before readers see the row. */
  const uncommitted = new Map<string, number>()
  const uncommittedTexts = new Map<number, string>()
  let next: number | undefined
  let loadingNext: Promise<void> | undefined

  function remember(text: string, nid: number): void {
    const cost = text.length + entryBytes
    byText.set(text, nid, cost)
    byNumber.set(nid, text, cost)
  }

  const peek = (text: string): number | undefined => byText.get(text) ?? uncommitted.get(text)
  const peekText = (nid: number): string | undefined => byNumber.get(nid) ?? uncommittedTexts.get(nid)

  async function loadNext(): Promise<void> {
    const row = await store.reader.first<{ newest: number | null }>`SELECT MAX(nid) AS newest FROM name`
    next = (row?.newest ?? 0) + 1
  }

  /** The numbers that are known; asks the store for those not in memory. */
  async function look(texts: readonly string[]): Promise<Map<string, number>> {
    const found = new Map<string, number>()
    const missing = new Set<string>()
    for (const text of texts) {
      const nid = peek(text)
      if (nid === undefined) missing.add(text)
      else found.set(text, nid)
    }
    if (missing.size === 0) return found
    const rows = await store.reader.all<NameRow>`SELECT nid, text FROM name WHERE text IN ${anyOf([...missing])}`
    for (const { nid, text } of rows) {
      remember(text, nid)
      found.set(text, nid)
      missing.delete(text)
    }
    // Others may have numbered some of them while this read was under way.
    for (const text of missing) {
      const nid = peek(text)
      if (nid !== undefined) found.set(text, nid)
    }
    return found
  }

  /** Numbers new texts and submits them at once; they are known from now on. */
  function add(texts: readonly string[]): void {
    const rows = texts.map((text) => ({ text, nid: next!++ }))
    for (const { text, nid } of rows) {
      uncommitted.set(text, nid)
      uncommittedTexts.set(nid, text)
    }
    const settle = (isCommitted: boolean) => (): void => {
      for (const { text, nid } of rows) {
        uncommitted.delete(text)
        uncommittedTexts.delete(nid)
        if (isCommitted) remember(text, nid)
      }
    }
    const inserted = store.transact((tx) => {
      for (const { text, nid } of rows) tx.run`INSERT INTO name (nid, text) VALUES (${nid}, ${text})`
      tx.onCommitted(settle(true))
      tx.onUndone(settle(false))
    })
    inserted.catch(() => {}) // only a failed store undoes it, and then everything after it fails as well
  }

  return {
    peek,
    peekText,
    async find(texts) {
      const found = await look(texts)
      return texts.map((text) => found.get(text))
    },
    async intern(texts) {
      const found = await look(texts)
      if (next === undefined && texts.some((text) => !found.has(text))) {
        loadingNext ??= loadNext()
        await loadingNext
      }
      const unknown = [...new Set(texts)].filter((text) => !found.has(text) && peek(text) === undefined)
      if (unknown.length > 0) add(unknown)
      return texts.map((text) => found.get(text) ?? peek(text)!)
    },
    async texts(numbers) {
      const found = numbers.map(peekText)
      const missing = [...new Set(numbers.filter((_, index) => found[index] === undefined))]
      if (missing.length === 0) return found as string[]
      const rows = await store.reader.all<NameRow>`SELECT nid, text FROM name WHERE nid IN ${anyOf(missing)}`
      const read = new Map(rows.map(({ nid, text }) => [nid, text]))
      for (const { nid, text } of rows) remember(text, nid)
      return numbers.map((nid, index) => {
        const text = found[index] ?? read.get(nid)
        if (text === undefined) throw new StoreError('corrupt', `No name has the number ${nid}.`)
        return text
      })
    },
  }
}
