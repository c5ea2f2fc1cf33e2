/** The content of member events: membership, profile, reason. */

import type { JsonObject, UserId } from '@parallax/protocol'
import type { Membership } from '../rooms/index.ts'
import type { FlowDeps } from './flow-deps.ts'

/** For joins, invites and knocks the user's display name and avatar are in the event. */
export async function memberContent(
  deps: Pick<FlowDeps, 'findProfile'>,
  user: UserId,
  membership: Membership,
  more: JsonObject = {},
): Promise<JsonObject> {
  const profile = membership === 'leave' || membership === 'ban' ? undefined : await deps.findProfile(user)
  const { displayname, avatar_url } = profile ?? {}
  return {
    ...(typeof displayname === 'string' ? { displayname } : {}),
    ...(typeof avatar_url === 'string' ? { avatar_url } : {}),
    ...Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)),
    membership,
  }
}
