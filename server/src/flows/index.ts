/** Operations that span components, one file each. */

import type { EventId, JsonObject, RoomAlias, RoomId, UserId } from '@parallax/protocol'
import type { PresenceRequest } from '../presence/index.ts'
import type { Sent } from '../rooms/index.ts'
import {
  addAlias,
  deleteAlias,
  directoryVisibility,
  listLocalAliases,
  resolveAlias,
  resolveOwnAlias,
  setDirectoryVisibility,
} from './aliases.ts'
import { banUser, forgetRoom, inviteUser, kickUser, knockRoom, leaveRoom, unbanUser } from './change-membership.ts'
import { type CreateRoomRequest, createRoom } from './create-room.ts'
import type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
import { type AddressInvite, inviteByAddress } from './invite-by-address.ts'
import { type JoinRequest, joinRoom } from './join-room.ts'
import { listJoinedRooms } from './joined-rooms.ts'
import { listMutualRooms } from './mutual-rooms.ts'
import { setPresence, showPresence } from './presence.ts'
import { listPublicRooms, type PublicRoomsRequest } from './public-rooms.ts'
import { createRemoteSummaries } from './remote-summaries.ts'
import { summarizeRoom } from './room-summary.ts'
import { type RedactRequest, redactEvent, type SendRequest, sendEvent } from './send-event.ts'
import { type Notice, sendNotice } from './server-notices.ts'
import { type HierarchyRequest, listHierarchy } from './space-hierarchy.ts'
import { upgradeRoom } from './upgrade-room.ts'

export { type AccountFlows, createAccountFlows } from './account-flows.ts'
export { type AdminRequest, administerWith, adminRequestSchema } from './admin-request.ts'
export { type Administration, createAdministration } from './administer.ts'
export type { Actor, FlowDeps, RoomIdOrAlias } from './flow-deps.ts'
export { followRoomPolicies } from './follow-room-policies.ts'
export { followTombstones } from './follow-tombstones.ts'
export { createOldSync, type OldSync } from './old-sync/old-sync.ts'
export { describeRoom } from './room-summary.ts'
export { tellViews } from './tell-views.ts'
export { turnCredentials } from './turn-credentials.ts'
export { createViewpoint, type Viewpoint } from './viewpoint.ts'

type AdminActor = Actor & { readonly isAdmin: boolean }

export interface Flows {
  createRoom(actor: Actor, request: CreateRoomRequest): Promise<RoomId>
  join(actor: Actor, target: RoomIdOrAlias, request: JoinRequest, via?: readonly string[]): Promise<RoomId>
  knock(actor: Actor, target: RoomIdOrAlias, request?: Parameters<typeof knockRoom>[3]): Promise<RoomId>
  leave(actor: Actor, roomId: RoomId, reason?: string): Promise<void>
  forget(actor: Actor, roomId: RoomId): Promise<void>
  invite(actor: Actor, roomId: RoomId, target: UserId, reason?: string): Promise<void>
  /** Throws M_FORBIDDEN, M_SERVER_NOT_TRUSTED, M_INVALID_PARAM, M_TERMS_NOT_SIGNED. */
  inviteByAddress(actor: Actor, roomId: RoomId, invite: AddressInvite, more?: JsonObject): Promise<void>
  kick(actor: Actor, roomId: RoomId, target: UserId, reason?: string): Promise<void>
  ban(actor: Actor, roomId: RoomId, target: UserId, reason?: string): Promise<void>
  unban(actor: Actor, roomId: RoomId, target: UserId, reason?: string): Promise<void>
  send(actor: Actor, request: SendRequest): Promise<Sent>
  redact(actor: Actor, request: RedactRequest): Promise<Sent>
  upgrade(actor: Actor, roomId: RoomId, request: Parameters<typeof upgradeRoom>[3]): Promise<RoomId>
  joinedRooms(actor: Actor): Promise<{ joined_rooms: RoomId[] }>
  localAliases(actor: Actor, roomId: RoomId): Promise<{ aliases: string[] }>
  resolveAlias(alias: string): Promise<JsonObject>
  /** As other servers ask. Throws M_NOT_FOUND for aliases of other servers. */
  resolveOwnAlias(alias: RoomAlias): Promise<JsonObject>
  addAlias(actor: Actor, alias: string, roomId: RoomId): Promise<void>
  deleteAlias(actor: AdminActor, alias: string): Promise<void>
  setDirectoryVisibility(actor: AdminActor, roomId: RoomId, visibility: 'public' | 'private'): Promise<void>
  directoryVisibility(roomId: RoomId): Promise<object>
  /** `reader`: through whose lens; other servers, and who is not logged in, have none here. */
  publicRooms(request: PublicRoomsRequest, reader?: number): Promise<object>
  mutualRooms(actor: Actor, other: string, from?: string): Promise<object>
  /** One page of a space's tree, depth first. Throws M_FORBIDDEN, M_INVALID_PARAM. */
  listHierarchy(actor: Actor, request: HierarchyRequest): Promise<object>
  /** A message of this server to a user. Throws M_NOT_FOUND, M_USER_IN_USE. */
  sendNotice(admin: Actor, notice: Notice): Promise<EventId>
  presence(actor: Actor, userId: UserId): Promise<JsonObject>
  setPresence(actor: Actor, request: PresenceRequest): void
  /** `via`: servers that know the room. Throws M_NOT_FOUND, also for what is closed to the actor. */
  summary(actor: Actor | undefined, target: RoomIdOrAlias, via?: readonly string[]): Promise<JsonObject>
}

