/**
 * The resident server's side of joining, knocking and leaving by way of another server: what to check of the event sent
 * with `send_join`, `send_knock` or `send_leave`, before its signatures and its authorisation are judged.
 * Spec: server-server-api#joining-rooms, #knocking-rooms, #leaving-rooms-rejecting-invites.
 */

import { ProtocolError } from '../errors.ts'
import { parsePdu } from '../event/parse-pdu.ts'
import type { RoomEvent } from '../event/room-event.ts'
import type { EventId, RoomId, ServerName } from '../ids.ts'
import { serverNameOf } from '../parse-ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import type { HandshakeMembership } from './member-template.ts'

/** What the request's path and signature say. */
export type HandshakeRequest = {
  readonly roomId: RoomId
  readonly eventId: EventId
  /** The authenticated server that sent the request. */
  readonly origin: ServerName
}

/** The event of a `send_*` request; throws `bad-event`, `bad-json` or `too-large` (all: 400 M_INVALID_PARAM). */
export function parseSentMember(
  membership: HandshakeMembership,
  rules: RoomRules,
  json: unknown,
  { roomId, eventId, origin }: HandshakeRequest,
): RoomEvent {
  const event = parsePdu(rules, json, { roomId, eventId })
  if (event.type !== 'm.room.member') fail('type: not m.room.member')
  if (event.content.membership !== membership) fail(`membership: not ${membership}`)
  if (serverNameOf(event.sender) !== origin) fail(`sender: not a user of ${origin}`)
  if (event.stateKey !== event.sender) fail('state_key: not the sender')
  return event
}

function fail(message: string): never {
  throw new ProtocolError('bad-event', message)
}
