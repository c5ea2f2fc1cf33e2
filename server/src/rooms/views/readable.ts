/** May this user read this room, and up to where? Spec: client-server-api#room-history-visibility. */

import { canReadRoom, type RoomId, readHistoryVisibility, type UserId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import type { KnownRoom, MemberRow, RoomReads } from '../rooms.ts'

/** Who asks: the caller of an endpoint. */
export type Asking = { readonly userId: UserId; readonly user: number }

export type Readable = {
  readonly info: KnownRoom
  readonly member: MemberRow | undefined
  /** Where the viewer's sight ends: the position of the event that ended their last stay; undefined: now. */
  readonly until: Position | undefined
  /** Snapshot of the state that the viewer may see. */
  readonly snapshot: number
}

type ReadableReads = Pick<RoomReads, 'findRoom' | 'findMember' | 'findStateEvent' | 'findSnapshotAt' | 'findLastLeave'>

/** Throws MatrixError M_FORBIDDEN for rooms that are unknown or closed to the user: the two are not told apart. */
export async function requireReadable(rooms: ReadableReads, roomId: RoomId, asking: Asking): Promise<Readable> {
  const readable = await findReadable(rooms, roomId, asking)
  if (readable !== undefined) return readable
  throw new MatrixError('M_FORBIDDEN', `You are not in the room ${roomId}, and it is not open to read.`)
}

/** Undefined for rooms that are unknown or closed to the user. */
export async function findReadable(
  rooms: ReadableReads,
  roomId: RoomId,
  asking: Asking,
): Promise<Readable | undefined> {
  const info = await rooms.findRoom(roomId)
  if (info === undefined) return undefined
  const member = await rooms.findMember(info.room, asking.user)
  if (member?.membership === 'join') return { info, member, until: undefined, snapshot: info.snapshot }
  const visibility = await rooms.findStateEvent(info.room, 'm.room.history_visibility', '')
  if (canReadRoom(readHistoryVisibility(visibility?.content), false)) {
    return { info, member, until: undefined, snapshot: info.snapshot }
  }
  const isOut = member?.membership === 'leave' || member?.membership === 'ban'
  if (!isOut || member.forgotten) return undefined
  // Not the newest member event: who left and is banned later saw nothing of what lies between.
  const until = await rooms.findLastLeave(info.room, asking.userId)
  const snapshot = until === undefined ? undefined : await rooms.findSnapshotAt(info.room, until)
  return snapshot === undefined ? undefined : { info, member, until, snapshot }
}
