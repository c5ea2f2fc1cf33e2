/** Every endpoint for other servers; one that is not listed here does not exist. */

import type { Endpoint } from '../../http/index.ts'
import { bulkPerspectivesKeyQuery } from './keys-query/bulk-perspectives-key-query.ts'
import { perspectivesKeyQuery } from './keys-query/perspectives-key-query.ts'
import { getServerKey } from './keys-server/get-server-key.ts'
import { exchangeOpenIdToken } from './openid/exchange-open-id-token.ts'
import { getPublicRooms } from './public-rooms/get-public-rooms.ts'
import { queryPublicRooms } from './public-rooms/query-public-rooms.ts'
import { queryProfile } from './query/query-profile.ts'
import { queryRoomDirectory } from './query/query-room-directory.ts'
import { getUserDevices } from './user-devices/get-user-devices.ts'
import { claimUserEncryptionKeys } from './user-keys/claim-user-encryption-keys.ts'
import { queryUserEncryptionKeys } from './user-keys/query-user-encryption-keys.ts'
import { getVersion } from './version/get-version.ts'

/** In the order of their folders. */
export const federationEndpoints: readonly Endpoint[] = [
  bulkPerspectivesKeyQuery,
  perspectivesKeyQuery,
  getServerKey,
  exchangeOpenIdToken,
  getPublicRooms,
  queryPublicRooms,
  queryProfile,
  queryRoomDirectory,
  getUserDevices,
  claimUserEncryptionKeys,
  queryUserEncryptionKeys,
  getVersion,
]
