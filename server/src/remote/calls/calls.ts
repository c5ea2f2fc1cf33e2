/** All that other servers can be asked, one file each. `Parties` says who asks whom. */

import type { SignedRequests } from '../signed/signed-request.ts'
import { askFeed } from './ask-feed.ts'
import { askPolicyServer } from './ask-policy-server.ts'
import { backfill } from './backfill.ts'
import { claimUserKeys } from './claim-user-keys.ts'
import { downloadMedia, downloadOldMedia } from './download-media.ts'
import { exchangeThirdPartyInvite } from './exchange-third-party-invite.ts'
import { getEvent } from './get-event.ts'
import { getEventAuth } from './get-event-auth.ts'
import { getHierarchy } from './get-hierarchy.ts'
import { getMissingEvents } from './get-missing-events.ts'
import { getState } from './get-state.ts'
import { getStateIds } from './get-state-ids.ts'
import { getUserDevices } from './get-user-devices.ts'
import { listRemotePublicRooms } from './list-public-rooms.ts'
import { makeMember } from './make-member.ts'
import { queryDirectory } from './query-directory.ts'
import { queryProfile } from './query-profile.ts'
import { queryUserKeys } from './query-user-keys.ts'
import { sendInvite } from './send-invite.ts'
import { sendMember } from './send-member.ts'
import { sendTransaction } from './send-transaction.ts'
import { timestampToEvent } from './timestamp-to-event.ts'

/** The operation without the requests that it is made with. */
type Bound<Operation> = Operation extends (requests: SignedRequests, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never

const operations = {
  askFeed,
  askPolicyServer,
  backfill,
  claimUserKeys,
  downloadMedia,
  downloadOldMedia,
  exchangeThirdPartyInvite,
  getEvent,
  getEventAuth,
  getHierarchy,
  getMissingEvents,
  getState,
  getStateIds,
  getUserDevices,
  listPublicRooms: listRemotePublicRooms,
  makeMember,
  queryDirectory,
  queryProfile,
  queryUserKeys,
  sendInvite,
  sendMember,
  sendTransaction,
  timestampToEvent,
}

/** What other servers can be asked; each rejects with a RemoteError. */
export type RemoteCalls = { readonly [Name in keyof typeof operations]: Bound<(typeof operations)[Name]> }

/** The calls, made with these signed requests. */
export function createCalls(requests: SignedRequests): RemoteCalls {
  const bound = Object.entries(operations).map(([name, operation]) => [
    name,
    (...rest: unknown[]) => (operation as (...all: unknown[]) => unknown)(requests, ...rest),
  ])
  return Object.fromEntries(bound) as RemoteCalls
}
