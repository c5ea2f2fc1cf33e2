/**
 * Keeps the index of messages, well after they were sent: it reads events in order of their numbers when some have
 * gathered or somebody searches. What is not in a block yet is indexed in memory, and read again after a restart.
 */

import { setImmediate } from 'node:timers/promises'
import { createKeyedQueue } from '../../base/index.ts'
import type { JournalRecord } from '../../journal/index.ts'
import type { StoredEvent, StoredText } from '../../rooms/index.ts'
import type { Store } from '../../store/index.ts'
import { messageLimits } from '../limits.ts'
import { findProgress, upsertProgress } from '../progress-table.ts'
import type { SearchDeps } from '../search.ts'
import { insertPage, insertSpan, listSpans, type PageRow, removeBlocksAfter, type Span } from './block-table.ts'
import { purgeBlock } from './purge-block.ts'
import { searchableTextOf, searchedKeys } from './searchable-text.ts'
import { Tail } from './tail.ts'

export interface MessageIndex {
  /** What is indexed now: the blocks, oldest first, and what is in none yet. */
  view(): { readonly spans: readonly Span[]; readonly tail: Tail }
  handle(records: readonly JournalRecord[]): Promise<void>
  /** Indexes everything up to a position; ends early when the component is closed. */
  catchUp(upTo: number): Promise<void>
  close(): void
}

type IndexDeps = Pick<SearchDeps, 'store' | 'names' | 'rooms'>

/** How far blocks reach: events up to here are in a block or need none. */
const PROGRESS = 'messages'

type State = {
  spans: Span[]
  tail: Tail
  /** Events up to here are in the tail or in a block. */
  reached: number
  scanned: number
  waiting: number
  /** Redacted events that may be in blocks. */
  readonly redacted: Set<number>
  isClosed: boolean
}

export async function createMessageIndex(deps: IndexDeps): Promise<MessageIndex> {
  const { store, rooms } = deps
  const reached = (await findProgress(store.reader, PROGRESS)) ?? 0
  const state: State = {
    ...{ spans: await listSpans(store.reader), tail: new Tail(), reached },
    ...{ scanned: 0, waiting: 0, redacted: new Set(), isClosed: false },
  }
  const turns = createKeyedQueue<'messages'>()

  async function scan(upTo: number): Promise<void> {
    const types = await loadTypes(deps)
    while (!state.isClosed && state.reached < upTo) {
      const walk = { after: state.reached, upTo, types: [...types.keys()], limit: messageLimits.indexedAtOnce }
      const events = await rooms.listStored(walk)
      const redactions: number[] = []
      for (const event of events) {
        if (event.body === null || event.stream === null) continue
        if (types.get(event.type) === 'm.room.redaction') redactions.push(event.event)
        else addText(state.tail, event, types.get(event.type)!)
      }
      if (redactions.length > 0) await removeRedacted(deps, state, redactions)
      state.reached = events.length < walk.limit ? upTo : events.at(-1)!.event
      state.scanned += events.length
      if (isFull(state)) await flush(deps, state)
      if (state.reached < upTo) await setImmediate()
    }
    state.waiting = 0
  }

  /** Events that got their place long after they were stored: the scan has passed them. */
  async function addLate(events: readonly number[]): Promise<void> {
    const types = await loadTypes(deps)
    const late = (await rooms.listEvents(events)).filter(({ event }) => event <= state.reached)
    for (const event of late) {
      const type = types.get(event.type)
      const isShown = event.outcome === 0 && event.stream !== null && event.redactedBy === null
      if (isShown && type !== undefined && type !== 'm.room.redaction') addText(state.tail, event, type)
    }
    if (late.length > 0) await flush(deps, state)
  }

  return {
    view: () => ({ spans: state.spans, tail: state.tail }),
    catchUp: (upTo) => turns.run('messages', () => scan(upTo)),
    async handle(records) {
      const late: number[] = []
      for (const { entry } of records) {
        if (entry.kind !== 'event') continue
        state.waiting++
        if (entry.event !== undefined) late.push(entry.event)
      }
      if (late.length > 0) await turns.run('messages', () => addLate(late))
      const last = records.at(-1)?.position
      // While the index is built, others who follow the journal here do not wait for it.
      if (state.waiting >= messageLimits.waitingMax && last !== undefined && turns.size === 0) {
        await turns.run('messages', () => scan(last))
      }
    },
    close() {
      state.isClosed = true
    },
  }
}

/** Names of the types of events that are read, by number. */
async function loadTypes({ names }: IndexDeps): Promise<ReadonlyMap<number, string>> {
  const types = [...searchedKeys.keys(), 'm.room.redaction']
  const numbers = await names.find(types)
  return new Map(numbers.flatMap((number, index) => (number === undefined ? [] : [[number, types[index]!]])))
}

function addText(tail: Tail, event: StoredText | StoredEvent, type: string): void {
  const { stream, body } = event
  const content = JSON.parse(`{${body!.slice(0, body!.lastIndexOf(',"origin_server_ts":'))}}`).content
  const text = searchableTextOf(type, content)
  if (text !== '') tail.add({ ...event, stream: stream! }, text)
}

async function removeRedacted({ rooms }: IndexDeps, state: State, redactions: readonly number[]): Promise<void> {
  const ids = (await rooms.listEvents(redactions)).flatMap((event) => {
    const { redacts } = JSON.parse(`{${event.body},${event.rest}}`)
    const target = redacts ?? JSON.parse(`{${event.body}}`).content.redacts
    return typeof target === 'string' ? [target as StoredEvent['eventId']] : []
  })
  for (const { event, redactedBy } of await rooms.listEventsById(ids)) {
    if (redactedBy !== null && !state.tail.remove(event)) state.redacted.add(event)
  }
}

function isFull({ tail, scanned }: State): boolean {
  if (tail.size >= messageLimits.blockMessages || tail.textChars >= messageLimits.blockCharsMax) return true
  return scanned >= messageLimits.blockEventsMax
}

/** Writes the tail as a block; what is redacted goes from the older ones. A block counts when it is whole. */
async function flush({ store }: IndexDeps, state: State): Promise<void> {
  for (const span of state.spans) {
    const gone = [...state.redacted].filter((event) => event >= span.first && event <= span.last)
    if (gone.length > 0) await purgeBlock(store, span.block, new Set(gone))
  }
  const block = (state.spans.at(-1)?.block ?? 0) + 1
  const { tail, reached } = state
  const span = tail.span()
  if (span !== undefined) await writePages(store, block, tail)
  await store.transact((tx) => {
    if (span !== undefined) insertSpan(tx, { block, ...span })
    upsertProgress(tx, PROGRESS, reached)
  })
  if (span !== undefined) state.spans = [...state.spans, { block, ...span }]
  state.tail = new Tail()
  state.redacted.clear()
  state.scanned = 0
}

async function writePages(store: Store, block: number, tail: Tail): Promise<void> {
  await store.transact((tx) => removeBlocksAfter(tx, block - 1))
  let some: PageRow[] = []
  const write = async (): Promise<void> => {
    await store.transact((tx) => {
      for (const page of some) insertPage(tx, page)
    })
    some = []
    await setImmediate()
  }
  for (const page of tail.listPages()) if (some.push({ block, ...page }) === messageLimits.pagesAtOnce) await write()
  if (some.length > 0) await write()
}
