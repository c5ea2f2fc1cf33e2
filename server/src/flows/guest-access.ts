/** Which rooms guests may be in. Spec: client-server-api#guest-access. */

import { serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'

/** Joined users among whom guests are looked for together. */
const USERS_AT_ONCE = 1000

/** Throws MatrixError M_GUEST_ACCESS_FORBIDDEN if the actor is a guest and the room takes none. */
export async function requireGuestAccess(deps: FlowDeps, actor: Actor, { room }: KnownRoom): Promise<void> {
  if (actor.isGuest !== true || (await isOpenToGuests(deps, room))) return
  throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guests cannot join this room.')
}

/** Where the room takes no guests any more, those of this server leave it. */
export async function expelGuests(deps: FlowDeps, { room, roomId }: KnownRoom): Promise<void> {
  if (await isOpenToGuests(deps, room)) return
  const joined = [...(await deps.rooms.listJoinedUsers(room))]
  for (let from = 0; from < joined.length; from += USERS_AT_ONCE) {
    const guests = await deps.users.listGuests(joined.slice(from, from + USERS_AT_ONCE))
    for (const guest of (await deps.names.texts(guests)) as UserId[]) {
      if (!deps.isLocal(serverNameOf(guest))) continue
      const content = { membership: 'leave', reason: 'This room takes no guests any more.' }
      await deps.rooms.send(roomId, guest, { type: 'm.room.member', stateKey: guest, content })
    }
  }
}

async function isOpenToGuests(deps: FlowDeps, room: number): Promise<boolean> {
  const access = await deps.rooms.findStateEvent(room, 'm.room.guest_access', '')
  return access?.content.guest_access === 'can_join'
}
