/** Who is typing where: in memory only. Spec: client-server-api#typing-notifications. */

import { type Clock, Lru } from '../../base/index.ts'
import type { Journal, Position } from '../../journal/index.ts'
import { ephemeralLimits } from './limits.ts'

export interface Typing {
  /** Marks the user as typing for a while, bounded. */
  start(room: number, user: number, timeoutMs: number): void
  stop(room: number, user: number): void
  /** Who types in the room, and the position of the last change; undefined: nobody ever did. */
  find(room: number): TypingUsers | undefined
}

export type TypingUsers = { readonly position: Position; readonly users: readonly number[] }

type TypingRoom = { position: Position; until: Map<number, number>; cancel: (() => void) | undefined }

type TypingDeps = { readonly journal: Journal; readonly clock: Clock }

export function createTyping({ journal, clock }: TypingDeps): Typing {
  const rooms = new Lru<number, TypingRoom>(ephemeralLimits.typingRoomsMax)

  function announce(room: number, held: TypingRoom): void {
    held.position = journal.announce({ kind: 'typing', room })
  }

  function schedule(room: number, held: TypingRoom): void {
    held.cancel?.()
    held.cancel = undefined
    if (held.until.size === 0) return
    const first = Math.min(...held.until.values())
    held.cancel = clock.schedule(Math.max(0, first - clock.nowMs()), () => expire(room, held))
  }

  function expire(room: number, held: TypingRoom): void {
    const nowMs = clock.nowMs()
    const gone = [...held.until].filter(([, until]) => until <= nowMs)
    for (const [user] of gone) held.until.delete(user)
    if (gone.length > 0) announce(room, held)
    schedule(room, held)
  }

  function stop(room: number, user: number): void {
    const held = rooms.get(room)
    if (held === undefined || !held.until.delete(user)) return
    announce(room, held)
    schedule(room, held)
  }

  journal.watch((records) => {
    for (const { entry } of records) {
      if (entry.kind === 'membership' && entry.membership !== 'join') stop(entry.room, entry.user)
    }
  })

  return {
    start(room, user, timeoutMs) {
      const { typingTimeoutMinMs, typingTimeoutMaxMs, typingUsersOfRoomMax } = ephemeralLimits
      const held: TypingRoom = rooms.get(room) ?? { position: 0, until: new Map(), cancel: undefined }
      const isNew = !held.until.has(user)
      if (isNew && held.until.size >= typingUsersOfRoomMax) return
      const bounded = Math.min(Math.max(timeoutMs, typingTimeoutMinMs), typingTimeoutMaxMs)
      held.until.set(user, clock.nowMs() + bounded)
      rooms.set(room, held)
      if (isNew) announce(room, held)
      schedule(room, held)
    },
    stop,
    find(room) {
      const held = rooms.get(room)
      return held && { position: held.position, users: [...held.until.keys()] }
    },
  }
}
