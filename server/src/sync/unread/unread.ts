/**
 * Unread counts, computed when they are asked for and not when events are sent: the events since the last count are
 * evaluated with the user's push rules, of very many the newest at once and the others soon after (`gap.ts`).
 * Spec: client-server-api#receiving-notifications.
 */

import { type CompiledPushRules, compileRuleset, type PushRuleset } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import { type EventPush, findStayStart, isHidden, isRead, type KnownRoom, type Reads } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncCaller, UnreadCounts } from '../sync.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Place } from '../view.ts'
import { type Checkpoint, listCheckpoints, upsertCheckpoint } from './checkpoint-table.ts'
import { createGapFiller } from './gap.ts'
import { addEvent, countsOf, type Listener, type Tally } from './tally.ts'

export interface Unread {
  count(caller: SyncCaller, info: KnownRoom, place: Place, upto: Position): Promise<UnreadCounts>
  close(): void
}

type UnreadDeps = Pick<SyncDeps, 'store' | 'rooms' | 'ephemeral' | 'users' | 'logger' | 'pushes' | 'journal' | 'clock'>

type OfUser = { readonly checkpoints: Map<number, Checkpoint>; readonly tallies: Map<number, Tally> }

export function createUnread(deps: UnreadDeps): Unread {
  const byUser = new Lru<number, OfUser>(syncLimits.unreadRoomsMax)
  const findListener = findListenerWith(deps)
  const gaps = createGapFiller({
    ...deps,
    findListener,
    findTally: (user, room) => byUser.get(user)?.tallies.get(room),
    removeRedacted: (tally, pushes) => removeRedacted(deps, tally, pushes),
  })

  async function findOfUser(user: number): Promise<OfUser> {
    const known = byUser.get(user)
    if (known !== undefined) return known
    const checkpoints = await listCheckpoints(deps.store.reader, user)
    const loaded = byUser.get(user) ?? { checkpoints, tallies: new Map() }
    byUser.set(user, loaded, checkpoints.size + 20)
    return loaded
  }

  return {
    async count(caller, info, place, upto) {
      const reads = (await deps.ephemeral.receipts.listReads(caller.user)).get(info.room) ?? noReads
      const tally = await findTally(deps, caller, info.room, { place, reads, ...(await findOfUser(caller.user)) })
      if (tally.countedTo < upto) await advance(deps, caller, info, { place, tally, upto, findListener })
      tally.items = tally.items.filter((item) => !isRead(reads, item)).slice(-syncLimits.unreadItemsMax)
      if (tally.gap !== undefined) gaps.start(caller, info.room)
      saveSometimes(deps, caller.user, info.room, tally)
      return countsOf(tally.items)
    },
    close: gaps.close,
  }
}

const noReads: Reads = new Map()

type FindListener = (caller: SyncCaller) => Promise<Listener>

function findListenerWith({ users }: UnreadDeps): FindListener {
  const compiled = new WeakMap<PushRuleset, CompiledPushRules>()
  return async (caller) => {
    const ruleset = await users.findRuleset(caller.user)
    let rules = compiled.get(ruleset)
    if (rules === undefined) {
      rules = compileRuleset(caller.userId, ruleset)
      compiled.set(ruleset, rules)
    }
    return { caller, rules, ignored: await users.listIgnored(caller.user) }
  }
}

type TallyPlace = OfUser & { readonly place: Place; readonly reads: Reads }

