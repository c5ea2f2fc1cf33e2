/**
 * Who may join a restricted room by way of us. Spec: rooms/v8#authorization-rules,
 * server-server-api#restricted-rooms.
 */

import { readJoinRules, type UserId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { KnownRoom } from '../../rooms/index.ts'
import type { FederationDeps } from '../federation-deps.ts'

/**
 * A user of ours who can vouch for the join, if somebody must: the rule is restricted and the user neither joined nor
 * invited. Throws M_FORBIDDEN if the user is in none of the rooms that are asked for, M_UNABLE_TO_AUTHORISE_JOIN if we
 * cannot know that, M_UNABLE_TO_GRANT_JOIN if none of our users may vouch.
 */
export async function findVoucher(deps: FederationDeps, info: KnownRoom, userId: UserId): Promise<UserId | undefined> {
  const { rooms, domains } = deps
  if (!info.rules.restrictedJoin) return undefined
  const member = await rooms.findStateEvent(info.room, 'm.room.member', userId)
  if (member?.content.membership === 'join' || member?.content.membership === 'invite') return undefined
  const event = await rooms.findStateEvent(info.room, 'm.room.join_rules', '')
  const { joinRule, allowedRooms } = readJoinRules(info.rules, event?.content)
  if (joinRule !== 'restricted' && joinRule !== 'knock_restricted') return undefined
  await requireInAllowed(deps, userId, allowedRooms)
  const voucher = await rooms.findInviter(info.room, domains.isLocal)
  if (voucher !== undefined) return voucher
  throw new MatrixError('M_UNABLE_TO_GRANT_JOIN', 'No user of this server can let others into this room.')
}

/** The user must be joined to one of the rooms. Only of rooms that we are in do we know who else is. */
async function requireInAllowed(
  { rooms, domains }: FederationDeps,
  userId: UserId,
  allowed: readonly string[],
): Promise<void> {
  let isKnown = allowed.length > 0
  for (const roomId of allowed) {
    const info = await rooms.findRoom(roomId as KnownRoom['roomId'])
    const servers = info === undefined ? undefined : await rooms.listJoinedServers(info.room)
    const isInside = servers !== undefined && domains.names.some((name) => servers.has(name))
    if (info === undefined || !isInside) {
      isKnown = false
      continue
    }
    const member = await rooms.findStateEvent(info.room, 'm.room.member', userId)
    if (member?.content.membership === 'join') return
  }
  if (isKnown)
    throw new MatrixError('M_FORBIDDEN', `${userId} is in none of the rooms whose members may join this one.`)
  throw new MatrixError(
    'M_UNABLE_TO_AUTHORISE_JOIN',
    'This server is not in all rooms whose members may join this one.',
  )
}
