/** The rooms that a user is joined to. Spec: client-server-api#get_matrixclientv3joined_rooms. */

import type { RoomId } from '@parallax/protocol'
import type { Actor, FlowDeps } from './flow-deps.ts'

export async function listJoinedRooms(deps: FlowDeps, actor: Actor): Promise<{ joined_rooms: RoomId[] }> {
  const memberships = [...(await deps.rooms.listMemberships(actor.user)).values()]
  const joined = memberships.filter((member) => member.membership === 'join').map((member) => member.room)
  return { joined_rooms: (await deps.names.texts(joined)) as RoomId[] }
}
