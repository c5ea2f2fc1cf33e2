/**
 * Templates of joins, knocks and leaves for users of other servers.
 * Spec: server-server-api#joining-rooms, #knocking-rooms, #leaving-rooms-rejecting-invites.
 */

import { type HandshakeMembership, type JsonObject, type RoomId, serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { KnownRoom } from '../../rooms/index.ts'
import type { Access } from '../access.ts'
import type { Asking, FederationDeps } from '../federation-deps.ts'
import { findVoucher } from './restricted-join.ts'

export type HandshakeDeps = FederationDeps & { readonly access: Access }

export type MakeQuestion = {
  readonly roomId: RoomId
  readonly userId: UserId
  /** Room versions that the other server knows; leaves ask for none. */
  readonly versions: readonly string[]
}

/** The reply: `event` and `room_version`. Throws M_NOT_FOUND, M_FORBIDDEN, M_INCOMPATIBLE_ROOM_VERSION and others. */
export async function makeMember(
  deps: HandshakeDeps,
  asking: Asking,
  membership: HandshakeMembership,
  { roomId, userId, versions }: MakeQuestion,
): Promise<JsonObject> {
  const info = await requireOurRoom(deps, asking, roomId)
  if (serverNameOf(userId) !== asking.origin) {
    throw new MatrixError('M_FORBIDDEN', `${userId} is not a user of ${asking.origin}.`)
  }
  if (membership !== 'leave') await deps.rooms.requireSafe(userId, roomId)
  const { version, knock } = info.rules
  if (membership !== 'leave' && !versions.includes(version)) {
    const message = `The room is of version ${version}, which your server does not know.`
    throw new MatrixError('M_INCOMPATIBLE_ROOM_VERSION', message, { room_version: version })
  }
  if (membership === 'knock' && !knock)
    throw new MatrixError('M_FORBIDDEN', 'Nobody can knock on rooms of this version.')
  const voucher = membership === 'join' ? await findVoucher(deps, info, userId) : undefined
  const content = { membership, ...(voucher !== undefined && { join_authorised_via_users_server: voucher }) }
  const event = await deps.rooms.buildMemberTemplate(info.room, userId, content)
  return { room_version: version, event }
}

/** A room in which a user of ours is, so that we know its state. Throws M_NOT_FOUND, M_FORBIDDEN. */
export async function requireOurRoom(deps: HandshakeDeps, asking: Asking, roomId: RoomId): Promise<KnownRoom> {
  const info = await deps.access.requireAllowed(asking.origin, roomId)
  if (info.completeSince === undefined) throw new MatrixError('M_NOT_FOUND', 'This server is still joining the room.')
  const servers = await deps.rooms.listJoinedServers(info.room)
  if (deps.domains.names.some((name) => servers.has(name))) return info
  throw new MatrixError('M_NOT_FOUND', 'Nobody of this server is in the room.')
}
