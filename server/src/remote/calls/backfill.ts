/** Events before others. Spec: server-server-api#get_matrixfederationv1backfillroomid. */

import type { EventId, JsonValue, RoomId } from '@parallax/protocol'
import { callLimits } from '../limits.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'
import { requireList, requireObject } from './reply.ts'

/** At most `limit` events up to and including these, as PDUs. */
export async function backfill(
  requests: SignedRequests,
  parties: Parties,
  roomId: RoomId,
  question: { readonly from: readonly EventId[]; readonly limit: number },
): Promise<readonly JsonValue[]> {
  const path = pathOf`/_matrix/federation/v1/backfill/${roomId}` + queryOf({ v: question.from, limit: question.limit })
  const reply = requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'events' }), 'backfill')
  return requireList(reply, 'pdus', callLimits.eventsMax)
}
