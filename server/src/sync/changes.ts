/**
 * What changed since a position, for one user: from the journal's newest records in memory, so that "nothing new"
 * costs no SQL; from the tables where the position is older than they are.
 */

import type { JournalRecord, Position } from '../journal/index.ts'
import type { MemberRow } from '../rooms/index.ts'
import { syncLimits } from './limits.ts'
import type { SyncDeps } from './sync-deps.ts'

/** Kinds of changes in a room, added up. */
export const roomChange = { event: 1, receipt: 2, typing: 4, accountData: 8, ownReceipt: 16, member: 32 } as const

export type MemberChange = { readonly room: number; readonly user: number; readonly event: number }

/** Everything that may concern one user (and device) in a span of positions. */
export type Changes = {
  /** Rooms of the user, each with the sum of `roomChange`s. */
  readonly rooms: Map<number, number>
  /** Member events in rooms that the user is or was in, oldest first. */
  readonly members: MemberChange[]
  hasAccountData: boolean
  hasToDevice: boolean
  hasKeys: boolean
  hasThreads: boolean
  /** Users whose device lists changed, whether they share a room or not. */
  readonly deviceLists: Set<number>
}

export type ChangesViewer = {
  readonly user: number
  readonly deviceId: string | undefined
  readonly memberships: ReadonlyMap<number, MemberRow>
}

export interface RecentChanges {
  /** Undefined: older than what is in memory. */
  since(position: Position, viewer: ChangesViewer): Changes | undefined
  add(records: readonly JournalRecord[]): void
}

/** The newest records, from now on. */
export function createRecentChanges(start: Position): RecentChanges {
  const ring: JournalRecord[] = []
  let first = 0
  /** Everything above it is in the ring. */
  let floor = start

  return {
    add(records) {
      ring.push(...records)
      while (ring.length - first > syncLimits.changesMax) floor = ring[first++]!.position
      if (first > syncLimits.changesMax) {
        ring.splice(0, first)
        first = 0
      }
    },
    since(position, viewer) {
      if (position < floor) return undefined
      const changes = emptyChanges()
      for (let at = firstAfter(ring, first, position); at < ring.length; at++) collect(changes, ring[at]!, viewer)
      return changes
    },
  }
}

export function emptyChanges(): Changes {
  return {
    rooms: new Map(),
    members: [],
    hasAccountData: false,
    hasToDevice: false,
    hasKeys: false,
    hasThreads: false,
    deviceLists: new Set(),
  }
}

/** True if nothing in it can be of concern: device lists must have been looked at before. */
export function isQuiet(changes: Changes): boolean {
  return (
    changes.rooms.size === 0 &&
    changes.members.length === 0 &&
    changes.deviceLists.size === 0 &&
    !(changes.hasAccountData || changes.hasToDevice || changes.hasKeys)
  )
}

function firstAfter(ring: readonly JournalRecord[], from: number, position: Position): number {
  let low = from
  let high = ring.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (ring[middle]!.position > position) high = middle
    else low = middle + 1
  }
  return low
}

function collect(changes: Changes, { position, entry }: JournalRecord, viewer: ChangesViewer): void {
  switch (entry.kind) {
    case 'event':
      if (isInside(viewer, entry.room, position)) mark(changes, entry.room, roomChange.event)
      return
    case 'membership':
      if (entry.user === viewer.user || isInside(viewer, entry.room, position)) {
        mark(changes, entry.room, roomChange.event + roomChange.member)
        changes.members.push({ room: entry.room, user: entry.user, event: entry.event })
      }
      return
    case 'receipt':
      if (entry.user === viewer.user) mark(changes, entry.room, roomChange.receipt + roomChange.ownReceipt)
      else if (!entry.isPrivate && isInside(viewer, entry.room, position)) mark(changes, entry.room, roomChange.receipt)
      return
    case 'typing':
      if (isInside(viewer, entry.room, position)) mark(changes, entry.room, roomChange.typing)
      return
    case 'device-list':
      changes.deviceLists.add(entry.user)
      return
    case 'key-signatures':
      if (entry.user === viewer.user) for (const user of entry.signed) changes.deviceLists.add(user)
      return
    case 'account-data':
      if (entry.user !== viewer.user) return
      changes.hasAccountData = true
      if (entry.room !== null) mark(changes, entry.room, roomChange.accountData)
      return
    case 'push-rules':
      if (entry.user === viewer.user) changes.hasAccountData = true
      return
    case 'thread':
      if (entry.user === viewer.user) changes.hasThreads = true
      return
    case 'to-device':
      if (entry.user === viewer.user && entry.device === viewer.deviceId) changes.hasToDevice = true
      return
    case 'one-time-keys':
      if (entry.user === viewer.user && entry.device === viewer.deviceId) changes.hasKeys = true
      return
  }
}

/** Joined now, or the membership was set later than that: then the user may have been inside before. */
function isInside({ memberships }: ChangesViewer, room: number, position: Position): boolean {
  const member = memberships.get(room)
  return member !== undefined && (member.membership === 'join' || member.position >= position)
}

function mark(changes: Changes, room: number, kinds: number): void {
  changes.rooms.set(room, (changes.rooms.get(room) ?? 0) | kinds)
}

type LoadDeps = Pick<SyncDeps, 'rooms' | 'ephemeral' | 'users' | 'devices'>

/** The same from the tables; reads of every room of the user, so only after a restart or a long absence. */
export async function loadChanges(
  deps: LoadDeps,
  viewer: ChangesViewer,
  since: Position,
  upto: Position,
): Promise<Changes> {
  const changes = emptyChanges()
  const inside = [...viewer.memberships.values()].filter(
    (member) => member.membership === 'join' || member.position > since,
  )
  const rooms = inside.map((member) => member.room)
  const last = await deps.rooms.listLastPositions(rooms)
  const changed = rooms.filter((room) => (last.get(room) ?? 0) > since)
  for (const room of changed) mark(changes, room, roomChange.event)
  for (const member of await deps.rooms.listMembersAfter(changed, since)) {
    if (!isInside(viewer, member.room, member.position)) continue
    mark(changes, member.room, roomChange.member)
    changes.members.push({ room: member.room, user: member.user, event: member.event })
  }
  for (const receipt of await deps.ephemeral.receipts.listAfter(rooms, since)) {
    if (receipt.user === viewer.user) mark(changes, receipt.room, roomChange.receipt + roomChange.ownReceipt)
    else if (receipt.type === 'm.read') mark(changes, receipt.room, roomChange.receipt)
  }
  for (const room of rooms) {
    if ((deps.ephemeral.typing.find(room)?.position ?? 0) > since) mark(changes, room, roomChange.typing)
  }
  for (const room of (await deps.users.listRoomAccountData(viewer.user, since, upto)).keys()) {
    mark(changes, room, roomChange.accountData)
  }
  for (const user of await deps.devices.listChangedUsers(since, upto)) changes.deviceLists.add(user)
  for (const user of await deps.devices.listSignedUsers(viewer.user, since, upto)) changes.deviceLists.add(user)
  return Object.assign(changes, { hasAccountData: true, hasToDevice: true, hasKeys: true, hasThreads: true })
}
