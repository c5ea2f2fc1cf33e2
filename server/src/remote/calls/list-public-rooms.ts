/** The public rooms of a server. Spec: server-server-api#get_matrixfederationv1publicrooms. */

import type { JsonObject } from '@parallax/protocol'
import { callLimits } from '../limits.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { requireList, requireObject } from './reply.ts'

/** The reply as it is shown to clients. `question`: the body that a client would send. */
export async function listRemotePublicRooms(
  requests: SignedRequests,
  parties: Parties,
  question: JsonObject,
): Promise<JsonObject> {
  const path = '/_matrix/federation/v1/publicRooms'
  const reply = requireObject(
    await requests.askJson({ ...parties, method: 'POST', path, body: question, kind: 'query' }),
    'publicRooms',
  )
  requireList(reply, 'chunk', callLimits.eventsMax)
  return reply
}
