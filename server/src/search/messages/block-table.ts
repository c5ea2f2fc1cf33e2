/** Rows of the index of messages: blocks of some thousand messages each, a row for each term of a block. */

import { anyOf, type Reader, type Writer } from '../../store/index.ts'

/** A block with the numbers of its first and last event. */
export type Span = { readonly block: number; readonly first: number; readonly last: number }

export type TermPostings = { readonly term: string; readonly postings: Uint8Array }

type RawSpan = { block: number; first_event: number; last_event: number }

/** In the order in which they were written. */
export async function listSpans(reader: Reader): Promise<Span[]> {
  const rows = await reader.all<RawSpan>`SELECT block, first_event, last_event FROM search_span ORDER BY block`
  return rows.map(({ block, first_event: first, last_event: last }) => ({ block, first, last }))
}

export function insertSpan(tx: Writer, { block, first, last }: Span): void {
  tx.run`INSERT INTO search_span (block, first_event, last_event) VALUES (${block}, ${first}, ${last})`
}

/** Rows of these blocks whose term is from `from` up to below `to`. */
export async function listPostings(
  reader: Reader,
  blocks: readonly number[],
  [from, to]: readonly [from: string, to: string],
  limit: number,
): Promise<(TermPostings & { block: number })[]> {
  return reader.all<TermPostings & { block: number }>`
    SELECT block, term, postings FROM search_block
    WHERE block IN ${anyOf(blocks)} AND term >= ${from} AND term < ${to} LIMIT ${limit}`
}

/** Rows of a block in order of their terms, from above one on. */
export async function listBlock(reader: Reader, block: number, after: string, limit: number): Promise<TermPostings[]> {
  return reader.all<TermPostings>`
    SELECT term, postings FROM search_block WHERE block = ${block} AND term > ${after} ORDER BY term LIMIT ${limit}`
}

export function insertPostings(tx: Writer, block: number, { term, postings }: TermPostings): void {
  tx.run`INSERT INTO search_block (block, term, postings) VALUES (${block}, ${term}, ${postings})`
}

/** No postings: the row goes. */
export function updatePostings(tx: Writer, block: number, { term, postings }: TermPostings): void {
  if (postings.length === 0) tx.run`DELETE FROM search_block WHERE block = ${block} AND term = ${term}`
  else tx.run`UPDATE search_block SET postings = ${postings} WHERE block = ${block} AND term = ${term}`
}

/** Removes what was written of a block that was not finished. */
export function removeBlocksAfter(tx: Writer, block: number): void {
  tx.run`DELETE FROM search_block WHERE block > ${block}`
}
