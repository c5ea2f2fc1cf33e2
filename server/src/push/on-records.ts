/**
 * The journal's follower: evaluates each new event for the members of its room who want to be notified, writes down
 * what notifies, and what was read since. All of a batch is one transaction.
 */

import { setImmediate } from 'node:timers/promises'
import type { PushOutcome, UserId } from '@parallax/protocol'
import type { KeyedQueue } from '../base/index.ts'
import type { JournalEntry, JournalRecord } from '../journal/index.ts'
import { contentText, type EventPush, isHidden, isRead, type StoredEvent } from '../rooms/index.ts'
import type { Writer } from '../store/index.ts'
import type { Audience, Listener } from './audience.ts'
import type { Judge } from './judge.ts'
import { notificationLimits } from './limits.ts'
import {
  findTooOld,
  insertNotifications,
  removeNotificationsOf,
  removeNotificationsUpTo,
  updateRead,
} from './notification-table.ts'
import type { PushDeps } from './push.ts'
import { buildNotification } from './record-notification.ts'
import type { Unread } from './unread.ts'

export type FollowerDeps = PushDeps & {
  readonly audience: Audience
  readonly judge: Judge
  readonly unread: Unread
  /** One turn for all that changes notifications. */
  readonly turns: KeyedQueue<'notifications'>
  /** A user's pushers may have changed at this position. */
  readonly onPushers: (user: number, position: number) => Promise<void>
  /** There is something new to deliver to these users, or their count changed. */
  readonly onChanged: (users: Iterable<number>) => void
}

/** What one batch changes. */
type Plan = {
  readonly writes: ((tx: Writer) => void)[]
  readonly changed: Set<number>
  /** By number: those that were read for this batch. */
  readonly events: ReadonlyMap<number, StoredEvent>
  evaluations: number
}

/** Who is notified of one event, by what it means for them: an outcome belongs to a rule, and few rules serve many. */
type Noticed = Map<PushOutcome, number[]>

export interface RecordFollower {
  /** Answers whether anything was written. */
  handle(records: readonly JournalRecord[]): Promise<boolean>
}

type EventEntry = Extract<JournalEntry, { kind: 'event' }>
type MembershipEntry = Extract<JournalEntry, { kind: 'membership' }>

