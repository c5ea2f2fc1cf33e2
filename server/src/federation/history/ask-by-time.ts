/**
 * Which event is nearest to a time, as other servers say. Spec:
 * server-server-api#get_matrixfederationv1timestamp_to_eventroomid.
 */

import type { EventId } from '@parallax/protocol'
import { RemoteError } from '../../remote/index.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { findOurRoom } from '../inbox/find-our-room.ts'
import { listAskable } from './askable-servers.ts'

export type TimeQuestion = { readonly ts: number; readonly direction: 'f' | 'b' }
export type AtTime = { readonly eventId: EventId; readonly ts: number }

/** What the first server says that knows one; nothing of it is checked. */
export async function askByTime(
  deps: FederationDeps,
  number: number,
  question: TimeQuestion,
): Promise<AtTime | undefined> {
  const room = await findOurRoom(deps, await deps.rooms.findRoomByNumber(number))
  if (room === undefined) return undefined
  for (const destination of await listAskable(deps, number)) {
    try {
      const parties = { origin: room.ours, destination }
      const { eventId, originServerTs: ts } = await deps.remote.calls.timestampToEvent(parties, room.roomId, question)
      const isInDirection = question.direction === 'f' ? ts >= question.ts : ts <= question.ts
      if (Number.isSafeInteger(ts) && isInDirection) return { eventId, ts }
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error
      deps.logger.debug({ roomId: room.roomId, destination, err: error }, 'a server told no event of a time')
    }
  }
  return undefined
}
