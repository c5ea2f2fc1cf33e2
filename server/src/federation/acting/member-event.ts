/** Member events of our users in rooms that nobody here is in: made of another server's template. */

import {
  buildMemberFromTemplate,
  type EventId,
  type HandshakeMembership,
  type JsonObject,
  type MemberTemplate,
  parseMemberTemplate,
  type RoomEvent,
  type RoomId,
  roomVersions,
  type ServerName,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import type { Parties } from '../../remote/index.ts'
import { type FederationDeps, requireSigner } from '../federation-deps.ts'

/** What a user of ours wants of a room elsewhere. */
export type RemoteWish = {
  readonly roomId: RoomId
  readonly userId: UserId
  /** Whom to ask, the likeliest first. */
  readonly servers: readonly ServerName[]
  /** Whom to ask if none of those answers: what one of them says of the user counts. */
  readonly others?: readonly ServerName[]
  /** Of the member event, beside the membership. */
  readonly content: JsonObject
}

/** The signed event, and the room's rules as the template names them. Throws ProtocolError, RemoteError. */
export async function makeEvent(
  deps: FederationDeps,
  parties: Parties,
  membership: HandshakeMembership,
  { roomId, userId, content }: RemoteWish,
): Promise<{ event: RoomEvent; rules: MemberTemplate['rules'] }> {
  const question = { roomId, userId, versions: [...roomVersions.keys()] }
  const reply = await deps.remote.calls.makeMember(parties, membership, question)
  const template = parseMemberTemplate(membership, reply, { roomId, userId })
  return { event: buildEvent(deps, template, content), rules: template.rules }
}

export function buildEvent(deps: FederationDeps, template: MemberTemplate, content: JsonObject): RoomEvent {
  const { rules, userId } = template
  const server = serverNameOf(userId)
  const filling = {
    content,
    originServerTs: deps.clock.nowMs(),
    ...(rules.eventFormat === 1 ? { eventId: `$${crypto.randomUUID()}:${server}` as EventId } : {}),
  }
  return buildMemberFromTemplate(template, filling, requireSigner(deps, server)).event
}
