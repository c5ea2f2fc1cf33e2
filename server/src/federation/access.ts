/** Which servers may ask about a room: those in it that its access control list does not shut out. */

import { compileServerAcl, type EventId, type RoomId, type ServerAcl, type ServerName } from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import type { KnownRoom, Rooms } from '../rooms/index.ts'
import { federationLimits } from './limits.ts'

export interface Access {
  /** The room, if the server is not shut out of it. Throws M_NOT_FOUND, M_FORBIDDEN. */
  requireAllowed(server: ServerName, roomId: RoomId): Promise<KnownRoom>
  /** As `requireAllowed`, and the server must have users in the room. Throws M_FORBIDDEN for unknown rooms too. */
  requireMember(server: ServerName, roomId: RoomId): Promise<KnownRoom>
  /** True if the room's list lets the server take part. */
  isAllowed(server: ServerName, room: number): Promise<boolean>
  /** The room's list; the same object until it changes. */
  findList(room: number): Promise<ServerAcl | undefined>
}

export function createAccess(rooms: Rooms): Access {
  const lists = new Lru<EventId, ServerAcl>(federationLimits.accessListsMax)
  const findList = async (room: number): Promise<ServerAcl | undefined> => {
    const event = await rooms.findStateEvent(room, 'm.room.server_acl', '')
    if (event === undefined) return undefined
    const list = lists.get(event.eventId) ?? compileServerAcl(event.content)
    lists.set(event.eventId, list)
    return list
  }
  const isAllowed = async (server: ServerName, room: number): Promise<boolean> =>
    (await findList(room))?.allows(server) ?? true
  return {
    isAllowed,
    findList,
    async requireAllowed(server, roomId) {
      const info = await rooms.findRoom(roomId)
      if (info === undefined) throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server.')
      if (await isAllowed(server, info.room)) return info
      throw new MatrixError('M_FORBIDDEN', `${server} is shut out of this room.`)
    },
    async requireMember(server, roomId) {
      const info = await rooms.findRoom(roomId)
      const isThere = info !== undefined && (await rooms.listJoinedServers(info.room)).has(server)
      // Whether there is such a room is nobody's business who is not in it.
      if (!isThere) throw new MatrixError('M_FORBIDDEN', `${server} is not in this room.`)
      if (await isAllowed(server, info.room)) return info
      throw new MatrixError('M_FORBIDDEN', `${server} is shut out of this room.`)
    },
  }
}
