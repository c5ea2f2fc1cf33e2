/** Inviting a user of another server. Spec: server-server-api#put_matrixfederationv2inviteroomideventid. */

import { buildInviteBody, type JsonValue, type RoomEvent, type RoomRules } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf } from './path.ts'
import { withOlder } from './send-member.ts'

/** The reply, for `parseInviteReply`. `state`: what the invited user is shown of the room. */
export function sendInvite(
  requests: SignedRequests,
  parties: Parties,
  rules: RoomRules,
  { event, state }: { readonly event: RoomEvent; readonly state: readonly RoomEvent[] },
): Promise<JsonValue> {
  const { roomId, eventId } = event
  const put = (path: string, body: JsonValue) =>
    requests.askJson({ ...parties, method: 'PUT', path, body, kind: 'handshake' })
  const newer = () =>
    put(pathOf`/_matrix/federation/v2/invite/${roomId}/${eventId}`, buildInviteBody(rules, event, state))
  // Version 1 of the API knows no other than these room versions.
  if (rules.version !== '1' && rules.version !== '2') return newer()
  const older = () => put(pathOf`/_matrix/federation/v1/invite/${roomId}/${eventId}`, event.pdu)
  return withOlder(newer, older)
}
