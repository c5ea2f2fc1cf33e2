/** What is counted for one user in one room: the events that notify and are not read. Pure. */

import type { CompiledPushRules } from '@parallax/protocol'
import type { Position } from '../../journal/index.ts'
import type { EventPush, StoredEvent } from '../../rooms/index.ts'
import type { SyncCaller, UnreadCount, UnreadCounts } from '../sync.ts'

/** An event that notifies: `thread` is `main` or the ID of the root. */
export type UnreadItem = { readonly event: number; readonly thread: string; readonly isHighlight: boolean }

export type Tally = {
  countedTo: Position
  /** In the order of the events. */
  items: UnreadItem[]
  /** Events before the newest that are not counted yet. */
  gap: Gap | undefined
  /** Events evaluated since the last checkpoint. */
  evaluated: number
  /** The user's display name in the room, as of the member event with that number. */
  displayName: string | undefined
  memberEvent: number
}

/** Positions, both exclusive. */
export type Gap = {
  readonly after: Position
  readonly before: Position
  /** Events that are looked at; the rest is never counted. */
  readonly left: number
  /** Threads where the user spoke later. */
  readonly spoken: Set<string>
}

export type Listener = {
  readonly caller: SyncCaller
  readonly rules: CompiledPushRules
  readonly ignored: ReadonlySet<string>
}

/** Counts in one event that is newer than all others. */
export function addEvent(tally: Tally, listener: Listener, event: StoredEvent, push: EventPush): void {
  tally.evaluated++
  const { thread } = push
  if (push.sender === listener.caller.userId) {
    // A change of state says nothing of what was read.
    if (event.slot !== null) return
    // Who speaks in a thread has read it.
    tally.items = tally.items.filter((item) => item.thread !== thread)
    tally.gap?.spoken.add(thread)
    return
  }
  const item = evaluate(tally, listener, event, push)
  if (item !== undefined) tally.items.push(item)
}

/** Undefined: it does not notify. */
export function evaluate(
  { displayName }: Tally,
  { rules, ignored }: Listener,
  event: StoredEvent,
  { sender, thread, evaluator }: EventPush,
): UnreadItem | undefined {
  if (event.redactedBy !== null || ignored.has(sender)) return undefined
  const outcome = evaluator.evaluate(rules, displayName)
  return outcome.notify ? { event: event.event, thread, isHighlight: outcome.highlight } : undefined
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
