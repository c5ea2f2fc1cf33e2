/**
 * Joins, knocks and leaves that users of other servers make by way of us.
 * Spec: server-server-api#joining-rooms, #knocking-rooms, #leaving-rooms-rejecting-invites.
 */

import {
  authorisingServerOf,
  type EventId,
  type HandshakeMembership,
  type JsonObject,
  parseSentMember,
  type RoomEvent,
  type RoomId,
  signEvent,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { KnownRoom, StoredEvent } from '../../rooms/index.ts'
import { askForPolicy } from '../check/ask-for-policy.ts'
import { checkEvent } from '../check/check-event.ts'
import { explained } from '../check/explain.ts'
import { type Asking, requireSigner } from '../federation-deps.ts'
import { joinReplyText } from './join-reply.ts'
import { type HandshakeDeps, requireOurRoom } from './make-member.ts'
import { listPreview } from './preview.ts'
import { findVoucher } from './restricted-join.ts'

export type SentQuestion = {
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly event: JsonObject
  /** Joins: members may be left out of the state. */
  readonly omitMembers: boolean
}

/** JSON text of the reply to a join. Throws M_FORBIDDEN, M_INVALID_PARAM, M_BAD_JSON and others. */
export async function takeJoin(deps: HandshakeDeps, asking: Asking, question: SentQuestion): Promise<string> {
  const info = await requireOurRoom(deps, asking, question.roomId)
  const event = parseSent(info, asking, 'join', question)
  const signed = await vouch(deps, info, event)
  const stored = await receive(deps, info, signed)
  return joinReplyText(deps, info, { asking, event: signed, stored, omitMembers: question.omitMembers })
}

/** Throws as `takeJoin`. */
export async function takeLeave(deps: HandshakeDeps, asking: Asking, question: SentQuestion): Promise<void> {
  const info = await requireOurRoom(deps, asking, question.roomId)
  await receive(deps, info, parseSent(info, asking, 'leave', question))
}

/** The room as it is shown to who knocks. Throws as `takeJoin`. */
export async function takeKnock(deps: HandshakeDeps, asking: Asking, question: SentQuestion): Promise<JsonObject> {
  const info = await requireOurRoom(deps, asking, question.roomId)
  await receive(deps, info, parseSent(info, asking, 'knock', question))
  return { knock_room_state: (await listPreview(deps.rooms, info)).map(({ pdu }) => pdu) }
}

function parseSent(
  { rules }: KnownRoom,
  { origin }: Asking,
  membership: HandshakeMembership,
  { roomId, eventId, event }: SentQuestion,
): RoomEvent {
  return explained(() => parseSentMember(membership, rules, event, { roomId, eventId, origin }))
}

/** The join with our signature, if it names a user of ours who lets the user in, and if that is so. */
async function vouch(deps: HandshakeDeps, info: KnownRoom, event: RoomEvent): Promise<RoomEvent> {
  const server = authorisingServerOf(info.rules, event)
  if (server === undefined || !deps.domains.isLocal(server)) return event
  // What make_join has checked may have changed, and who joins may never have asked it.
  await findVoucher(deps, info, event.sender as UserId)
  return { ...event, pdu: signEvent(info.rules, event.pdu, requireSigner(deps, server)) }
}

/** The event as it is stored, once it is part of the room. Throws M_FORBIDDEN if it is not. */
async function receive(
  deps: HandshakeDeps,
  { room, roomId, rules }: KnownRoom,
  event: RoomEvent,
): Promise<StoredEvent> {
  const expected = { roomId, eventId: event.eventId }
  const checked = await explained(() => checkEvent(deps, rules, event.pdu, expected, room))
  const arriving = await askForPolicy(deps, { room, rules }, checked)
  if (arriving.event.content.membership !== event.content.membership) throw badEvent('its hash is wrong')
  const [receipt] = await deps.rooms.receive(room, [{ ...arriving, isRelayed: true }])
  if (receipt?.kind === 'lacking' || receipt?.kind === 'postponed')
    throw badEvent('it does not follow from the template')
  if (receipt?.kind !== 'accepted') throw new MatrixError('M_FORBIDDEN', receipt?.reason ?? 'The event is not allowed.')
  const [stored] = await deps.rooms.listEvents([receipt.event])
  return stored!
}

function badEvent(reason: string): MatrixError {
  return new MatrixError('M_INVALID_PARAM', `The event cannot be taken: ${reason}.`)
}
