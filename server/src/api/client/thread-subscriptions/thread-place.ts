/** The path that names a thread. */

import type { EventId, RoomId } from '@parallax/protocol'
import { Type } from 'typebox'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'

export const threadParams = Type.Object({ roomId: roomIdSchema, rootId: eventIdSchema })

/** As the flows take it. */
export function threadPlaceOf({ roomId, rootId: root }: { roomId: RoomId; rootId: EventId }) {
  return { roomId, root }
}
