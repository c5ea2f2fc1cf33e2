/**
 * Unread counts, computed when they are asked for and not when events are sent: the events since the last count are
 * evaluated with the user's push rules. Spec: client-server-api#receiving-notifications.
 */

import { type CompiledPushRules, compileRuleset, type PushRuleset } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import type { Reads, RoomInfo, StoredEvent } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncCaller, UnreadCount, UnreadCounts } from '../sync.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Place } from '../view.ts'
import { type Checkpoint, listCheckpoints, upsertCheckpoint } from './checkpoint-table.ts'
import type { EventPush, EventPushes } from './event-push.ts'

/** An event that notifies: `thread` is `main` or the ID of the root. */
export type UnreadItem = { readonly event: number; readonly thread: string; readonly isHighlight: boolean }

export interface Unread {
  count(caller: SyncCaller, info: RoomInfo, place: Place, upto: Position): Promise<UnreadCounts>
}

type UnreadDeps = Pick<SyncDeps, 'store' | 'rooms' | 'ephemeral' | 'users' | 'logger'> & {
  readonly pushes: EventPushes
}

/** What is counted for one user in one room. */
type Tally = {
  countedTo: Position
  items: UnreadItem[]
  /** Events evaluated since the last checkpoint. */
  evaluated: number
  /** The display name in the room, as of the member event with that number. */
  displayName: string | undefined
  memberEvent: number
}

type OfUser = { readonly checkpoints: Map<number, Checkpoint>; readonly tallies: Map<number, Tally> }

export function createUnread(deps: UnreadDeps): Unread {
  const byUser = new Lru<number, OfUser>(syncLimits.unreadRoomsMax)
  const compiled = new WeakMap<PushRuleset, CompiledPushRules>()

  async function findOfUser(user: number): Promise<OfUser> {
    const known = byUser.get(user)
    if (known !== undefined) return known
    const checkpoints = await listCheckpoints(deps.store.reader, user)
    const loaded = byUser.get(user) ?? { checkpoints, tallies: new Map() }
    byUser.set(user, loaded, checkpoints.size + 20)
    return loaded
  }

  async function findRules({ user, userId }: SyncCaller): Promise<CompiledPushRules> {
    const ruleset = await deps.users.findRuleset(user)
    let rules = compiled.get(ruleset)
    if (rules === undefined) {
      rules = compileRuleset(userId, ruleset)
      compiled.set(ruleset, rules)
    }
    return rules
  }

  async function findTally(caller: SyncCaller, room: number, place: Place, reads: Reads): Promise<Tally> {
    const { tallies, checkpoints } = await findOfUser(caller.user)
    const known = tallies.get(room)
    if (known !== undefined && known.memberEvent === place.event) return known
    const member = await deps.rooms.findStateEvent(room, 'm.room.member', caller.userId)
    const name = member?.content.displayname
    const displayName = typeof name === 'string' ? name : undefined
    const checkpoint = checkpoints.get(room)
    const countedTo = Math.max(checkpoint?.countedTo ?? 0, reads.get('') ?? 0, joinedAt(known, place))
    const start = known ?? { countedTo, items: [...(checkpoint?.items ?? [])], evaluated: 0 }
    const tally = { ...start, displayName, memberEvent: place.event }
    tallies.set(room, tally)
    return tally
  }

  async function advance(caller: SyncCaller, info: RoomInfo, tally: Tally, upto: Position): Promise<void> {
    const after = tally.countedTo
    if (after >= upto) return
    const range = { after, before: upto + 1, direction: 'backwards', limit: syncLimits.unreadScanMax } as const
    const events = info.lastPosition <= after ? [] : await deps.rooms.listTimeline(info.room, range)
    const rules = events.length === 0 ? undefined : await findRules(caller)
    const ignored = await deps.users.listIgnored(caller.user)
    const pushes: EventPush[] = []
    for (const event of events) pushes.push(await deps.pushes.find(info, event))
    // Another request of the user may have counted them meanwhile; from here on nothing waits.
    for (let index = events.length - 1; index >= 0; index--) {
      const event = events[index]!
      if (event.stream! <= tally.countedTo) continue
      addEvent(tally, caller, event, pushes[index]!, rules!, ignored)
    }
    tally.countedTo = Math.max(tally.countedTo, upto)
    await removeRedacted(tally, pushes)
  }

  async function removeRedacted(tally: Tally, pushes: readonly EventPush[]): Promise<void> {
    for (const { redacts } of pushes) {
      if (redacts === undefined || tally.items.length === 0) continue
      const target = await deps.rooms.findEvent(redacts)
      if (target !== undefined) tally.items = tally.items.filter((item) => item.event !== target.event)
    }
  }

  function saveSometimes(user: number, room: number, tally: Tally): void {
    if (tally.evaluated < syncLimits.unreadCheckpointEvery) return
    tally.evaluated = 0
    const { countedTo, items } = tally
    deps.store
      .transact((tx) => upsertCheckpoint(tx, user, room, { countedTo, items }))
      .catch((error: unknown) => deps.logger.warn({ error }, 'a checkpoint of unread counts was not stored'))
  }

  return {
    async count(caller, info, place, upto) {
      const reads = (await deps.ephemeral.receipts.listReads(caller.user)).get(info.room) ?? noReads
      const tally = await findTally(caller, info.room, place, reads)
      await advance(caller, info, tally, upto)
      tally.items = tally.items.filter((item) => !isRead(reads, item)).slice(-syncLimits.unreadItemsMax)
      saveSometimes(caller.user, info.room, tally)
      return countsOf(tally.items)
    },
  }
}

const noReads: Reads = new Map()

/** A later member event of one's own (a new display name) does not start the count anew. */
function joinedAt(known: Tally | undefined, { position }: Place): Position {
  return known === undefined ? position : 0
}

function addEvent(
  tally: Tally,
  caller: SyncCaller,
  event: StoredEvent,
  push: EventPush,
  rules: CompiledPushRules,
  ignored: ReadonlySet<string>,
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

/** An item's number is its place in the timeline: only live events are counted. */
function isRead(reads: Reads, { event, thread }: UnreadItem): boolean {
  const all = reads.get('')
  const own = reads.get(thread)
  return (all !== undefined && event <= all) || (own !== undefined && event <= own)
}

function countsOf(items: readonly UnreadItem[]): UnreadCounts {
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
