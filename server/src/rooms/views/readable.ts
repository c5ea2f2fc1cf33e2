/** May this user read this room, and up to where? Spec: client-server-api#room-history-visibility. */

import { canReadRoom, type RoomId, readHistoryVisibility, type UserId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import type { MemberRow, RoomInfo, RoomReads } from '../rooms.ts'

/** Who asks: the caller of an endpoint. */
export type Asking = { readonly userId: UserId; readonly user: number }

export type Readable = {
  readonly info: RoomInfo
  readonly member: MemberRow | undefined
  /** Where the viewer's sight ends: the position of the leave or ban; undefined: now. */
  readonly until: Position | undefined
  /** Snapshot of the state that the viewer may see. */
  readonly snapshot: number
}

type ReadableReads = Pick<RoomReads, 'findRoom' | 'findMember' | 'findStateEvent' | 'findSnapshotAt' | 'hasEverJoined'>

/** Throws MatrixError M_FORBIDDEN for rooms that are unknown or closed to the user: the two are not told apart. */
export async function requireReadable(rooms: ReadableReads, roomId: RoomId, asking: Asking): Promise<Readable> {
  const info = await rooms.findRoom(roomId)
  if (info === undefined) throw forbidden(roomId)
  const member = await rooms.findMember(info.room, asking.user)
  if (member?.membership === 'join') return { info, member, until: undefined, snapshot: info.snapshot }
  const visibility = await rooms.findStateEvent(info.room, 'm.room.history_visibility', '')
  const now = readHistoryVisibility(visibility?.content)
  if (canReadRoom(now, false)) return { info, member, until: undefined, snapshot: info.snapshot }
  const hasLeft =
    member !== undefined && !member.forgotten && (member.membership === 'leave' || member.membership === 'ban')
  if (!hasLeft || !(await rooms.hasEverJoined(info.room, asking.userId))) throw forbidden(roomId)
  const snapshot = (await rooms.findSnapshotAt(info.room, member.position)) ?? info.snapshot
  return { info, member, until: member.position, snapshot }
}

function forbidden(roomId: RoomId): MatrixError {
  return new MatrixError('M_FORBIDDEN', `You are not in the room ${roomId}, and it is not open to read.`)
}
