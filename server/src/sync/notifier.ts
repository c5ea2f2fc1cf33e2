/** Polls that wait, and who of them is woken by what: the journal's only watcher in sync. */

import { type Clock, MatrixError } from '../base/index.ts'
import type { Journal, JournalRecord, Position } from '../journal/index.ts'
import type { RoomReads } from '../rooms/index.ts'
import { syncLimits } from './limits.ts'

export type WakeReason = 'changed' | 'timeout'

/** `settled`: everything up to there that concerned the device has woken it. */
export type Wake = { readonly reason: WakeReason; readonly settled: Position }

export interface Notifier {
  /** Resolves when something may have changed for the device, or after `waitMs`; rejects if its session ended. */
  wait(place: WaitPlace): Promise<Wake>
  close(): void
}

export type WaitPlace = {
  readonly user: number
  readonly deviceId: string | undefined
  readonly waitMs: number
  readonly signal: AbortSignal
}

type Waiter = {
  readonly deviceId: string | undefined
  readonly end: (reason: WakeReason | MatrixError) => void
}

type NotifierDeps = {
  readonly journal: Journal
  readonly rooms: Pick<RoomReads, 'listJoinedUsers' | 'listSharingUsers'>
  readonly clock: Clock
  /** Told of all records before anybody is woken. */
  readonly onRecords: (records: readonly JournalRecord[]) => void
  /** Told if it could not be found out whom a change concerns: then all are woken. */
  readonly onFailed: (error: unknown) => void
}

/** Rooms and users that changed since the last wake-ups. */
type Pending = {
  upto: Position
  readonly rooms: Set<number>
  readonly users: Set<number>
  readonly devices: Set<string>
  readonly deviceLists: Set<number>
}

export function createNotifier(deps: NotifierDeps): Notifier {
  const waiting = new Map<number, Set<Waiter>>()
  let count = 0
  let isClosed = false
  let pending: Pending | undefined
  let settled = 0
  let waking: Promise<void> = Promise.resolve()

  function note(record: JournalRecord): void {
    const { entry } = record
    pending ??= scheduled()
    pending.upto = record.position
    if (entry.kind === 'event' || entry.kind === 'typing') pending.rooms.add(entry.room)
    else if (entry.kind === 'receipt') {
      if (entry.isPrivate) pending.users.add(entry.user)
      else pending.rooms.add(entry.room)
    } else if (entry.kind === 'device-list') pending.deviceLists.add(entry.user)
    else if (entry.kind === 'to-device' || entry.kind === 'one-time-keys') {
      pending.devices.add(deviceKey(entry.user, entry.device))
    } else if (entry.kind !== 'presence' && entry.kind !== 'profile') pending.users.add(entry.user)
    if (entry.kind === 'session-ended') endSession(entry.user, entry.device)
  }

  function scheduled(): Pending {
    setImmediate(() => {
      const changed = pending!
      pending = undefined
      waking = waking.then(() => wakeConcerned(changed)).catch(wakeAll)
    })
    return { upto: 0, rooms: new Set(), users: new Set(), devices: new Set(), deviceLists: new Set() }
  }

  async function wakeConcerned({ upto, rooms, users, devices, deviceLists }: Pending): Promise<void> {
    const concerned = users
    for (const room of rooms) addWaiting(await deps.rooms.listJoinedUsers(room), concerned)
    for (const user of deviceLists) {
      concerned.add(user)
      addWaiting(await deps.rooms.listSharingUsers(user), concerned)
    }
    for (const user of concerned) wake(user, undefined)
    for (const key of devices) wake(Number(key.slice(0, key.indexOf(' '))), key)
    settled = upto
  }

  function wakeAll(error: unknown): void {
    deps.onFailed(error)
    for (const user of [...waiting.keys()]) wake(user, undefined)
  }

  function addWaiting(among: ReadonlySet<number>, concerned: Set<number>): void {
    if (among.size < waiting.size) {
      for (const user of among) if (waiting.has(user)) concerned.add(user)
    } else {
      for (const user of waiting.keys()) if (among.has(user)) concerned.add(user)
    }
  }

  function wake(user: number, key: string | undefined): void {
    for (const waiter of waiting.get(user) ?? []) {
      if (key === undefined || key === deviceKey(user, waiter.deviceId)) waiter.end('changed')
    }
  }

  function endSession(user: number, device: string | null): void {
    for (const waiter of waiting.get(user) ?? []) {
      if (device !== null && device !== waiter.deviceId) continue
      waiter.end(new MatrixError('M_UNKNOWN_TOKEN', 'This session has ended.'))
    }
  }

  function remove(user: number, waiter: Waiter): void {
    const others = waiting.get(user)
    if (others?.delete(waiter)) count--
    if (others?.size === 0) waiting.delete(user)
  }

  const unwatch = deps.journal.watch((records) => {
    deps.onRecords(records)
    if (waiting.size === 0) return
    for (const record of records) note(record)
  })

  return {
    wait({ user, deviceId, waitMs, signal }) {
      if (isClosed || signal.aborted || waitMs <= 0 || count >= syncLimits.waitingMax) {
        return Promise.resolve({ reason: 'timeout', settled: 0 })
      }
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          deviceId,
          end(reason) {
            remove(user, waiter)
            cancelTimer()
            signal.removeEventListener('abort', onAbort)
            if (typeof reason === 'string') resolve({ reason, settled })
            else reject(reason)
          },
        }
        const onAbort = () => waiter.end('timeout')
        const cancelTimer = deps.clock.schedule(waitMs, () => waiter.end('timeout'))
        signal.addEventListener('abort', onAbort)
        const others = waiting.get(user)
        if (others === undefined) waiting.set(user, new Set([waiter]))
        else others.add(waiter)
        count++
      })
    },
    close() {
      isClosed = true
      unwatch()
      for (const waiters of [...waiting.values()]) for (const waiter of waiters) waiter.end('timeout')
    },
  }
}

function deviceKey(user: number, deviceId: string | undefined): string {
  return `${user} ${deviceId ?? ''}`
}
