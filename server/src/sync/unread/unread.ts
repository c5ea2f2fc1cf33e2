/**
 * Unread counts, computed when they are asked for and not when events are sent: the events since the last count are
 * evaluated with the user's push rules. Spec: client-server-api#receiving-notifications.
 */

import { type CompiledPushRules, compileRuleset, type PushRuleset } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import { type EventPush, isRead, type KnownRoom, type Reads } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncCaller, UnreadCounts } from '../sync.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Place } from '../view.ts'
import { type Checkpoint, listCheckpoints, upsertCheckpoint } from './checkpoint-table.ts'
import { addEvent, countsOf, type Tally } from './tally.ts'

export interface Unread {
  count(caller: SyncCaller, info: KnownRoom, place: Place, upto: Position): Promise<UnreadCounts>
}

type UnreadDeps = Pick<SyncDeps, 'store' | 'rooms' | 'ephemeral' | 'users' | 'logger' | 'pushes'>

type OfUser = { readonly checkpoints: Map<number, Checkpoint>; readonly tallies: Map<number, Tally> }

export function createUnread(deps: UnreadDeps): Unread {
  const byUser = new Lru<number, OfUser>(syncLimits.unreadRoomsMax)
  const findRules = createRules(deps)

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
      if (tally.countedTo < upto) await advance(deps, caller, info, { tally, upto, findRules })
      tally.items = tally.items.filter((item) => !isRead(reads, item)).slice(-syncLimits.unreadItemsMax)
      saveSometimes(deps, caller.user, info.room, tally)
      return countsOf(tally.items)
    },
  }
}

const noReads: Reads = new Map()

type FindRules = (caller: SyncCaller) => Promise<CompiledPushRules>

function createRules({ users }: UnreadDeps): FindRules {
  const compiled = new WeakMap<PushRuleset, CompiledPushRules>()
  return async ({ user, userId }) => {
    const ruleset = await users.findRuleset(user)
    let rules = compiled.get(ruleset)
    if (rules === undefined) {
      rules = compileRuleset(userId, ruleset)
      compiled.set(ruleset, rules)
    }
    return rules
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
  const countedTo = Math.max(checkpoint?.countedTo ?? 0, reads.get('') ?? 0, place.position)
  // A later member event of one's own (a new display name) does not start the count anew.
  const start = known ?? { countedTo, items: [...(checkpoint?.items ?? [])], evaluated: 0 }
  const tally = { ...start, displayName, memberEvent: place.event }
  tallies.set(room, tally)
  return tally
}

type Advance = { readonly tally: Tally; readonly upto: Position; readonly findRules: FindRules }

/** Evaluates what came since; of very many events the newest. */
async function advance(
  deps: UnreadDeps,
  caller: SyncCaller,
  info: KnownRoom,
  { tally, upto, findRules }: Advance,
): Promise<void> {
  const { countedTo: after } = tally
  const range = { after, before: upto + 1, direction: 'backwards', limit: syncLimits.unreadScanMax } as const
  const events = info.lastPosition <= after ? [] : await deps.rooms.listTimeline(info.room, range)
  if (events.length > 0) {
    const listener = {
      caller,
      rules: await findRules(caller),
      ignored: await deps.users.listIgnored(caller.user),
    }
    const pushes: EventPush[] = []
    for (const event of events) pushes.push(await deps.pushes.find(info, event))
    // Another request of the user may have counted them meanwhile; from here on nothing waits.
    for (let index = events.length - 1; index >= 0; index--) {
      const event = events[index]!
      if (event.stream! > tally.countedTo) addEvent(tally, listener, event, pushes[index]!)
    }
    tally.countedTo = Math.max(tally.countedTo, upto)
    await removeRedacted(deps, tally, pushes)
  }
  tally.countedTo = Math.max(tally.countedTo, upto)
}

async function removeRedacted({ rooms }: UnreadDeps, tally: Tally, pushes: readonly EventPush[]): Promise<void> {
  for (const { redacts } of pushes) {
    if (redacts === undefined || tally.items.length === 0) continue
    const target = await rooms.findEvent(redacts)
    if (target !== undefined) tally.items = tally.items.filter((item) => item.event !== target.event)
  }
}

function saveSometimes({ store, logger }: UnreadDeps, user: number, room: number, tally: Tally): void {
  if (tally.evaluated < syncLimits.unreadCheckpointEvery) return
  tally.evaluated = 0
  const { countedTo, items } = tally
  store
    .transact((tx) => upsertCheckpoint(tx, user, room, { countedTo, items }))
    .catch((error: unknown) => logger.warn({ error }, 'a checkpoint of unread counts was not stored'))
}
