/** Who can be invited. Spec: client-server-api#invite-permission. */

import { serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'

/** Throws MatrixError M_SAFETY by the server's lens, M_INVITE_BLOCKED by the invited, M_FORBIDDEN for servers. */
export async function requireInvitable(deps: FlowDeps, { userId }: Actor, target: UserId): Promise<void> {
  await deps.rooms.requireSafe(userId)
  // Users of other servers are asked by their own.
  const server = serverNameOf(target)
  if (!deps.isLocal(server)) {
    if (deps.remote.isAllowed(server)) return
    throw new MatrixError('M_FORBIDDEN', `${target} is on a server that this one does not talk to.`)
  }
  const [user] = await deps.names.find([target])
  if (user === undefined || (await deps.users.findInviteRules(user)).judge(userId) !== 'block') return
  throw new MatrixError('M_INVITE_BLOCKED', `${target} does not take this invitation.`)
}
