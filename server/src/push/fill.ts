/**
 * What a user was notified of before anybody wrote it down: the newest events of the user's rooms, evaluated with the
 * push rules of now. Runs once, when a user gets a first pusher or asks for the list for the first time.
 */

import type { UserId } from '@parallax/protocol'
import {
  type EventPush,
  findStayStart,
  isHidden,
  isRead,
  type KnownRoom,
  type MemberRow,
  type StoredEvent,
} from '../rooms/index.ts'
import type { Judge } from './judge.ts'
import { notificationLimits } from './limits.ts'
import type { PushDeps } from './push.ts'
import { buildNotification, type Notification } from './record-notification.ts'

type FillDeps = Pick<PushDeps, 'rooms' | 'pushes' | 'users' | 'ephemeral' | 'clock'> & { readonly judge: Judge }

export type Filled = { readonly user: number; readonly userId: UserId }

/** A room that is walked backwards. */
type Walk = { readonly info: KnownRoom; readonly after: number; next: number }

type Found = { readonly rows: Notification[]; readonly spoken: Set<string> }

/** Rows up to a position, whether they are read left open. */
export async function findPastNotifications(deps: FillDeps, of: Filled, upto: number): Promise<Notification[]> {
  const memberships = [...(await deps.rooms.listMemberships(of.user)).values()]
  const walks = await openWalks(deps, memberships, upto)
  const found: Found = { rows: await findInvites(deps, of, memberships, upto), spoken: new Set() }
  let left = notificationLimits.fillEventsMax as number
  while (left > 0 && walks.length > 0 && found.rows.length < notificationLimits.perUserMax) {
    const walk = walks.reduce((best, other) => (other.next > best.next ? other : best))
    const limit = Math.min(left, notificationLimits.fillChunk)
    const range = { after: walk.after, before: walk.next + 1, direction: 'backwards', limit } as const
    const events = await deps.rooms.listTimeline(walk.info.room, range)
    const member = { userId: of.userId, since: walk.after }
    for (const event of await deps.rooms.filterForMember(walk.info.room, member, events)) {
      await addEvent(deps, of, walk.info, event, found)
    }
    left -= Math.max(1, events.length)
    if (events.length < limit) walks.splice(walks.indexOf(walk), 1)
    else walk.next = events.at(-1)!.stream! - 1
  }
  return found.rows
}

/** The rows with what the user has read of them by now. */
export async function markPastReads(
  { ephemeral }: Pick<PushDeps, 'ephemeral'>,
  user: number,
  rows: readonly Notification[],
): Promise<Notification[]> {
  const reads = await ephemeral.receipts.listReads(user)
  return rows.map((row) => {
    const ofRoom = reads.get(row.room)
    return { ...row, isRead: row.isRead || (ofRoom !== undefined && isRead(ofRoom, row)) }
  })
}

async function openWalks({ rooms }: FillDeps, memberships: readonly MemberRow[], upto: number): Promise<Walk[]> {
  const joined = memberships.filter(({ membership }) => membership === 'join')
  const last = await rooms.listLastPositions(joined.map(({ room }) => room))
  const walks = await Promise.all(
    joined.map(async (member): Promise<Walk[]> => {
      const { room } = member
      const info = await rooms.findRoomByNumber(room)
      const joinedAt = await findStayStart(rooms, member)
      const next = Math.min(last.get(room) ?? 0, upto)
      return info === undefined || next <= joinedAt ? [] : [{ info, after: joinedAt, next }]
    }),
  )
  return walks.flat()
}

async function addEvent(
  deps: FillDeps,
  of: Filled,
  info: KnownRoom,
  event: StoredEvent,
  { rows, spoken }: Found,
): Promise<void> {
  if (event.stream !== event.event || event.redactedBy !== null) return
  const push = await deps.pushes.find(info, event)
  const thread = `${info.room} ${push.thread}`
  if (event.sender === of.user) {
    if (event.slot === null) spoken.add(thread)
  } else {
    await addNoticed(deps, of, { event, push, isRead: spoken.has(thread) }, rows)
  }
}

async function findInvites(
  deps: FillDeps,
  of: Filled,
  memberships: readonly MemberRow[],
  upto: number,
): Promise<Notification[]> {
  const rows: Notification[] = []
  const invites = memberships.filter(({ membership, event }) => membership === 'invite' && event <= upto)
  const newest = invites.toSorted((one, other) => other.event - one.event).slice(0, notificationLimits.fillChunk)
  const rules = await deps.users.findInviteRules(of.user)
  for (const event of await deps.rooms.listEvents(newest.map((invite) => invite.event))) {
    const info = await deps.rooms.findRoomByNumber(event.room)
    if (info === undefined) continue
    const push = await deps.pushes.find(info, event)
    const isTold = rules.judge(push.sender) === 'allow' && !(await deps.rooms.isQuiet(of.user, push.sender))
    if (isTold) await addNoticed(deps, of, { event, push, isRead: false }, rows)
  }
  return rows
}

type Candidate = { readonly event: StoredEvent; readonly push: EventPush; readonly isRead: boolean }

async function addNoticed(deps: FillDeps, of: Filled, candidate: Candidate, rows: Notification[]): Promise<void> {
  const { event, push } = candidate
  if (isHidden((await deps.rooms.findVeils(of.user, [event])).get(event.event))) return
  const outcome = await deps.judge.judge(of, event.room, push)
  // It was noticed when it was sent, as far as one can tell.
  if (outcome.notify) rows.push(buildNotification({ ...candidate, outcome, nowMs: event.ts }))
}
