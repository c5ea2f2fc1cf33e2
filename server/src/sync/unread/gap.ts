/**
 * Counts what one reply could not: of a room with very many new events the newest are counted at once, those before
 * them afterwards, in small steps, the newest first. The client is told when that changed its counts.
 */

import type { Position } from '../../journal/index.ts'
import { type EventPush, isHidden, isRead, type Reads, type StoredEvent } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncCaller } from '../sync.ts'
import type { SyncDeps } from '../sync-deps.ts'
import { evaluate, type Listener, type Tally, type UnreadItem } from './tally.ts'

export interface GapFiller {
  /** Counts the gap of the user's tally of a room, some time. */
  start(caller: SyncCaller, room: number): void
  close(): void
}

export type GapDeps = Pick<SyncDeps, 'store' | 'rooms' | 'ephemeral' | 'journal' | 'clock' | 'logger' | 'pushes'> & {
  readonly findTally: (user: number, room: number) => Tally | undefined
  readonly findListener: (caller: SyncCaller) => Promise<Listener>
  /** Takes events that were redacted out of what was counted. */
  readonly removeRedacted: (tally: Tally, pushes: readonly EventPush[]) => Promise<void>
}

type Waiting = { readonly caller: SyncCaller; readonly room: number; hasChanged: boolean }

export function createGapFiller(deps: GapDeps): GapFiller {
  const waiting = new Map<string, Waiting>()
  let cancel: (() => void) | undefined
  let isClosed = false

  async function step(): Promise<void> {
    const [next] = waiting
    if (next === undefined) return
    const [key, one] = next
    // The others have their turn before this one goes on.
    waiting.delete(key)
    if (await fillChunk(deps, one)) waiting.set(key, one)
    else if (one.hasChanged) await tell(deps, one)
  }

  function schedule(): void {
    if (isClosed || cancel !== undefined || waiting.size === 0) return
    cancel = deps.clock.schedule(syncLimits.unreadGapPauseMs, () => {
      step()
        .catch((error: unknown) => isClosed || deps.logger.warn({ error }, 'unread events could not be counted'))
        .finally(() => {
          cancel = undefined
          schedule()
        })
    })
  }

  return {
    start(caller, room) {
      const key = `${caller.user} ${room}`
      if (waiting.has(key) || waiting.size >= syncLimits.unreadGapsMax) return
      waiting.set(key, { caller, room, hasChanged: false })
      schedule()
    },
    close() {
      isClosed = true
      cancel?.()
      waiting.clear()
    },
  }
}

/** Answers whether there is more to count. */
async function fillChunk(deps: GapDeps, one: Waiting): Promise<boolean> {
  const { caller, room } = one
  const info = await deps.rooms.findRoomByNumber(room)
  const gap = deps.findTally(caller.user, room)?.gap
  if (info === undefined || gap === undefined) return false
  const reads = (await deps.ephemeral.receipts.listReads(caller.user)).get(room) ?? new Map<string, number>()
  const after = Math.max(gap.after, reads.get('') ?? 0)
  const limit = Math.min(syncLimits.unreadScanMax, gap.left)
  const range = { after, before: gap.before, direction: 'backwards', limit } as const
  const events = after + 1 >= gap.before ? [] : await deps.rooms.listTimeline(room, range)
  const listener = await deps.findListener(caller)
  const pushes: EventPush[] = []
  const member = { userId: caller.userId, since: Number.POSITIVE_INFINITY }
  const isSeen = new Set(await deps.rooms.filterForMember(room, member, events))
  const veils = await deps.rooms.findVeils(caller.user, events)
  for (const event of isSeen) if (isHidden(veils.get(event.event))) isSeen.delete(event)
  for (const event of events) pushes.push(await deps.pushes.find(info, event))
  // Meanwhile the tally may have been replaced, or counted anew.
  const tally = deps.findTally(caller.user, room)
  if (tally?.gap !== gap) return tally?.gap !== undefined
  if (addPast(tally, { listener, reads, events, pushes, isSeen })) one.hasChanged = true
  const isDone = events.length < limit || gap.left <= limit || tally.items.length >= syncLimits.unreadItemsMax
  tally.gap = isDone ? undefined : { ...gap, before: oldestOf(events), left: gap.left - limit }
  await deps.removeRedacted(tally, pushes)
  return !isDone
}

function oldestOf(events: readonly StoredEvent[]): Position {
  return events.at(-1)!.stream!
}

type Past = {
  readonly listener: Listener
  readonly reads: Reads
  /** The newest first, each with its push. */
  readonly events: readonly StoredEvent[]
  readonly pushes: readonly EventPush[]
  readonly isSeen: ReadonlySet<StoredEvent>
}

/** Answers whether the counts changed. */
function addPast(tally: Tally, { listener, reads, events, pushes, isSeen }: Past): boolean {
  const spoken = tally.gap!.spoken
  const found: UnreadItem[] = []
  const before = tally.items.length
  for (const [index, event] of events.entries()) {
    const push = pushes[index]!
    if (push.sender === listener.caller.userId) {
      if (event.slot !== null || spoken.has(push.thread)) continue
      spoken.add(push.thread)
      // Who speaks in a thread has read it: what was counted before the gap too.
      tally.items = tally.items.filter((item) => item.thread !== push.thread || item.event > event.event)
    } else if (
      isSeen.has(event) &&
      !spoken.has(push.thread) &&
      !isRead(reads, { event: event.event, thread: push.thread })
    ) {
      const item = evaluate(tally, listener, event, push)
      if (item !== undefined) found.push(item)
    }
  }
  tally.evaluated += events.length
  const hasChanged = found.length > 0 || tally.items.length !== before
  tally.items = [...tally.items, ...found].sort((one, other) => one.event - other.event)
  return hasChanged
}

/** As if something had been read: the device's next reply tells of the room's counts. */
async function tell({ store, journal }: GapDeps, { caller, room }: Waiting): Promise<void> {
  await store.transact((tx) => {
    journal.append(tx, { kind: 'receipt', room, user: caller.user, isPrivate: true })
  })
}
