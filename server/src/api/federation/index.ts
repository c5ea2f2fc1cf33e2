/** Every endpoint for other servers; one that is not listed here does not exist. */

import type { Endpoint } from '../../http/index.ts'
import { backfillRoom } from './backfill/backfill-room.ts'
import { getMissingPreviousEvents } from './backfill/get-missing-previous-events.ts'
import { getContent } from './content-repository/get-content.ts'
import { getContentThumbnail } from './content-repository/get-content-thumbnail.ts'
import { getEventAuth } from './event-auth/get-event-auth.ts'
import { getEvent } from './events/get-event.ts'
import { getEventByTimestamp } from './events/get-event-by-timestamp.ts'
import { getRoomState } from './events/get-room-state.ts'
import { getRoomStateIds } from './events/get-room-state-ids.ts'
import { sendInviteV1 } from './invites-v1/send-invite-v1.ts'
import { sendInviteV2 } from './invites-v2/send-invite-v2.ts'
import { makeJoin } from './joins-v1/make-join.ts'
import { sendJoinV1 } from './joins-v1/send-join-v1.ts'
import { sendJoinV2 } from './joins-v2/send-join-v2.ts'
import { bulkPerspectivesKeyQuery } from './keys-query/bulk-perspectives-key-query.ts'
import { perspectivesKeyQuery } from './keys-query/perspectives-key-query.ts'
import { getServerKey } from './keys-server/get-server-key.ts'
import { makeKnock } from './knocks/make-knock.ts'
import { sendKnock } from './knocks/send-knock.ts'
import { makeLeave } from './leaving-v1/make-leave.ts'
import { sendLeaveV1 } from './leaving-v1/send-leave-v1.ts'
import { sendLeaveV2 } from './leaving-v2/send-leave-v2.ts'
import { exchangeOpenIdToken } from './openid/exchange-open-id-token.ts'
import { getPublicRooms } from './public-rooms/get-public-rooms.ts'
import { queryPublicRooms } from './public-rooms/query-public-rooms.ts'
import { queryInfo } from './query/query-info.ts'
import { queryProfile } from './query/query-profile.ts'
import { queryRoomDirectory } from './query/query-room-directory.ts'
import { askPolicyServerToSign } from './room-policy/ask-policy-server-to-sign.ts'
import { getSpaceHierarchy } from './space-hierarchy/get-space-hierarchy.ts'
import { exchangeThirdPartyInvite } from './third-party-invite/exchange-third-party-invite.ts'
import { onBindThirdPartyIdentifier } from './third-party-invite/on-bind-third-party-identifier.ts'
import { sendTransaction } from './transactions/send-transaction.ts'
import { getUserDevices } from './user-devices/get-user-devices.ts'
import { claimUserEncryptionKeys } from './user-keys/claim-user-encryption-keys.ts'
import { queryUserEncryptionKeys } from './user-keys/query-user-encryption-keys.ts'
import { getVersion } from './version/get-version.ts'

/** In the order of their folders. */
export const federationEndpoints: readonly Endpoint[] = [
  backfillRoom,
  getMissingPreviousEvents,
  getContentThumbnail,
  getContent,
  getEventAuth,
  getEventByTimestamp,
  getEvent,
  getRoomStateIds,
  getRoomState,
  sendInviteV1,
  sendInviteV2,
  makeJoin,
  sendJoinV1,
  sendJoinV2,
  bulkPerspectivesKeyQuery,
  perspectivesKeyQuery,
  getServerKey,
  makeKnock,
  sendKnock,
  makeLeave,
  sendLeaveV1,
  sendLeaveV2,
  exchangeOpenIdToken,
  getPublicRooms,
  queryPublicRooms,
  queryInfo,
  queryProfile,
  queryRoomDirectory,
  askPolicyServerToSign,
  getSpaceHierarchy,
  exchangeThirdPartyInvite,
  onBindThirdPartyIdentifier,
  sendTransaction,
  getUserDevices,
  claimUserEncryptionKeys,
  queryUserEncryptionKeys,
  getVersion,
]
