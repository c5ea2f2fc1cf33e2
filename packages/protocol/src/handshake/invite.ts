/** Inviting a user of another server: what both servers check. Spec: server-server-api#inviting-to-a-room. */

import { ProtocolError } from '../errors.ts'
import { parsePdu } from '../event/parse-pdu.ts'
import { referenceText } from '../event/reference-hash.ts'
import type { RoomEvent } from '../event/room-event.ts'
import { signEvent } from '../event/sign-event.ts'
import type { ServerName, UserId } from '../ids.ts'
import { isJsonObject, type JsonObject } from '../json/json.ts'
import { isUserIdText, serverNameOf } from '../parse-ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { requireRoomRules } from '../room-version/versions.ts'
import type { Signer } from '../signing/sign-json.ts'
import { signaturesOf } from '../signing/verify-json.ts'
import { type PreviewState, parsePreviewState } from './preview-state.ts'
import type { HandshakeRequest } from './receive-member.ts'

/** An invite that another server sent us and that passed the checks of form. */
export type ReceivedInvite = {
  readonly rules: RoomRules
  readonly event: RoomEvent
  readonly invited: UserId
  readonly state: PreviewState
}

/** A room's event and its version as it is sent to the invited user's server, with state to recognise the room by. */
export function buildInviteBody(rules: RoomRules, event: RoomEvent, state: readonly RoomEvent[]): JsonObject {
  return { room_version: rules.version, event: event.pdu, invite_room_state: state.map(({ pdu }) => pdu) }
}

/**
 * The invited server's side: the invite of an `/invite` (v2) body. Throws `bad-event` (400 M_INVALID_PARAM) or
 * `unknown-room-version` (400 M_INCOMPATIBLE_ROOM_VERSION). Signatures are judged next, then it is signed by us.
 */
export function parseInvite(
  json: unknown,
  { roomId, eventId, origin }: HandshakeRequest,
  isLocal: (server: ServerName) => boolean,
): ReceivedInvite {
  if (!isJsonObject(json)) fail('the body is not an object')
  if (typeof json.room_version !== 'string') fail('room_version: not a string')
  const rules = requireRoomRules(json.room_version)
  const event = parsePdu(rules, json.event, { roomId, eventId })
  if (event.type !== 'm.room.member' || event.content.membership !== 'invite') fail('not an invite')
  if (serverNameOf(event.sender) !== origin) fail(`sender: not a user of ${origin}`)
  const invited = event.stateKey
  if (invited === undefined || !isUserIdText(invited) || !isLocal(serverNameOf(invited))) {
    fail('state_key: not a user of this server')
  }
  return { rules, event, invited, state: parsePreviewState(rules, roomId, json.invite_room_state) }
}

/** The invited server's answer: the event with our signature beside the inviting server's. */
export function buildInviteReply(rules: RoomRules, event: RoomEvent, signer: Signer): JsonObject {
  return { event: signEvent(rules, event.pdu, signer) }
}

/**
 * The inviting server's side: our invite with the signatures that the reply added. Throws `bad-event` if the reply is
 * about another event or the invited user's server did not sign. That signature is verified next.
 */
export function parseInviteReply(rules: RoomRules, sent: RoomEvent, json: unknown): RoomEvent {
  // v1 of the API wraps the reply in [200, …]
  const body = Array.isArray(json) && json.length === 2 ? json[1] : json
  if (!isJsonObject(body)) fail('the reply is not an object')
  const answered = parsePdu(rules, body.event, { roomId: sent.roomId, eventId: sent.eventId })
  if (referenceText(rules, answered.pdu) !== referenceText(rules, sent.pdu)) fail('the reply is about another event')
  const server = serverNameOf(sent.stateKey as UserId)
  const added = signaturesOf(answered.pdu, server)
  if (added.size === 0) fail(`${server} did not sign`)
  const signatures = isJsonObject(sent.pdu.signatures) ? sent.pdu.signatures : {}
  const ofServer = isJsonObject(signatures[server]) ? signatures[server] : {}
  const pdu = { ...sent.pdu, signatures: { ...signatures, [server]: { ...Object.fromEntries(added), ...ofServer } } }
  return { ...sent, pdu }
}

function fail(message: string): never {
  throw new ProtocolError('bad-event', `Bad invite: ${message}`)
}
