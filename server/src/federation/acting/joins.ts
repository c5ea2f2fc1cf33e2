/**
 * Joins under way. One at a time of a user and a room; events of a room that a server sends while it is being joined
 * wait for the end of that, for they come after the state that is told.
 */

import type { RoomId, UserId } from '@parallax/protocol'
import { type Clock, createKeyedQueue } from '../../base/index.ts'
import { federationLimits } from '../limits.ts'

export interface Joins {
  /** Runs the join when those of the same user and room have ended. */
  run(roomId: RoomId, userId: UserId, join: () => Promise<void>): Promise<void>
  /** Resolves when no join of the room is under way any more, or after a while; undefined if there is none. */
  ended(roomId: RoomId): Promise<void> | undefined
}

export function createJoins({ clock }: { readonly clock: Clock }): Joins {
  const turns = createKeyedQueue<string>()
  const under = new Map<RoomId, Set<Promise<void>>>()
  const track = (roomId: RoomId, join: Promise<void>): void => {
    const joins = under.get(roomId) ?? new Set()
    under.set(roomId, joins)
    const ended: Promise<void> = join
      .catch(() => undefined)
      .then(() => {
        joins.delete(ended)
        if (joins.size === 0) under.delete(roomId)
      })
    joins.add(ended)
  }
  return {
    run(roomId, userId, join) {
      const task = turns.run(`${roomId} ${userId}`, join)
      track(roomId, task)
      return task
    },
    ended(roomId) {
      const joins = under.get(roomId)
      if (joins === undefined) return undefined
      let cancel = (): void => {}
      const tooLong = new Promise<void>((resolve) => {
        cancel = clock.schedule(federationLimits.joinAwaitedMs, resolve)
      })
      return Promise.race([Promise.all(joins).then(() => undefined), tooLong]).finally(cancel)
    },
  }
}
