/** Every endpoint of this server; one that is not listed here does not exist. */

import type { Endpoint } from '../http/index.ts'
import { getHealth } from './admin/server/get-health.ts'
import { getHome } from './admin/server/get-home.ts'
import { getMetrics } from './admin/server/get-metrics.ts'
import { getReady } from './admin/server/get-ready.ts'
import { ban } from './client/banning/ban.ts'
import { unban } from './client/banning/unban.ts'
import { getCapabilities } from './client/capabilities/get-capabilities.ts'
import { createRoom } from './client/create-room/create-room.ts'
import { deleteRoomAlias } from './client/directory/delete-room-alias.ts'
import { getLocalAliases } from './client/directory/get-local-aliases.ts'
import { getRoomIdByAlias } from './client/directory/get-room-id-by-alias.ts'
import { setRoomAlias } from './client/directory/set-room-alias.ts'
import { getEventContext } from './client/event-context/get-event-context.ts'
import { inviteUser } from './client/inviting/invite-user.ts'
import { joinRoom } from './client/joining/join-room.ts'
import { joinRoomById } from './client/joining/join-room-by-id.ts'
import { kick } from './client/kicking/kick.ts'
import { knockRoom } from './client/knocking/knock-room.ts'
import { forgetRoom } from './client/leaving/forget-room.ts'
import { leaveRoom } from './client/leaving/leave-room.ts'
import { getJoinedRooms } from './client/list-joined-rooms/get-joined-rooms.ts'
import { getPublicRooms } from './client/list-public-rooms/get-public-rooms.ts'
import { getRoomVisibilityOnDirectory } from './client/list-public-rooms/get-room-visibility-on-directory.ts'
import { queryPublicRooms } from './client/list-public-rooms/query-public-rooms.ts'
import { setRoomVisibilityOnDirectory } from './client/list-public-rooms/set-room-visibility-on-directory.ts'
import { getRoomEvents } from './client/message-pagination/get-room-events.ts'
import { redactEvent } from './client/redaction/redact-event.ts'
import { sendMessage } from './client/room-send/send-message.ts'
import { setRoomStateWithKey } from './client/room-state/set-room-state-with-key.ts'
import { upgradeRoom } from './client/room-upgrades/upgrade-room.ts'
import { getJoinedMembersByRoom } from './client/rooms/get-joined-members-by-room.ts'
import { getMembersByRoom } from './client/rooms/get-members-by-room.ts'
import { getOneRoomEvent } from './client/rooms/get-one-room-event.ts'
import { getRoomState } from './client/rooms/get-room-state.ts'
import { getRoomStateWithKey } from './client/rooms/get-room-state-with-key.ts'
import { getWellKnownSupport } from './client/support/get-well-known-support.ts'
import { getVersions } from './client/versions/get-versions.ts'
import { getWellknown } from './client/wellknown/get-wellknown.ts'
import { getWellknownServer } from './client/wellknown/get-wellknown-server.ts'

/** In the order of their folders. */
export const endpoints: readonly Endpoint[] = [
  getHealth,
  getHome,
  getMetrics,
  getReady,
  ban,
  unban,
  getCapabilities,
  createRoom,
  deleteRoomAlias,
  getLocalAliases,
  getRoomIdByAlias,
  setRoomAlias,
  getEventContext,
  inviteUser,
  joinRoomById,
  joinRoom,
  kick,
  knockRoom,
  forgetRoom,
  leaveRoom,
  getJoinedRooms,
  getPublicRooms,
  getRoomVisibilityOnDirectory,
  queryPublicRooms,
  setRoomVisibilityOnDirectory,
  getRoomEvents,
  redactEvent,
  sendMessage,
  setRoomStateWithKey,
  upgradeRoom,
  getJoinedMembersByRoom,
  getMembersByRoom,
  getOneRoomEvent,
  getRoomStateWithKey,
  getRoomState,
  getWellKnownSupport,
  getVersions,
  getWellknownServer,
  getWellknown,
]
