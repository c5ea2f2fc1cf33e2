/**
 * Fetches the whole state of rooms that were joined without all of it, in the background: from one server of the room
 * after the other, again and again, until one tells it. Members may have been left out to be quick, or events of
 * servers whose keys could not be had. Takes up what was under way before a restart.
 * Spec: server-server-api#get_matrixfederationv1state_idsroomid.
 */

import { ProtocolError, parseStoredEvent, type RoomEvent, type ServerName } from '@parallax/protocol'
import { createKeyedQueue, MatrixError } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import { type PartialRoom, pduText, type StoredEvent } from '../../rooms/index.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { findOurRoom, type OurRoom } from '../inbox/find-our-room.ts'
import { federationLimits } from '../limits.ts'
import { fetchWholeState } from './fetch-whole-state.ts'

export interface Completing {
  /** The room was joined, and state is missing. If it is under way it is tried at once. */
  start(room: number): void
  /** True if the room's state lacks events of servers whose keys could not be had. */
  isUnproven(room: number): boolean
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
  /** Those under way that are used like any other. */
  const unproven = new Set<number>()
  const pauses = new Map<number, () => void>()
  let isStopped = false

  const pause = (room: number, ms: number): Promise<void> => {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel()
        pauses.delete(room)
        resolve()
      }
      const cancel = clock.schedule(ms, end)
      pauses.set(room, end)
    })
  }
  const tryRoom = async (room: number, attempt: number): Promise<boolean> => {
    const partial = await rooms.findPartialRoom(room)
    if (partial === undefined) return true
    if (partial.unproven.length > 0) unproven.add(room)
    else unproven.delete(room)
    return tryOnce(deps, partial, attempt)
  }
  const complete = async (room: number): Promise<void> => {
    for (let attempt = 0; !isStopped; attempt++) {
      const isDone = await inLane(async () => isStopped || tryRoom(room, attempt)).catch((error: unknown) => {
        if (!isStopped) logger.error({ room, err: error }, 'the members of a room could not be fetched')
        return false
      })
      if (isStopped) return
      if (isDone) return onWhole(room)
      await pause(room, pauseAfter(attempt, unproven.has(room)))
    }
  }
  const start = (room: number): void => {
    if (isStopped) return
    if (under.has(room)) {
      pauses.get(room)?.()
      return
    }
    const task = complete(room)
      .catch((error: unknown) => logger.error({ room, err: error }, 'events that waited for members were not taken up'))
      .finally(() => {
        under.delete(room)
        unproven.delete(room)
      })
    under.set(room, task)
  }
  return {
    start,
    async resume() {
      for (const { room } of await rooms.listPartialRooms()) start(room)
    },
    isUnproven: (room) => unproven.has(room),
    count: () => under.size - unproven.size,
    async close() {
      isStopped = true
      for (const end of pauses.values()) end()
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

function pauseAfter(attempt: number, isUsable: boolean): number {
  const { completeAgainMs, completeAgainMaxMs, proveAgainMs, proveAgainMaxMs } = federationLimits
  if (isUsable) return Math.min(proveAgainMs * 4 ** Math.min(attempt, 10), proveAgainMaxMs)
  return Math.min(completeAgainMs * 2 ** Math.min(attempt, 20), completeAgainMaxMs)
}

/** True if nothing is left to do: the state is whole, or none of our users is in the room any more. */
async function tryOnce(deps: FederationDeps, partial: PartialRoom, attempt: number): Promise<boolean> {
  const { rooms, logger } = deps
  const { room } = partial
  const where = await findOurRoom(deps, await rooms.findRoomByNumber(room))
  if (where === undefined) return true
  const isUsable = partial.unproven.length > 0
  if (isUsable && !(await isAnyKeyHad(deps, partial.unproven))) return false
  const [join] = await rooms.listEvents([partial.joinEvent])
  if (join === undefined) throw new Error(`the join ${partial.joinEvent} is not stored`)
  for (const server of await listAsked(deps, room, partial.servers, attempt)) {
    const parties = { origin: where.ours, destination: server }
    try {
      const { ids, unproven } = await fetchWholeState(deps, where, parties, parseJoin(where, join))
      // Nothing is gained: what came since is not judged again for it.
      if (isUsable && partial.unproven.every((one) => unproven.includes(one))) continue
      const completion = await rooms.complete(room, ids, unproven)
      if (completion.kind === 'complete') return unproven.length === 0
      logger.warn({ roomId: where.roomId, server, reason: completion.reason }, 'a server told a state that cannot be')
    } catch (error) {
      if (!(error instanceof RemoteError || error instanceof ProtocolError || error instanceof MatrixError)) throw error
      if (error instanceof RemoteError && error.kind === 'closed') throw error
      logger.info({ roomId: where.roomId, server, err: error }, 'a server did not tell the members of a room')
    }
  }
  return false
}

async function isAnyKeyHad({ remote }: FederationDeps, servers: readonly ServerName[]): Promise<boolean> {
  for (let from = 0; from < servers.length; from += federationLimits.singlyAtOnce) {
    const part = servers.slice(from, from + federationLimits.singlyAtOnce)
    const wanted = { keyIds: [], validAtMs: undefined }
    const keys = await Promise.all(part.map((server) => remote.keyRing.findKeys({ server, ...wanted })))
    if (keys.some((one) => one.size > 0)) return true
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
