/** Rooms as events of other servers come in: only those in which users of ours are. */

import type { RoomId, RoomRules, ServerName } from '@parallax/protocol'
import type { KnownRoom } from '../../rooms/index.ts'
import type { InboxDeps } from './inbox-deps.ts'

export type OurRoom = {
  readonly room: number
  readonly roomId: RoomId
  readonly rules: RoomRules
  /** A domain of ours that has users in the room: it asks other servers. */
  readonly ours: ServerName
  /** Members of it are missing. */
  readonly isPartial: boolean
}

/** The room, if a user of ours is joined to it. */
export async function findOurRoom(
  { rooms, domains }: Pick<InboxDeps, 'rooms' | 'domains'>,
  info: KnownRoom | undefined,
): Promise<OurRoom | undefined> {
  if (info === undefined) return undefined
  const servers = await rooms.listJoinedServers(info.room)
  const ours = domains.names.find((name) => servers.has(name))
  const { room, roomId, rules } = info
  return ours && { room, roomId, rules, ours, isPartial: info.completeSince === undefined }
}
