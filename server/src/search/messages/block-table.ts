/** Rows of the index of messages: blocks of some thousand messages each, in pages of terms that begin alike. */

import { anyOf, type Reader, type Writer } from '../../store/index.ts'

/** A block with the numbers of its first and last event. */
export type Span = { readonly block: number; readonly first: number; readonly last: number }

/** `entries` as in page.ts. */
export type PageRow = { readonly block: number; readonly beginning: string; readonly entries: Uint8Array }

type RawSpan = { block: number; first_event: number; last_event: number }

/** In the order in which they were written. */
export async function listSpans(reader: Reader): Promise<Span[]> {
  const rows = await reader.all<RawSpan>`SELECT block, first_event, last_event FROM search_span ORDER BY block`
  return rows.map(({ block, first_event: first, last_event: last }) => ({ block, first, last }))
}

export function insertSpan(tx: Writer, { block, first, last }: Span): void {
  tx.run`INSERT INTO search_span (block, first_event, last_event) VALUES (${block}, ${first}, ${last})`
}

/** The page of each of these blocks for terms that begin so. */
export async function listPages(reader: Reader, blocks: readonly number[], beginning: string): Promise<PageRow[]> {
  return reader.all<PageRow>`
    SELECT block, beginning, entries FROM search_page
    WHERE block IN ${anyOf(blocks)} AND beginning = ${beginning}`
}

/** Pages of a block in order, from above one on. */
export async function listBlock(reader: Reader, block: number, after: string, limit: number): Promise<PageRow[]> {
  return reader.all<PageRow>`
    SELECT block, beginning, entries FROM search_page WHERE block = ${block} AND beginning > ${after}
    ORDER BY beginning LIMIT ${limit}`
}

export function insertPage(tx: Writer, { block, beginning, entries }: PageRow): void {
  tx.run`INSERT INTO search_page (block, beginning, entries) VALUES (${block}, ${beginning}, ${entries})`
}

/** No entries: the row goes. */
export function updatePage(tx: Writer, { block, beginning, entries }: PageRow): void {
  if (entries.length === 0) tx.run`DELETE FROM search_page WHERE block = ${block} AND beginning = ${beginning}`
  else tx.run`UPDATE search_page SET entries = ${entries} WHERE block = ${block} AND beginning = ${beginning}`
}

/** Removes what was written of a block that was not finished. */
export function removeBlocksAfter(tx: Writer, block: number): void {
  tx.run`DELETE FROM search_page WHERE block > ${block}`
}
