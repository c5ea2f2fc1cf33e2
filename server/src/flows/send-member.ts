/** Member events as clients write them themselves. Spec: client-server-api#room-membership. */

import { type JsonObject, type RoomId, serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Sent } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { requireGuestAccess } from './guest-access.ts'
import { findAuthoriser } from './join-room.ts'
import { memberContent } from './member-content.ts'
import { requireInvitable } from './require-invitable.ts'
import { requireLeavable } from './require-leavable.ts'

export type MemberRequest = { readonly roomId: RoomId; readonly target: string; readonly content: JsonObject }

/**
 * Sets a membership with this content, to which what only the server can say is added. Throws MatrixError M_FORBIDDEN.
 */
export async function sendMember(deps: FlowDeps, actor: Actor, request: MemberRequest): Promise<Sent> {
  const { roomId, target } = request
  // Who vouches for a restricted join is found by us: a client could name anybody.
  const { join_authorised_via_users_server: _claimed, ...given } = request.content
  const { membership } = given
  if (membership === 'invite') await requireInvitable(deps, actor, target as UserId)
  if (membership === 'leave' && target === actor.userId) await requireLeavable(deps, actor, roomId)
  const added =
    membership === 'join' && target === actor.userId
      ? await joinContent(deps, actor, roomId)
      : membership === 'invite'
        ? await memberContent(deps, target as UserId, 'invite')
        : {}
  if (membership === 'invite' && !deps.isLocal(serverNameOf(target as UserId))) {
    const { membership: _set, ...content } = { ...added, ...given }
    await deps.federation.inviteRemote({ roomId, sender: actor.userId, target: target as UserId, content })
    const info = await deps.rooms.findRoom(roomId)
    const event = info && (await deps.rooms.findStateEvent(info.room, 'm.room.member', target))
    const [stored] = event === undefined ? [] : await deps.rooms.listEventsById([event.eventId])
    if (stored !== undefined) return { eventId: stored.eventId, event: stored.event }
  }
  return deps.rooms.send(roomId, actor.userId, {
    type: 'm.room.member',
    stateKey: target,
    content: { ...added, ...given },
  })
}

/** What a join gets beside what the client says; nothing where the user is in the room already. */
async function joinContent(deps: FlowDeps, actor: Actor, roomId: RoomId): Promise<JsonObject> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined) throw new MatrixError('M_FORBIDDEN', `${actor.userId} is not in the room.`)
  const member = await deps.rooms.findMember(info.room, actor.user)
  if (member?.membership === 'join') return {}
  await requireGuestAccess(deps, actor, info)
  const authoriser = await findAuthoriser(deps, info, actor, member?.membership)
  return memberContent(deps, actor.userId, 'join', { join_authorised_via_users_server: authoriser })
}
