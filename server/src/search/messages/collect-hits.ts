/** All places where the wanted terms occur together in some rooms: from the tail and the blocks, newest first. */

import type { Reader } from '../../store/index.ts'
import { messageLimits } from '../limits.ts'
import { listPages, type Span } from './block-table.ts'
import { beginningOf, decodePage, type Posting } from './page.ts'
import type { Tail } from './tail.ts'
import type { Wanted } from './terms.ts'

/** An event that has all the terms. */
export type Hit = {
  readonly event: number
  readonly room: number
  readonly stream: number
  /** How well each term matches, in the order of the terms: 0 to 1. */
  readonly weights: number[]
}

export type Where = {
  readonly rooms: ReadonlySet<number>
  /** Later events are left out, so that pages of one search agree. */
  readonly upTo: number
}

/** Hits in one part of the index, by event. */
type Found = Map<number, Hit>

type View = { readonly spans: readonly Span[]; readonly tail: Tail }

/** In no order; at most about `hitsMax`, of the newest blocks. */
export async function collectHits(
  reader: Reader,
  { spans, tail }: View,
  terms: readonly Wanted[],
  where: Where,
): Promise<Hit[]> {
  const hits = searchTail(tail, terms, where)
  for (let end = spans.length; end > 0 && hits.length < messageLimits.hitsMax; end -= messageLimits.blocksAtOnce) {
    const some = spans.slice(Math.max(0, end - messageLimits.blocksAtOnce), end)
    const blocks = some.filter(({ first }) => first <= where.upTo).map(({ block }) => block)
    for (const hit of await searchBlocks(reader, blocks, terms, where)) hits.push(hit)
  }
  return hits
}

/** Done at once: what the tail holds may be written as a block afterwards. */
function searchTail(tail: Tail, terms: readonly Wanted[], where: Where): Hit[] {
  let found: Found | undefined
  for (const wanted of terms) {
    const next: Found = new Map()
    const before = found
    tail.find(wanted.term, wanted.isPrefix, (term, posting) => {
      note(next, before, posting, { where, isWhole: term === wanted.term })
    })
    found = next
  }
  return [...(found?.values() ?? [])]
}

async function searchBlocks(
  reader: Reader,
  blocks: readonly number[],
  terms: readonly Wanted[],
  where: Where,
): Promise<Hit[]> {
  let found: Found | undefined
  let left: readonly number[] = blocks
  for (const { term, isPrefix } of terms) {
    if (left.length === 0) return []
    const next: Found = new Map()
    const hit = new Set<number>()
    const last = found
    for (const page of await listPages(reader, left, beginningOf(term))) {
      const before = next.size
      decodePage(page.entries, term, (one, posting) => {
        if (isPrefix || one === term) note(next, last, posting, { where, isWhole: one === term })
      })
      if (next.size > before) hit.add(page.block)
    }
    found = next
    left = left.filter((block) => hit.has(block))
  }
  return [...(found?.values() ?? [])]
}

/** Takes a posting of the next term into `next`, if the event has all terms before it. */
function note(
  next: Found,
  before: Found | undefined,
  { event, room, stream, count }: Posting,
  { where, isWhole }: { readonly where: Where; readonly isWhole: boolean },
): void {
  if (event > where.upTo || !where.rooms.has(room)) return
  const weight = (count / (count + 1)) * (isWhole ? 1 : 0.6)
  const known = next.get(event)
  if (known !== undefined) {
    known.weights.push(Math.max(known.weights.pop()!, weight))
    return
  }
  if (before === undefined) {
    next.set(event, { event, room, stream, weights: [weight] })
    return
  }
  const hit = before.get(event)
  if (hit === undefined) return
  hit.weights.push(weight)
  next.set(event, hit)
}

export type Ranked = Hit & { readonly rank: number }

/** Best first, or newest first. All hits have all words, so how rare a word is says nothing. */
export function rankHits(hits: readonly Hit[], order: 'rank' | 'recent'): Ranked[] {
  const ranked = hits.map((hit) => ({ ...hit, rank: hit.weights.reduce((sum, weight) => sum + weight, 0) }))
  const isNewer = (one: Hit, other: Hit): number => other.stream - one.stream || other.event - one.event
  if (order === 'recent') return ranked.sort(isNewer)
  return ranked.sort((one, other) => other.rank - one.rank || isNewer(one, other))
}
