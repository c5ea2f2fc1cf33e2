/** Being the policy server of rooms. Spec: server-server-api#post_matrixpolicyv1sign. */

import {
  isPolicyEvent,
  type JsonObject,
  matchesContentHash,
  ProtocolError,
  parsePdu,
  type RoomEvent,
  type RoomId,
  type RoomRules,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { Access } from '../access.ts'
import type { Asking, FederationDeps } from '../federation-deps.ts'

/**
 * The reply with our signature. Throws M_UNRECOGNIZED if the domain is no policy server, M_NOT_FOUND if it does not
 * protect the room, M_BAD_JSON, and M_FORBIDDEN if the event or the asking server is refused.
 */
export async function signAsPolicyServer(
  deps: FederationDeps & { readonly access: Access },
  { origin, destination: server }: Asking,
  body: JsonObject,
): Promise<JsonObject> {
  const { policy, rooms, access } = deps
  const publicKey = policy.findPublicKey(server)
  if (publicKey === undefined) throw new MatrixError('M_UNRECOGNIZED', `${server} is no policy server.`)
  const info = typeof body.room_id === 'string' ? await rooms.findRoom(body.room_id as RoomId) : undefined
  const used = info && (await rooms.findPolicyServer(info.room))
  if (info === undefined || used?.name !== server || used.publicKey !== publicKey) {
    throw new MatrixError('M_NOT_FOUND', 'This server protects no such room.')
  }
  if (!(await access.isAllowed(origin, info.room))) {
    throw new MatrixError('M_FORBIDDEN', `${origin} is shut out of this room.`)
  }
  const event = parseAsked(info.rules, body, info.roomId)
  return policy.sign({ rules: info.rules, event, origin, server })
}

/** What is judged must be what is signed, and a signature covers the content by its hash alone. */
function parseAsked(rules: RoomRules, body: JsonObject, roomId: RoomId): RoomEvent {
  try {
    const event = parsePdu(rules, body, { roomId })
    if (isPolicyEvent(event)) throw badEvent('The naming of a policy server needs no signature')
    if (!matchesContentHash(rules, event.pdu)) throw badEvent('The hash of the event is wrong')
    return event
  } catch (error) {
    if (error instanceof ProtocolError) throw badEvent(error.message)
    throw error
  }
}

function badEvent(reason: string): MatrixError {
  return new MatrixError('M_BAD_JSON', `${reason}.`)
}
