/** Since when a user has been in a room. */

import type { Position } from '../../journal/index.ts'
import { contentText } from '../client-format.ts'
import type { MemberRow, RoomReads } from '../rooms.ts'
import { viewLimits } from './limits.ts'

/** Position of the join with which the stay began: what changed of the profile since is no new join. */
export async function findStayStart(
  rooms: Pick<RoomReads, 'listEvents'>,
  member: Pick<MemberRow, 'event' | 'position'>,
): Promise<Position> {
  let start = member.position
  let number: number | null = member.event
  for (let hop = 0; number !== null && hop < viewLimits.stayHopsMax; hop++) {
    const [event] = await rooms.listEvents([number])
    if (event === undefined || JSON.parse(contentText(event)).membership !== 'join') break
    start = event.stream ?? start
    number = event.replaces
  }
  return start
}
