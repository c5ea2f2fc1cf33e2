/** What is counted for one user in one room: the events that notify and are not read. Pure. */

import type { CompiledPushRules } from '@parallax/protocol'
import type { Position } from '../../journal/index.ts'
import type { EventPush, StoredEvent } from '../../rooms/index.ts'
import type { SyncCaller, UnreadCount, UnreadCounts } from '../sync.ts'

/** An event that notifies: `thread` is `main` or the ID of the root. */
export type UnreadItem = { readonly event: number; readonly thread: string; readonly isHighlight: boolean }

export type Tally = {
  countedTo: Position
  items: UnreadItem[]
  /** Events evaluated since the last checkpoint. */
  evaluated: number
  /** The user's display name in the room, as of the member event with that number. */
  displayName: string | undefined
  memberEvent: number
}

export type Listener = {
  readonly caller: SyncCaller
  readonly rules: CompiledPushRules
  readonly ignored: ReadonlySet<string>
}

/** Counts one event in. */
export function addEvent(
  tally: Tally,
  { caller, rules, ignored }: Listener,
  event: StoredEvent,
  push: EventPush,
): void {
  tally.evaluated++
  const { thread } = push
  if (push.sender === caller.userId) {
    // Who speaks in a thread has read it.
    tally.items = tally.items.filter((item) => item.thread !== thread)
    return
  }
  if (ignored.has(push.sender)) return
  const outcome = push.evaluator.evaluate(rules, tally.displayName)
  if (outcome.notify) tally.items.push({ event: event.event, thread, isHighlight: outcome.highlight })
}

/** Sums of the items. */
export function countsOf(items: readonly UnreadItem[]): UnreadCounts {
  const threads = new Map<string, UnreadCount>()
  for (const { thread, isHighlight } of items) {
    const { notify, highlight } = threads.get(thread) ?? noCount
    threads.set(thread, { notify: notify + 1, highlight: highlight + Number(isHighlight) })
  }
  const main = threads.get('main') ?? noCount
  threads.delete('main')
  return { main, threads }
}

const noCount: UnreadCount = { notify: 0, highlight: 0 }
