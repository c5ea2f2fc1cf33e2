/** Who can be invited. Spec: client-server-api#invite-permission. */

import { serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { FlowDeps } from './flow-deps.ts'

/** Throws MatrixError M_INVITE_BLOCKED if the user wants no invitations, M_FORBIDDEN for users of other servers. */
export async function requireInvitable(deps: FlowDeps, target: UserId): Promise<void> {
  // While this server speaks with no other, only its own users hear of an invitation.
  if (!deps.isLocal(serverNameOf(target))) {
    throw new MatrixError('M_FORBIDDEN', `${target} is on another server, and federation is off.`)
  }
  const [user] = await deps.names.find([target])
  if (user === undefined || !(await deps.users.blocksInvites(user))) return
  throw new MatrixError('M_INVITE_BLOCKED', `${target} takes no invitations.`)
}
