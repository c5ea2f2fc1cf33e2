/**
 * Fetches the whole state of rooms that were joined without all of their members, in the background: from one server of
 * the room after the other, again and again, until one of them tells it. Takes up what was under way before a restart.
 * Spec: server-server-api#get_matrixfederationv1state_idsroomid.
 */

import { ProtocolError, parseStoredEvent, type RoomEvent, type ServerName } from '@parallax/protocol'
import { createKeyedQueue, MatrixError } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import { pduText, type StoredEvent } from '../../rooms/index.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { findOurRoom, type OurRoom } from '../inbox/find-our-room.ts'
import { federationLimits } from '../limits.ts'
import { fetchWholeState } from './fetch-whole-state.ts'

export interface Completing {
  /** The room was joined, and members are missing. */
  start(room: number): void
  /** Takes up what waits since before the start. */
  resume(): Promise<void>
  /** How many rooms' members are being fetched. */
  count(): number
  /** Resolves when nothing is under way any more; requests to other servers must end by themselves. */
  close(): Promise<void>
}

/** `onWhole`: called when a room's state is whole. */
export function createCompleting(deps: FederationDeps, onWhole: (room: number) => Promise<void>): Completing {
  const { clock, logger, rooms } = deps
  const inLane = createLanes(federationLimits.completedAtOnce)
  const under = new Map<number, Promise<void>>()
  const cancels = new Set<() => void>()
  let isStopped = false

  const pause = (ms: number): Promise<void> => {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        cancels.delete(end)
        resolve()
      }
      const cancel = clock.schedule(ms, end)
      cancels.add(end)
    })
  }
  const complete = async (room: number): Promise<void> => {
    for (let attempt = 0; !isStopped; attempt++) {
      const isDone = await inLane(async () => isStopped || tryOnce(deps, room, attempt)).catch((error: unknown) => {
        if (!isStopped) logger.error({ room, err: error }, 'the members of a room could not be fetched')
        return false
      })
      if (isStopped) return
      if (isDone) return onWhole(room)
      const { completeAgainMs, completeAgainMaxMs } = federationLimits
      await pause(Math.min(completeAgainMs * 2 ** Math.min(attempt, 20), completeAgainMaxMs))
    }
  }
  const start = (room: number): void => {
    if (isStopped || under.has(room)) return
    const task = complete(room)
      .catch((error: unknown) => logger.error({ room, err: error }, 'events that waited for members were not taken up'))
      .finally(() => under.delete(room))
    under.set(room, task)
  }
  return {
    start,
    async resume() {
      for (const { room } of await rooms.listPartialRooms()) start(room)
    },
    count: () => under.size,
    async close() {
      isStopped = true
      for (const end of cancels) end()
      await Promise.all(under.values())
    },
  }
}

/** So many tasks at once; who waits is served in order, in the lane that was the shortest. */
function createLanes(count: number): <T>(task: () => Promise<T>) => Promise<T> {
  const queue = createKeyedQueue<number>()
  const lengths = new Array<number>(count).fill(0)
  return (task) => {
    const lane = lengths.indexOf(Math.min(...lengths))
    lengths[lane]!++
    return queue.run(lane, task).finally(() => lengths[lane]!--)
  }
}

/** True if nothing is left to do: the state is whole, or none of our users is in the room any more. */
async function tryOnce(deps: FederationDeps, room: number, attempt: number): Promise<boolean> {
  const { rooms, logger } = deps
  const partial = await rooms.findPartialRoom(room)
  const where = await findOurRoom(deps, await rooms.findRoomByNumber(room))
  if (partial === undefined || where === undefined) return true
  const [join] = await rooms.listEvents([partial.joinEvent])
  if (join === undefined) throw new Error(`the join ${partial.joinEvent} is not stored`)
  for (const server of await listAsked(deps, room, partial.servers, attempt)) {
    const parties = { origin: where.ours, destination: server }
    try {
      const state = await fetchWholeState(deps, where, parties, parseJoin(where, join))
      const completion = await rooms.complete(room, state)
      if (completion.kind === 'complete') return true
      logger.warn({ roomId: where.roomId, server, reason: completion.reason }, 'a server told a state that cannot be')
    } catch (error) {
      if (!(error instanceof RemoteError || error instanceof ProtocolError || error instanceof MatrixError)) throw error
      if (error instanceof RemoteError && error.kind === 'closed') throw error
      logger.info({ roomId: where.roomId, server, err: error }, 'a server did not tell the members of a room')
    }
  }
  return false
}

function parseJoin({ rules, roomId }: OurRoom, join: StoredEvent): RoomEvent {
  return parseStoredEvent(rules, join.eventId, roomId, JSON.parse(pduText(join)))
}

/** A few servers at each attempt, the one that was joined by first; all of them in turn. */
async function listAsked(
  { rooms, domains, remote }: FederationDeps,
  room: number,
  told: readonly ServerName[],
  attempt: number,
): Promise<ServerName[]> {
  const all = new Set([...told, ...(await rooms.listJoinedServers(room)).keys()])
  const askable = [...all].filter((server) => !domains.isLocal(server) && remote.isAllowed(server))
  const first = (attempt * federationLimits.completersAsked) % Math.max(askable.length, 1)
  const [own] = askable
  const turned = [...askable.slice(first), ...askable.slice(0, first)].slice(0, federationLimits.completersAsked)
  return [...new Set([...turned, ...(own === undefined ? [] : [own])])]
}
