/** Pages of the index as bytes, with random terms and places. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { beginningOf, COUNT_MAX, decodePage, type Entry, encodePage, type Posting, withoutEvents } from './page.ts'

const number = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 53 - 1 }))
const posting = fc.record({
  event: number,
  room: number,
  stream: fc.option(fc.oneof(number, fc.integer({ min: -(2 ** 50), max: -1 })), { nil: undefined }),
  count: fc.integer({ min: 1, max: COUNT_MAX }),
})
const entry = fc.record({
  term: fc.string({ minLength: 1, unit: 'grapheme' }),
  postings: fc.uniqueArray(posting, { minLength: 1, selector: ({ event }) => event }),
})
const pages = fc.uniqueArray(entry, { selector: ({ term }) => term }).map((entries) =>
  entries.map(
    ({ term, postings }): Entry => ({
      term,
      postings: postings
        .map((one): Posting => ({ ...one, stream: one.stream ?? one.event }))
        .sort((one, other) => one.event - other.event),
    }),
  ),
)

function read(bytes: Uint8Array, beginning = ''): [string, Posting][] {
  const found: [string, Posting][] = []
  decodePage(bytes, beginning, (term, one) => found.push([term, one]))
  return found
}

const listOf = (entries: readonly Entry[]) =>
  entries.flatMap(({ term, postings }) => postings.map((one): [string, Posting] => [term, one]))

test('a page is read as it was written, all of it or the terms that begin alike', () => {
  fc.assert(
    fc.property(pages, (entries) => {
      const bytes = encodePage(entries)
      assert.deepEqual(read(bytes), listOf(entries))
      const beginning = entries[0]?.term.slice(0, 1) ?? 'x'
      const expected = beginning.isWellFormed() ? entries.filter(({ term }) => term.startsWith(beginning)) : []
      if (beginning.isWellFormed()) assert.deepEqual(read(bytes, beginning), listOf(expected))
    }),
  )
})

test('events can be taken out of a page', () => {
  fc.assert(
    fc.property(pages, (entries) => {
      const events = [...new Set(listOf(entries).map(([, { event }]) => event))]
      const gone = new Set(events.filter((_, index) => index % 2 === 0))
      const left = withoutEvents(encodePage(entries), gone)
      assert.equal(left === undefined, gone.size === 0)
      if (left !== undefined) {
        assert.deepEqual(
          read(left),
          listOf(entries).filter(([, { event }]) => !gone.has(event)),
        )
      }
      assert.equal(withoutEvents(encodePage(entries), new Set([0])), undefined)
    }),
  )
})

test('terms that begin with what is searched for are on one page', () => {
  for (const [term, beginning] of [
    ['abc', 'ab'],
    ['a', 'a'],
    ['été', 'é'],
    ['東京', '東'],
    ['𠮷野', '𠮷'],
  ] as const) {
    assert.equal(beginningOf(term), beginning)
  }
})
