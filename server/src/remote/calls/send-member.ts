/**
 * Joins, knocks and leaves by way of another server. Spec:
 * server-server-api#put_matrixfederationv2send_joinroomideventid and its like.
 */

import type { HandshakeMembership, JsonValue, RoomEvent } from '@parallax/protocol'
import { RemoteError } from '../remote-error.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'

export type SendMemberOptions = {
  readonly event: RoomEvent
  /** Joins: the members of the room may be left out of the state. */
  readonly omitMembers: boolean
}

/** The reply, for `parseJoinReply` or `parseKnockReply`; version 1 of the API is used where version 2 is not known. */
export async function sendMember(
  requests: SignedRequests,
  parties: Parties,
  membership: HandshakeMembership,
  { event, omitMembers }: SendMemberOptions,
): Promise<JsonValue> {
  const { roomId, eventId, pdu: body } = event
  const kind = membership === 'join' ? 'join' : 'handshake'
  const put = (path: string) => requests.askJson({ ...parties, method: 'PUT', path, body, kind })
  if (membership === 'knock') return put(pathOf`/_matrix/federation/v1/send_knock/${roomId}/${eventId}`)
  const query = membership === 'join' ? queryOf({ omit_members: omitMembers }) : ''
  const [newer, older] =
    membership === 'join'
      ? [
          pathOf`/_matrix/federation/v2/send_join/${roomId}/${eventId}`,
          pathOf`/_matrix/federation/v1/send_join/${roomId}/${eventId}`,
        ]
      : [
          pathOf`/_matrix/federation/v2/send_leave/${roomId}/${eventId}`,
          pathOf`/_matrix/federation/v1/send_leave/${roomId}/${eventId}`,
        ]
  return withOlder(
    () => put(newer + query),
    () => put(older),
  )
}

/** Asks the older path if the newer one is not known there. */
export async function withOlder<T>(newer: () => Promise<T>, older: () => Promise<T>): Promise<T> {
  try {
    return await newer()
  } catch (error) {
    if (!isUnknownPath(error)) throw error
    return older()
  }
}

function isUnknownPath(error: unknown): boolean {
  if (!(error instanceof RemoteError) || error.answer === undefined) return false
  const { status, errcode } = error.answer
  return (status === 404 || status === 405 || status === 400) && (errcode === 'M_UNRECOGNIZED' || status === 405)
}
