/** The one invitation that cannot be rejected. Spec: client-server-api#server-notices. */

import type { RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'

/** Notices are to be seen once: a room of them can be left, but not before. */
export async function requireLeavable(deps: FlowDeps, { user }: Actor, roomId: RoomId): Promise<void> {
  const room = await deps.notices.findNoticeRoom(user)
  if (room === undefined || (await deps.rooms.findRoom(roomId))?.room !== room) return
  if ((await deps.rooms.findMember(room, user))?.membership !== 'invite') return
  throw new MatrixError('M_CANNOT_LEAVE_SERVER_NOTICE_ROOM', 'You cannot reject the invitation to the server notices.')
}
