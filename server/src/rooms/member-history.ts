/** How a user's membership in a room went on. */

import { stateKeyOf, type UserId } from '@parallax/protocol'
import type { Names, Reader } from '../store/index.ts'
import { contentText } from './client-format.ts'
import { listSlotHistory } from './event-table.ts'
import type { Membership } from './rooms.ts'

export type MembershipFrom = { readonly stream: number; readonly membership: Membership }

/** The memberships that the room's events gave the user, in timeline order; at most 1000, the newest. */
export async function listMemberHistory(
  reader: Reader,
  names: Names,
  room: number,
  user: UserId,
): Promise<MembershipFrom[]> {
  const [slot] = await names.find([stateKeyOf('m.room.member', user)])
  if (slot === undefined) return []
  const history = await listSlotHistory(reader, room, slot)
  return history.map((event) => ({ stream: event.stream!, membership: JSON.parse(contentText(event)).membership }))
}
