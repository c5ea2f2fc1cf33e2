/** Rule 4 of versions 1–5: `m.room.aliases`. Spec: rooms/v1#authorisation-rules 4. */

import type { RoomEvent } from '../../event/room-event.ts'
import { serverPart } from '../server-part.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** The verdict on an aliases event: each server writes under its own name, member of the room or not. */
export function allowAliases(event: RoomEvent): Verdict {
  // v1–5 4.1.
  if (event.stateKey === undefined) return refuse('aliases.not-state', 'Aliases need a state key')
  // v1–5 4.2.
  if (event.stateKey !== serverPart(event.sender)) {
    return refuse('aliases.other-server', "The state key is not the sender's server")
  }
  // v1–5 4.3.
  return allowed()
}
