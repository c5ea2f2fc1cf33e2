/**
 * Check 7 of a received event: where it lacks the signature of the room's policy server, that is asked for it. Spec:
 * server-server-api#validating-policy-server-signatures.
 */

import { isPolicyEvent, type RoomRules } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { Arriving } from '../../rooms/index.ts'
import type { FederationDeps } from '../federation-deps.ts'

type PolicyRoom = { readonly room: number; readonly rules: RoomRules }

/**
 * The event as it is to be received: with the signature, if the room uses a policy server and that gives it. Throws
 * RemoteError `closed`.
 */
export async function askForPolicy(
  { rooms, policy, logger }: Pick<FederationDeps, 'rooms' | 'policy' | 'logger'>,
  { room, rules }: PolicyRoom,
  arriving: Arriving,
): Promise<Arriving> {
  const server = isPolicyEvent(arriving.event) ? undefined : await rooms.findPolicyServer(room)
  if (server === undefined) return arriving.isPolicySigned ? arriving : { ...arriving, isPolicySigned: true }
  try {
    return { ...arriving, event: await policy.requestSignature(rules, arriving.event, server), isPolicySigned: true }
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    const { eventId, roomId } = arriving.event
    logger.info({ eventId, roomId, err: error }, 'an event came without the signature of the policy server')
    return { ...arriving, isPolicySigned: false }
  }
}
