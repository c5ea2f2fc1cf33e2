/** Who can be told of an invitation. */

import { serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { FlowDeps } from './flow-deps.ts'

/**
 * Throws MatrixError M_FORBIDDEN: while this server speaks with no other, nobody else's users hear of an invitation.
 */
export function requireLocal(deps: Pick<FlowDeps, 'isLocal'>, target: UserId): void {
  if (deps.isLocal(serverNameOf(target))) return
  throw new MatrixError('M_FORBIDDEN', `${target} is on another server, and federation is off.`)
}