export function createFlows(deps: FlowDeps): Flows {
  const summaries = createRemoteSummaries(deps)
  return {
    createRoom: (actor, request) => createRoom(deps, actor, request),
    join: (actor, target, request, via) => joinRoom(deps, actor, target, request, via),
    knock: (actor, target, request = {}) => knockRoom(deps, actor, target, request),
    leave: (actor, roomId, reason) => leaveRoom(deps, actor, roomId, reason),
    forget: (actor, roomId) => forgetRoom(deps, actor, roomId),
    invite: (actor, roomId, target, reason) => inviteUser(deps, actor, { roomId, target, reason }),
    inviteByAddress: (actor, roomId, asked, more) => inviteByAddress(deps, actor, roomId, asked, more),
    kick: (actor, roomId, target, reason) => kickUser(deps, actor, { roomId, target, reason }),
    ban: (actor, roomId, target, reason) => banUser(deps, actor, { roomId, target, reason }),
    unban: (actor, roomId, target, reason) => unbanUser(deps, actor, { roomId, target, reason }),
    send: (actor, request) => sendEvent(deps, actor, request),
    redact: (actor, request) => redactEvent(deps, actor, request),
    upgrade: (actor, roomId, request) => upgradeRoom(deps, actor, roomId, request),
    sendNotice: (admin, notice) => sendNotice(deps, admin, notice),
    joinedRooms: (actor) => listJoinedRooms(deps, actor),
    localAliases: (actor, roomId) => listLocalAliases(deps, actor, roomId),
    resolveAlias: (alias) => resolveAlias(deps, alias),
    resolveOwnAlias: (alias) => resolveOwnAlias(deps, alias),
    addAlias: (actor, alias, roomId) => addAlias(deps, actor, alias, roomId),
    deleteAlias: (actor, alias) => deleteAlias(deps, actor, alias),
    setDirectoryVisibility: (actor, roomId, visibility) => setDirectoryVisibility(deps, actor, roomId, visibility),
    directoryVisibility: (roomId) => directoryVisibility(deps, roomId),
    publicRooms: (request, reader) => listPublicRooms(deps, request, reader),
    mutualRooms: (actor, other, from) => listMutualRooms(deps, actor, other, from),
    presence: (actor, userId) => showPresence(deps, actor, userId),
    setPresence: (actor, request) => setPresence(deps, actor, request),
    summary: (actor, target, via = []) => summarizeRoom(deps, summaries, actor, { target, via }),
    listHierarchy: (actor, request) => listHierarchy(deps, summaries, actor, request),
  }
}
