/** The devices of a user. Spec: server-server-api#get_matrixfederationv1userdevicesuserid. */

import type { JsonObject, UserId } from '@parallax/protocol'
import { callLimits } from '../limits.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf } from './path.ts'
import { requireList, requireObject } from './reply.ts'

/** The reply as it came, about that user and with a stream ID. */
export async function getUserDevices(requests: SignedRequests, parties: Parties, userId: UserId): Promise<JsonObject> {
  const path = pathOf`/_matrix/federation/v1/user/devices/${userId}`
  const reply = requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'events' }), 'devices')
  requireList(reply, 'devices', callLimits.eventsMax)
  return reply
}
