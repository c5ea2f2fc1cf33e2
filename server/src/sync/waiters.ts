/** Polls that wait, by user. Each ends once: woken, at its time, with its client, or with its session. */

import { type Clock, Lru, MatrixError } from '../base/index.ts'
import type { Position } from '../journal/index.ts'
import { syncLimits } from './limits.ts'

export type WakeReason = 'changed' | 'timeout'

/** `settled`: everything up to there that concerned the device has woken it. */
export type Wake = { readonly reason: WakeReason; readonly settled: Position }

export type WaitPlace = {
  readonly user: number
  readonly deviceId: string | undefined
  readonly waitMs: number
  /** Where the journal stood when the request came: sessions that ended since then wait for nothing. */
  readonly begun: Position
  /** False: presence does not wake it. */
  readonly wantsPresence: boolean
  readonly signal: AbortSignal
}

/** `deviceId` null: of all of the user's. `isLocked`: they come back. */
export type SessionEnd = {
  readonly user: number
  readonly deviceId: string | null
  readonly position: Position
  readonly isLocked: boolean
}

export interface Waiters {
  wait(place: WaitPlace): Promise<Wake>
  /** Wakes the user's polls, or only those of one device. */
  wake(user: number, deviceId?: string): void
  /** Wakes those of the user's polls that want to know of others' presence. */
  wakeForPresence(user: number): void
  wakeAll(): void
  /** Refuses the polls of a session that ended, also those that are about to wait. */
  endSession(end: SessionEnd): void
  /** Those of these users who wait. */
  addWaiting(among: ReadonlySet<number>, to: Set<number>): void
  isEmpty(): boolean
  /** Answers all polls and takes no more. */
  close(): void
}

type Waiter = {
  readonly wantsPresence: boolean
  readonly deviceId: string | undefined
  readonly end: (reason: WakeReason | MatrixError) => void
}

/** `settled` answers up to where wake-ups have been given out. */
export function createWaiters(clock: Clock, settled: () => Position): Waiters {
  const waiting = new Map<number, Set<Waiter>>()
  const ended = new Lru<string, SessionEnd>(syncLimits.endedMax)
  let count = 0
  let isClosed = false

  function add(user: number, waiter: Waiter): void {
    const others = waiting.get(user)
    if (others === undefined) waiting.set(user, new Set([waiter]))
    else others.add(waiter)
    count++
  }

  function remove(user: number, waiter: Waiter): void {
    const others = waiting.get(user)
    if (others?.delete(waiter)) count--
    if (others?.size === 0) waiting.delete(user)
  }

  function park({ user, deviceId, waitMs, wantsPresence, signal }: WaitPlace): Promise<Wake> {
    return new Promise((resolve, reject) => {
      const onAbort = () => waiter.end('timeout')
      const cancelTimer = clock.schedule(waitMs, onAbort)
      const waiter: Waiter = {
        deviceId,
        wantsPresence,
        end(reason) {
          remove(user, waiter)
          cancelTimer()
          signal.removeEventListener('abort', onAbort)
          if (typeof reason === 'string') resolve({ reason, settled: settled() })
          else reject(reason)
        },
      }
      signal.addEventListener('abort', onAbort)
      add(user, waiter)
    })
  }

  function endAll(reason: WakeReason): void {
    for (const waiters of [...waiting.values()]) for (const waiter of waiters) waiter.end(reason)
  }

  return {
    async wait(place) {
      const { user, deviceId = null, begun } = place
      for (const end of [ended.get(keyOf(user, null)), ended.get(keyOf(user, deviceId))]) {
        if (end !== undefined && end.position > begun) throw refusalOf(end)
      }
      const mayWait = !isClosed && !place.signal.aborted && place.waitMs > 0 && count < syncLimits.waitingMax
      return mayWait ? park(place) : { reason: 'timeout', settled: 0 }
    },
    wake(user, deviceId) {
      for (const waiter of waiting.get(user) ?? []) {
        if (deviceId === undefined || deviceId === waiter.deviceId) waiter.end('changed')
      }
    },
    wakeForPresence(user) {
      for (const waiter of waiting.get(user) ?? []) if (waiter.wantsPresence) waiter.end('changed')
    },
    wakeAll: () => endAll('changed'),
    endSession(end) {
      const { user, deviceId } = end
      ended.set(keyOf(user, deviceId), end)
      for (const waiter of waiting.get(user) ?? []) {
        if (deviceId === null || deviceId === waiter.deviceId) waiter.end(refusalOf(end))
      }
    },
    addWaiting: (among, to) => addShared(among, waiting, to),
    isEmpty: () => waiting.size === 0,
    close() {
      isClosed = true
      endAll('timeout')
    },
  }
}

function keyOf(user: number, deviceId: string | null): string {
  return `${user} ${deviceId ?? ''}`
}

/** Of a lock the client is told so: it keeps its keys, and goes on when the lock is taken off. */
function refusalOf({ isLocked }: SessionEnd): MatrixError {
  if (!isLocked) return new MatrixError('M_UNKNOWN_TOKEN', 'This session has ended.')
  return new MatrixError('M_USER_LOCKED', 'This account is locked.', { soft_logout: true })
}

/** Goes through the smaller side. */
function addShared(among: ReadonlySet<number>, waiting: ReadonlyMap<number, unknown>, to: Set<number>): void {
  if (among.size < waiting.size) {
    for (const user of among) if (waiting.has(user)) to.add(user)
  } else {
    for (const user of waiting.keys()) if (among.has(user)) to.add(user)
  }
}
