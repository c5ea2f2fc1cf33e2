/** The rooms that one user's lists are made of, the one with the newest activity first. Spec: msc4186#lists. */

import { Lru } from '../../base/index.ts'
import type { JournalRecord, Position } from '../../journal/index.ts'
import { headerOf, type KnownRoom, type MemberRow } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import { isInviteHidden, type StrippedStates } from '../streams/invites.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { SyncView } from '../view.ts'
import type { Connection } from './connection.ts'

/** A room in the order: where it stands, and the user's place in it. */
export type OrderedRoom = {
  readonly room: number
  /** Position of its newest event; for rooms that the user is not joined to, of the membership. */
  readonly activity: Position
  readonly member: MemberRow
}

export interface RoomOrder {
  /** Rooms that the user is in, invited to, knocks at or was kicked out of; and left ones that the connection knows. */
  list(view: SyncView, connection: Connection): Promise<OrderedRoom[]>
  /** Undefined: the room is not one of those. */
  find(view: SyncView, connection: Connection, room: number): Promise<OrderedRoom | undefined>
  onRecords(records: readonly JournalRecord[]): void
}

type OrderDeps = Pick<SyncDeps, 'rooms'> & { readonly stripped: StrippedStates }

export function createRoomOrder(deps: OrderDeps): RoomOrder {
  /** Newest position by room; what is missing is read. */
  const activity = new Lru<number, Position>(syncLimits.slidingActivityMax)
  /** By member event: whether somebody else ended a stay of the user in the room. */
  const expulsions = new Lru<number, boolean>(syncLimits.slidingActivityMax)

  async function loadActivity(rooms: readonly number[]): Promise<void> {
    const missing = rooms.filter((room) => !activity.has(room))
    if (missing.length === 0) return
    for (const [room, position] of await deps.rooms.listLastPositions(missing)) {
      activity.set(room, Math.max(position, activity.get(room) ?? 0))
    }
  }

  async function wasExpelled({ room, event: number }: MemberRow, { caller }: SyncView): Promise<boolean> {
    const known = expulsions.get(number)
    if (known !== undefined) return known
    const [event] = await deps.rooms.listEvents([number])
    const wasOthers = event !== undefined && headerOf(event).sender !== caller.userId
    const answer = wasOthers && (await deps.rooms.findLastLeave(room, caller.userId)) !== undefined
    expulsions.set(number, answer)
    return answer
  }

  async function isListed(member: MemberRow, view: SyncView, connection: Connection): Promise<boolean> {
    if (member.membership === 'join') return true
    if (member.membership === 'invite' || member.membership === 'knock') {
      const isOpen = view.ignored.size === 0 && view.inviteRules.isOpen
      if (isOpen && !(await deps.rooms.hasLens(view.caller.user))) return true
      const found = await deps.stripped.find(member)
      return found === undefined || !(await isInviteHidden(deps, view, member, found))
    }
    return !member.forgotten && (connection.rooms.has(member.room) || (await wasExpelled(member, view)))
  }

  function placed(member: MemberRow): OrderedRoom {
    const newest = member.membership === 'join' ? activity.get(member.room) : undefined
    return { room: member.room, activity: newest ?? member.position, member }
  }

  return {
    async list(view, connection) {
      const members: MemberRow[] = []
      for (const member of view.memberships.values()) {
        if (member.membership === 'join' || (await isListed(member, view, connection))) members.push(member)
      }
      await loadActivity(members.filter(({ membership }) => membership === 'join').map(({ room }) => room))
      return members.map(placed).sort((a, b) => b.activity - a.activity || a.room - b.room)
    },
    async find(view, connection, room) {
      const member = view.memberships.get(room)
      if (member === undefined || !(await isListed(member, view, connection))) return undefined
      await loadActivity([room])
      return placed(member)
    },
    onRecords(records) {
      for (const { position, entry } of records) {
        if (entry.kind !== 'event' && entry.kind !== 'membership') continue
        // What is not known is read when it is asked for.
        if (activity.has(entry.room)) activity.set(entry.room, position)
      }
    },
  }
}

/** A room of the order as it is known here, or from outside. */
export async function findKnownRoom({ rooms }: Pick<SyncDeps, 'rooms'>, room: number): Promise<KnownRoom | undefined> {
  return (await rooms.findRoomByNumber(room)) ?? (await rooms.findOutsideRoom(room))
}
