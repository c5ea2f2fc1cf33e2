/** The few members of a stored event that follow its content, read without parsing the content. */

import type { RoomId, UserId } from '@parallax/protocol'
import type { StoredEvent } from '../rooms.ts'

export type EventHeader = {
  readonly roomId: RoomId
  readonly sender: UserId
  readonly stateKey: string | undefined
  readonly type: string
}

type Wire = { room_id: RoomId; sender: UserId; state_key?: string; type: string }

/** See `StoredEvent.body`: the content comes first, so the last time stamp is the event's own. */
export function headerOf(event: StoredEvent): EventHeader {
  const wire: Wire = JSON.parse(`{${event.body.slice(event.body.lastIndexOf(',"origin_server_ts":') + 1)}}`)
  return { roomId: wire.room_id, sender: wire.sender, stateKey: wire.state_key, type: wire.type }
}
