/**
 * Changes a profile; name and avatar are changed in all rooms that the user is in.
 * Spec: client-server-api#events-on-change-of-profile-information.
 */

import type { JsonObject, JsonValue, RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Caller } from '../users/index.ts'
import type { AccountDeps } from './account-deps.ts'
import { forEachRoom } from './for-each-room.ts'
import { memberContent } from './member-content.ts'

/** `value` undefined: the field is removed. Throws M_GUEST_ACCESS_FORBIDDEN and as `Users.setProfileField`. */
export async function updateProfile(
  deps: AccountDeps,
  caller: Caller,
  field: string,
  value: JsonValue | undefined,
): Promise<void> {
  if (caller.isGuest && field !== 'displayname') {
    throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guests can change their display name only.')
  }
  const { users, rooms, names } = deps
  await users.setProfileField(caller.user, field, value)
  if (field !== 'displayname' && field !== 'avatar_url') return
  const content = await memberContent({ findProfile: users.findProfile }, caller.userId, 'join')
  await forEachRoom(deps, caller.user, ['join'], async ({ room }) => {
    const member = await rooms.findStateEvent(room, 'm.room.member', caller.userId)
    if (member === undefined || isShown(member.content, content)) return
    const [roomId] = (await names.texts([room])) as [RoomId]
    await rooms.send(roomId, caller.userId, { type: 'm.room.member', stateKey: caller.userId, content })
  })
}

function isShown(shown: JsonObject, wanted: JsonObject): boolean {
  return shown.displayname === wanted.displayname && shown.avatar_url === wanted.avatar_url
}
