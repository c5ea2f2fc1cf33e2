/** Presence as clients set and read it. Spec: client-server-api#presence. */

import type { JsonObject, UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { PresenceRequest } from '../presence/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'

/** Throws MatrixError M_INVALID_PARAM. */
export function setPresence(
  { presence }: FlowDeps,
  { user, deviceId = '' as never }: Actor,
  request: PresenceRequest,
): void {
  presence.set(user, deviceId, request)
}

/** The user's presence now. Throws MatrixError M_FORBIDDEN for those who share no room with the actor. */
export async function showPresence(deps: FlowDeps, actor: Actor, userId: UserId): Promise<JsonObject> {
  const [user] = await deps.names.find([userId])
  const isSeen = user !== undefined && (user === actor.user || (await sharesRoom(deps, actor.user, user)))
  if (!isSeen) throw new MatrixError('M_FORBIDDEN', `You share no room with ${userId}.`)
  const { state, isCurrentlyActive, lastActiveMs, statusMessage } = await deps.presence.find(user)
  return {
    presence: state,
    ...(lastActiveMs === undefined ? {} : { last_active_ago: Math.max(0, deps.clock.nowMs() - lastActiveMs) }),
    ...(state === 'online' ? { currently_active: isCurrentlyActive } : {}),
    ...(statusMessage === undefined ? {} : { status_msg: statusMessage }),
  }
}

async function sharesRoom({ rooms }: FlowDeps, one: number, other: number): Promise<boolean> {
  const theirs = await rooms.listMemberships(other)
  for (const { room, membership } of (await rooms.listMemberships(one)).values()) {
    if (membership === 'join' && theirs.get(room)?.membership === 'join') return true
  }
  return false
}
