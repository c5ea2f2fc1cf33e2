/** The event nearest to a time. Spec: server-server-api#get_matrixfederationv1timestamp_to_eventroomid. */

import type { EventId, RoomId } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'
import { requireObject, requireText } from './reply.ts'

export type EventAtTime = { readonly eventId: EventId; readonly originServerTs: number }

export async function timestampToEvent(
  requests: SignedRequests,
  parties: Parties,
  roomId: RoomId,
  { ts, direction }: { readonly ts: number; readonly direction: 'f' | 'b' },
): Promise<EventAtTime> {
  const path = pathOf`/_matrix/federation/v1/timestamp_to_event/${roomId}` + queryOf({ ts, dir: direction })
  const reply = await requests.askJson({ ...parties, method: 'GET', path, kind: 'query' })
  const found = requireObject(reply, 'timestamp_to_event')
  return { eventId: requireText(found, 'event_id') as EventId, originServerTs: Number(found.origin_server_ts) }
}
