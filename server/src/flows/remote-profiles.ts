/**
 * Profiles of users of other servers, asked for and kept a short while.
 * Spec: server-server-api#querying-for-information.
 */

import { type JsonObject, serverNameOf, type UserId } from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import type { AccountDeps } from './account-deps.ts'
import { explainRemote } from './remote-room.ts'

/** How long a profile is taken for what it is, ms, and how many are kept. */
const KEPT_MS = 5 * 60_000
const KEPT_MAX = 5_000

export interface RemoteProfiles {
  /** Throws MatrixError M_NOT_FOUND, M_UNKNOWN (status 502) if the server does not answer. */
  find(userId: UserId): Promise<JsonObject>
}

export function createRemoteProfiles({ remote, clock, ownServer }: AccountDeps): RemoteProfiles {
  const kept = new Lru<UserId, { readonly profile: JsonObject; readonly untilMs: number }>(KEPT_MAX)
  return {
    async find(userId) {
      const known = kept.get(userId)
      if (known !== undefined && known.untilMs > clock.nowMs()) return known.profile
      const server = serverNameOf(userId)
      const unknown = `${userId} is not known.`
      if (!remote.isAllowed(server)) throw new MatrixError('M_NOT_FOUND', unknown)
      try {
        const profile = await remote.calls.queryProfile({ origin: ownServer, destination: server }, userId)
        kept.set(userId, { profile, untilMs: clock.nowMs() + KEPT_MS })
        return profile
      } catch (error) {
        throw explainRemote(error, server, unknown)
      }
    },
  }
}
