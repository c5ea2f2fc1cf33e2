/** Invites of our users by users of other servers. Spec: server-server-api#inviting-to-a-room. */

import {
  buildInviteReply,
  type EventId,
  isJsonObject,
  type JsonObject,
  parseInvite,
  type RoomId,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { checkEvent } from '../check/check-event.ts'
import { explained } from '../check/explain.ts'
import { type Asking, type FederationDeps, requireSigner } from '../federation-deps.ts'
import type { HandshakeDeps } from './make-member.ts'
import { strippedOf } from './preview.ts'

export type InviteQuestion = {
  readonly roomId: RoomId
  readonly eventId: EventId
  /** The body of version 2 of the API: `room_version`, `event`, `invite_room_state`. */
  readonly body: JsonObject
}

/** The reply: the event with our signature. Throws M_FORBIDDEN, M_INCOMPATIBLE_ROOM_VERSION, M_INVALID_PARAM. */
export async function takeInvite(
  deps: HandshakeDeps,
  { origin }: Asking,
  { roomId, eventId, body }: InviteQuestion,
): Promise<JsonObject> {
  const { rooms, domains, names } = deps
  const invite = explained(() => parseInvite(body, { roomId, eventId, origin }, domains.isLocal))
  const { rules, invited } = invite
  const info = await rooms.findRoom(roomId)
  if (info !== undefined && !(await deps.access.isAllowed(origin, info.room))) {
    throw new MatrixError('M_FORBIDDEN', `${origin} is shut out of this room.`)
  }
  const arriving = await explained(() => checkEvent(deps, rules, invite.event.pdu, { roomId, eventId }, undefined))
  await requireInvitable(deps, invited, invite.event.sender)
  const server = serverNameOf(invited)
  const reply = buildInviteReply(rules, arriving.event, requireSigner(deps, server))
  const servers = info === undefined ? undefined : await rooms.listJoinedServers(info.room)
  // A server that is in the room gets the event as it gets all others.
  if (servers === undefined || !domains.names.some((name) => servers.has(name))) {
    const [room] = (await names.intern([roomId])) as [number]
    const event = { ...arriving.event, pdu: reply.event as JsonObject }
    await rooms.receiveOutside({ room, roomId, rules }, { event, state: strippedOf(invite.state) })
  }
  return reply
}

/** Throws M_FORBIDDEN for users who are not here, M_SAFETY by the server's lens, M_INVITE_BLOCKED by the invited. */
export async function requireInvitable(
  { users, names, rooms }: Pick<FederationDeps, 'users' | 'names' | 'rooms'>,
  invited: UserId,
  sender: UserId,
): Promise<void> {
  const account = await users.findAccount(invited)
  if (account === undefined || account.state === 'deactivated') {
    throw new MatrixError('M_FORBIDDEN', `${invited} is not a user of this server.`)
  }
  await rooms.requireSafe(sender)
  const [user] = await names.find([invited])
  if (user !== undefined && (await users.findInviteRules(user)).judge(sender) === 'block') {
    throw new MatrixError('M_INVITE_BLOCKED', `${invited} does not take this invitation.`)
  }
}

/** The body of version 2 of the API from that of version 1, which is the event alone; such rooms are of version 1. */
export function inviteBodyOf(event: JsonObject): JsonObject {
  const unsigned = isJsonObject(event.unsigned) ? event.unsigned : {}
  return { room_version: '1', event, invite_room_state: unsigned.invite_room_state }
}
