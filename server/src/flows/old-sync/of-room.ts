/** One room, for those who are in it and those who only look. Spec: client-server-api#room-previews. */

import type { JsonObject, RoomId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { parseToken, tokenOf } from '../../rooms/index.ts'
import type { Caller } from '../../users/index.ts'
import type { OldSyncDeps } from './old-sync-deps.ts'

export type PeekQuery = { readonly from?: string | undefined; readonly timeout?: number | undefined }

/** Who looks into rooms and waits: each is told of every change, so they are counted. */
const PEEKERS_MAX = 1_000
const CHUNK_MAX = 100
const WAIT_MAX_MS = 60_000
const noFilter = {}

/** Throws MatrixError M_FORBIDDEN. */
export async function snapshotOfRoom(
  deps: OldSyncDeps,
  caller: Caller,
  roomId: RoomId,
  limit: number,
): Promise<JsonObject> {
  const { roomViews, rooms } = deps
  const from = tokenOf(deps.journal.committed())
  const page = JSON.parse(
    await roomViews.messages(caller, roomId, { from, to: undefined, direction: 'b', limit, filter: noFilter }),
  )
  const info = (await rooms.findRoom(roomId))!
  const member = await rooms.findMember(info.room, caller.user)
  const membership = member === undefined || member.membership === 'knock' ? {} : { membership: member.membership }
  return {
    room_id: roomId,
    ...membership,
    messages: { ...(page.end !== undefined && { start: page.end }), end: from, chunk: page.chunk.toReversed() },
    state: JSON.parse(await roomViews.state(caller, roomId)),
    visibility: await visibilityOf(deps, info.room),
    account_data: await listKept(deps, caller.user, info.room),
  }
}

/** As the directory of rooms shows it. */
export async function visibilityOf({ rooms }: OldSyncDeps, room: number): Promise<string> {
  return (await rooms.isPublic(room)) ? 'public' : 'private'
}

async function listKept({ users, journal }: OldSyncDeps, user: number, room: number): Promise<JsonObject[]> {
  const rows = (await users.listRoomAccountData(user, 0, journal.committed())).get(room) ?? []
  return rows.map(({ type, content }) => ({ type, content: JSON.parse(content) }))
}

/** Waits for events of rooms that the caller need not be in. */
export function createPeeking(deps: OldSyncDeps) {
  const { journal, clock, names, roomViews } = deps
  let waiting = 0

  /** Resolves when there is something in the room, or at the end of the time; `stop` ends it at once. */
  function watch(room: number, timeoutMs: number, signal: AbortSignal): { changed: Promise<void>; stop: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>()
    const unwatch = journal.watch((records) => {
      if (records.some(({ entry }) => entry.kind === 'event' && entry.room === room)) resolve()
    })
    const cancel = clock.schedule(timeoutMs, resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    const stop = () => {
      unwatch()
      cancel()
    }
    return { changed: promise, stop }
  }

  async function read(caller: Caller, roomId: RoomId, from: string) {
    const upto = tokenOf(Math.max(journal.committed(), parseToken(from)))
    const query = { from, to: upto, direction: 'f', limit: CHUNK_MAX, filter: noFilter } as const
    const { chunk, end = upto } = JSON.parse(await roomViews.messages(caller, roomId, query))
    return { start: from, end, chunk }
  }

  return {
    /** Throws MatrixError M_FORBIDDEN, M_INVALID_PARAM, M_LIMIT_EXCEEDED. */
    async listen(caller: Caller, roomId: RoomId, query: PeekQuery, signal: AbortSignal): Promise<object> {
      const from = query.from ?? tokenOf(journal.committed())
      const endMs = clock.nowMs() + Math.min(query.timeout ?? 0, WAIT_MAX_MS)
      const [room] = await names.find([roomId])
      for (;;) {
        const leftMs = signal.aborted ? 0 : endMs - clock.nowMs()
        if (room === undefined || leftMs <= 0) return read(caller, roomId, from)
        if (waiting >= PEEKERS_MAX) throw new MatrixError('M_LIMIT_EXCEEDED', 'Too many wait for events of rooms.')
        waiting++
        const watched = watch(room, leftMs, signal)
        try {
          const reply = await read(caller, roomId, from)
          if (reply.chunk.length > 0) return reply
          await watched.changed
        } finally {
          waiting--
          watched.stop()
        }
      }
    },
  }
}
