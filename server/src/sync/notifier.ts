/** Who is woken by what: the journal's only watcher in sync. Wake-ups of one turn of the event loop go out together. */

import type { Clock } from '../base/index.ts'
import type { Journal, JournalEntry, JournalRecord, Position } from '../journal/index.ts'
import type { RoomReads } from '../rooms/index.ts'
import { syncLimits } from './limits.ts'
import { createWaiters, type Waiters, type WaitPlace, type Wake } from './waiters.ts'

export interface Notifier {
  /** Resolves when something may have changed for the device, or after `waitMs`; rejects if its session ended. */
  wait(place: WaitPlace): Promise<Wake>
  close(): void
}

type NotifierDeps = {
  readonly journal: Journal
  readonly rooms: Pick<RoomReads, 'listJoinedUsers' | 'listSharingUsers' | 'listMemberships'>
  readonly clock: Clock
  /** Told of all records before anybody is woken. */
  readonly onRecords: (records: readonly JournalRecord[]) => void
  /** Told if it could not be found out whom a change concerns: then all are woken. */
  readonly onFailed: (error: unknown) => void
}

/** Whom and what the records since the last wake-ups name. */
type Pending = {
  upto: Position
  readonly rooms: Set<number>
  readonly users: Set<number>
  readonly devices: { readonly user: number; readonly device: string }[]
  readonly deviceLists: Set<number>
  /** Users whose presence changed. */
  readonly presence: Set<number>
}

export function createNotifier(deps: NotifierDeps): Notifier {
  let settled: Position = 0
  let pending: Pending | undefined
  let waking: Promise<void> = Promise.resolve()
  const waiters = createWaiters(deps.clock, () => settled)

  async function wakeConcerned(changed: Pending): Promise<void> {
    try {
      await wakeFor(deps, waiters, changed)
    } catch (error) {
      deps.onFailed(error)
      waiters.wakeAll()
    }
    settled = changed.upto
  }

  function openPending(): Pending {
    setImmediate(() => {
      const changed = pending!
      pending = undefined
      waking = waking.then(() => wakeConcerned(changed))
    })
    return { upto: 0, rooms: new Set(), users: new Set(), devices: [], deviceLists: new Set(), presence: new Set() }
  }

  const unwatch = deps.journal.watch((records) => {
    deps.onRecords(records)
    for (const { position, entry } of records) {
      if (entry.kind !== 'session-ended') continue
      const { user, device: deviceId, locked: isLocked = false } = entry
      waiters.endSession({ user, deviceId, position, isLocked })
    }
    if (waiters.isEmpty()) return
    pending ??= openPending()
    for (const { position, entry } of records) {
      pending.upto = position
      note(pending, entry)
    }
  })

  return {
    wait: waiters.wait,
    close() {
      unwatch()
      waiters.close()
    },
  }
}

function note(pending: Pending, entry: JournalEntry): void {
  switch (entry.kind) {
    case 'event':
    case 'typing':
      pending.rooms.add(entry.room)
      return
    case 'receipt':
      if (entry.isPrivate) pending.users.add(entry.user)
      else pending.rooms.add(entry.room)
      return
    case 'device-list':
      pending.deviceLists.add(entry.user)
      return
    case 'presence':
      pending.presence.add(entry.user)
      return
    case 'to-device':
    case 'one-time-keys':
      pending.devices.push(entry)
      return
    case 'membership':
    case 'key-signatures':
    case 'account-data':
    case 'push-rules':
    case 'thread':
      pending.users.add(entry.user)
      return
  }
}

async function wakeFor(deps: NotifierDeps, waiters: Waiters, changed: Pending): Promise<void> {
  const { rooms: reads } = deps
  const { rooms, users, devices, deviceLists } = changed
  for (const room of rooms) waiters.addWaiting(await reads.listJoinedUsers(room), users)
  for (const user of deviceLists) {
    users.add(user)
    waiters.addWaiting(await reads.listSharingUsers(user), users)
  }
  for (const user of users) waiters.wake(user)
  for (const { user, device } of devices) waiters.wake(user, device)
  if (changed.presence.size > 0) await wakeForPresence(deps, waiters, changed.presence)
}

/** Each room once, however many of its members changed. */
async function wakeForPresence({ rooms: reads }: NotifierDeps, waiters: Waiters, changed: Set<number>): Promise<void> {
  const rooms = new Set<number>()
  const users = new Set(changed)
  for (const user of changed) {
    for (const member of (await reads.listMemberships(user)).values()) {
      if (member.membership === 'join') rooms.add(member.room)
    }
  }
  for (const room of rooms) {
    const members = await reads.listJoinedUsers(room)
    if (members.size <= syncLimits.presenceRoomMembersMax) waiters.addWaiting(members, users)
  }
  for (const user of users) waiters.wakeForPresence(user)
}
