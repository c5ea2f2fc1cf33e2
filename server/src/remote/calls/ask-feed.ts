/** Asking a server that publishes feeds of opinions, where it wants to know which server asks. */

import type { JsonObject } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { requireObject } from './reply.ts'

/** `path`: below `/_matrix/reputation/`, encoded. */
export async function askFeed(
  requests: SignedRequests,
  parties: Parties,
  path: string,
  body: JsonObject,
): Promise<JsonObject> {
  return requireObject(await requests.askJson({ ...parties, method: 'POST', path, body, kind: 'query' }), 'feed')
}