/** What was counted so far; at first, from the checkpoint, the receipt or the join, whichever is last. */
async function findTally(
  { rooms }: UnreadDeps,
  caller: SyncCaller,
  room: number,
  { place, reads, tallies, checkpoints }: TallyPlace,
): Promise<Tally> {
  const known = tallies.get(room)
  if (known !== undefined && known.memberEvent === place.event) return known
  const member = await rooms.findStateEvent(room, 'm.room.member', caller.userId)
  const name = member?.content.displayname
  const displayName = typeof name === 'string' ? name : undefined
  const checkpoint = checkpoints.get(room)
  const read = Math.max(checkpoint?.countedTo ?? 0, reads.get('') ?? 0)
  const start = known ?? { countedTo: read, items: checkpoint?.items ?? [], gap: undefined, evaluated: 0 }
  // A later member event of one's own (a new display name) does not start the count anew; a join does.
  const joined = known === undefined && read >= place.position ? 0 : await findStayStart(rooms, place)
  const tally: Tally = {
    ...start,
    countedTo: Math.max(start.countedTo, joined),
    items: start.items.filter((item) => item.event > joined),
    gap: start.gap && { ...start.gap, after: Math.max(start.gap.after, joined) },
    displayName,
    memberEvent: place.event,
  }
  tallies.set(room, tally)
  return tally
}

type Advance = {
  readonly place: Place
  readonly tally: Tally
  readonly upto: Position
  readonly findListener: FindListener
}

/** Evaluates what came since; of very many events the newest, the others come later. */
async function advance(
  deps: UnreadDeps,
  caller: SyncCaller,
  info: KnownRoom,
  { place, tally, upto, findListener }: Advance,
): Promise<void> {
  const { countedTo: after } = tally
  const range = { after, before: upto + 1, direction: 'backwards', limit: syncLimits.unreadScanMax } as const
  const events = info.lastPosition <= after ? [] : await deps.rooms.listTimeline(info.room, range)
  if (events.length > 0) {
    const listener = await findListener(caller)
    const veils = await deps.rooms.findVeils(caller.user, events)
    const member = { userId: caller.userId, since: place.position }
    const isSeen = new Set(await deps.rooms.filterForMember(info.room, member, events))
    const pushes: EventPush[] = []
    for (const event of events) pushes.push(await deps.pushes.find(info, event))
    // Another request of the user may have counted them meanwhile; from here on nothing waits.
    const oldest = events.at(-1)!.stream!
    if (events.length === syncLimits.unreadScanMax && oldest > tally.countedTo + 1) openGap(tally, oldest)
    for (let index = events.length - 1; index >= 0; index--) {
      const event = events[index]!
      const isCounted = isSeen.has(event) && !isHidden(veils.get(event.event))
      if (event.stream! > tally.countedTo && isCounted) addEvent(tally, listener, event, pushes[index]!)
    }
    tally.countedTo = Math.max(tally.countedTo, upto)
    await removeRedacted(deps, tally, pushes)
  }
  tally.countedTo = Math.max(tally.countedTo, upto)
}

/** Where another gap is open still, both become one, and what was counted between them is counted again. */
function openGap(tally: Tally, before: Position): void {
  if (tally.gap !== undefined) tally.items = tally.items.filter((item) => item.event <= tally.gap!.after)
  const left = syncLimits.unreadGapMax
  tally.gap = { after: tally.gap?.after ?? tally.countedTo, before, left, spoken: new Set() }
}

async function removeRedacted(
  { rooms }: Pick<UnreadDeps, 'rooms'>,
  tally: Tally,
  pushes: readonly EventPush[],
): Promise<void> {
  for (const { redacts } of pushes) {
    if (redacts === undefined || tally.items.length === 0) continue
    const target = await rooms.findEvent(redacts)
    if (target !== undefined) tally.items = tally.items.filter((item) => item.event !== target.event)
  }
}

function saveSometimes({ store, logger }: UnreadDeps, user: number, room: number, tally: Tally): void {
  // With a gap it is not the whole: after a restart it is counted anew.
  if (tally.evaluated < syncLimits.unreadCheckpointEvery || tally.gap !== undefined) return
  tally.evaluated = 0
  const { countedTo, items } = tally
  store
    .transact((tx) => upsertCheckpoint(tx, user, room, { countedTo, items }))
    .catch((error: unknown) => logger.warn({ error }, 'a checkpoint of unread counts was not stored'))
}