export function createRecordFollower(deps: FollowerDeps): RecordFollower {
  const { audience, judge, unread, turns } = deps
  const inserted = new Map<number, number>()

  async function apply(plan: Plan, { position, entry }: JournalRecord): Promise<void> {
    switch (entry.kind) {
      case 'event':
        return onEvent(plan, position, entry)
      case 'membership':
        return onMembership(plan, entry)
      case 'receipt':
        return audience.has(entry.user) ? onReceipt(plan, entry.room, entry.user) : undefined
      case 'push-rules':
        return judge.forget(entry.user)
      default:
    }
  }

  async function onEvent(plan: Plan, position: number, { room }: EventEntry): Promise<void> {
    const event = plan.events.get(position)
    if (event === undefined || event.outcome !== 0 || event.stream !== event.event) return
    const listeners = await audience.listListeners(room)
    if (listeners.size === 0) return
    const info = await deps.rooms.findRoomByNumber(room)
    if (info === undefined) return
    const push = await deps.pushes.find(info, event)
    await unread.load([...listeners.keys()])
    const noticed: Noticed = new Map()
    const isForAll = await deps.rooms.isSeenByMembers(event)
    for (const listener of listeners.values()) {
      if (listener.user === event.sender) onOwn(plan, listener.user, event, push)
      else if (listener.joinedAt < event.event && (isForAll || (await isSeen(deps, listener, event)))) {
        await judgeFor(plan, noticed, listener, event, push)
      }
    }
    write(plan, noticed, event, push)
    if (push.redacts !== undefined) await onRedaction(plan, event, push, [...listeners.keys()])
  }

  async function judgeFor(
    plan: Plan,
    noticed: Noticed,
    listener: Pick<Listener, 'user' | 'userId'>,
    event: StoredEvent,
    push: EventPush,
  ): Promise<void> {
    plan.evaluations++
    if (plan.evaluations % notificationLimits.evaluationsAtOnce === 0) await setImmediate()
    if (isHidden((await deps.rooms.findVeils(listener.user, [event])).get(event.event))) return
    const outcome = await judge.judge(listener, event.room, push)
    if (!outcome.notify) return
    const users = noticed.get(outcome) ?? []
    users.push(listener.user)
    noticed.set(outcome, users)
  }

  function write(plan: Plan, noticed: Noticed, event: StoredEvent, push: EventPush): void {
    for (const [outcome, users] of noticed) {
      const row = buildNotification({ event, push, outcome, isRead: false, nowMs: deps.clock.nowMs() })
      plan.writes.push((tx) => insertNotifications(tx, row, users))
      for (const user of users) {
        plan.changed.add(user)
        unread.add(user, event.event, row)
        inserted.set(user, (inserted.get(user) ?? 0) + 1)
      }
    }
  }

  /** What this batch inserts comes on top of what is kept. */
  async function keepWithinLimit(plan: Plan): Promise<void> {
    for (const user of plan.changed) {
      if ((inserted.get(user) ?? 0) < notificationLimits.perUserSlack) continue
      inserted.delete(user)
      const event = await findTooOld(deps.store.reader, user, notificationLimits.perUserMax)
      if (event === undefined) continue
      plan.writes.push((tx) => removeNotificationsUpTo(tx, user, event))
      unread.removeUpTo(user, event)
    }
  }

  /** Who speaks in a thread has read it; a change of state says nothing of that. */
  function onOwn(plan: Plan, user: number, event: StoredEvent, { thread }: EventPush): void {
    if (event.slot !== null || !unread.has(user, event.room)) return
    markRead(plan, user, event.room, (other, item) => item.thread === thread && other < event.event)
  }

  async function onRedaction(plan: Plan, event: StoredEvent, push: EventPush, users: readonly number[]): Promise<void> {
    const target = await deps.rooms.findEvent(push.redacts!)
    if (target === undefined || target.room !== event.room || target.redactedBy === null) return
    plan.writes.push((tx) => removeNotificationsOf(tx, target.event, users))
    for (const user of users) {
      const gone = unread.remove(user, target.room, (other) => other === target.event)
      if (gone.length > 0) plan.changed.add(user)
    }
  }

  async function onMembership(plan: Plan, { room, user, event, membership }: MembershipEntry): Promise<void> {
    if (!audience.has(user)) return
    await audience.onMembership(room, user, event, membership)
    await unread.load([user])
    if (membership === 'leave' || membership === 'ban') markRead(plan, user, room, () => true)
    if (membership === 'join' && unread.has(user, room) && !(await wasJoined(deps, event))) {
      markRead(plan, user, room, (other) => other < event)
    }
    const invite = membership === 'invite' ? plan.events.get(event) : undefined
    const info = invite && (await deps.rooms.findRoomByNumber(room))
    if (invite === undefined || info === undefined) return
    const [userId] = (await deps.names.texts([user])) as [UserId]
    const noticed: Noticed = new Map()
    const push = await deps.pushes.find(info, invite)
    if ((await deps.users.findInviteRules(user)).judge(push.sender) !== 'allow') return
    if (await deps.rooms.isQuiet(user, push.sender)) return
    await judgeFor(plan, noticed, { user, userId }, invite, push)
    write(plan, noticed, invite, push)
  }

  async function onReceipt(plan: Plan, room: number, user: number): Promise<void> {
    await unread.load([user])
    if (!unread.has(user, room)) return
    const reads = (await deps.ephemeral.receipts.listReads(user)).get(room)
    if (reads !== undefined) markRead(plan, user, room, (event, { thread }) => isRead(reads, { event, thread }))
  }

  function markRead(plan: Plan, user: number, room: number, isGone: Parameters<Unread['remove']>[2]): void {
    const gone = unread.remove(user, room, isGone)
    if (gone.length === 0) return
    plan.writes.push((tx) => updateRead(tx, user, gone))
    plan.changed.add(user)
  }

  async function record(records: readonly JournalRecord[]): Promise<boolean> {
    const events = await loadEvents(deps, records)
    const plan: Plan = { writes: [], changed: new Set(), events, evaluations: 0 }
    for (const one of records) await apply(plan, one)
    await keepWithinLimit(plan)
    if (plan.writes.length > 0) {
      await deps.store.transact((tx) => {
        for (const write of plan.writes) write(tx)
      })
    }
    unread.trim()
    if (plan.changed.size > 0) deps.onChanged(plan.changed)
    return plan.writes.length > 0
  }

  return {
    async handle(records) {
      // What comes after a new pusher is delivered to it: so the batch is cut there.
      let from = 0
      let hasWritten = false
      const recordUpTo = async (end: number): Promise<void> => {
        const part = records.slice(from, end)
        from = end + 1
        if (audience.size === 0 || part.length === 0) return
        if (await turns.run('notifications', () => record(part))) hasWritten = true
      }
      for (const [index, { position, entry }] of records.entries()) {
        if (entry.kind !== 'pusher' && entry.kind !== 'session-ended') continue
        await recordUpTo(index)
        if (entry.kind === 'pusher' || audience.has(entry.user)) await deps.onPushers(entry.user, position)
      }
      await recordUpTo(records.length)
      return hasWritten
    },
  }
}

/** True for a member event that only changes a profile. */
async function wasJoined({ rooms }: FollowerDeps, event: number): Promise<boolean> {
  const [now] = await rooms.listEvents([event])
  const [before] = now?.replaces == null ? [] : await rooms.listEvents([now.replaces])
  return before !== undefined && JSON.parse(contentText(before)).membership === 'join'
}

/** The events of the batch that concern somebody, in one read. */
async function loadEvents(
  { audience, rooms }: FollowerDeps,
  records: readonly JournalRecord[],
): Promise<ReadonlyMap<number, StoredEvent>> {
  const wanted = new Set<number>()
  const joined = new Set<number>()
  for (const { position, entry } of records) {
    if (entry.kind === 'membership' && audience.has(entry.user)) {
      if (entry.membership === 'join') joined.add(entry.room)
      if (entry.membership === 'invite') wanted.add(entry.event)
    }
    if (entry.kind !== 'event') continue
    if (joined.has(entry.room) || (await audience.listListeners(entry.room)).size > 0) wanted.add(position)
  }
  if (wanted.size === 0) return new Map()
  return new Map((await rooms.listEvents([...wanted])).map((event) => [event.event, event]))
}

async function isSeen({ rooms }: FollowerDeps, { userId }: Listener, event: StoredEvent): Promise<boolean> {
  return (await rooms.filterVisible(event.room, userId, [event])).length > 0
}
