/** What users do with their accounts where more than one component has a part in it. */

import type {
  DeviceId,
  EventId,
  JsonObject,
  PushAction,
  PushRule,
  PushRuleKind,
  RoomId,
  UserId,
} from '@parallax/protocol'
import { isServerName, ProtocolError, parsePushActions, serverNameOf } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { ThreePid } from '../remote/index.ts'
import type { Authenticated, Caller } from '../users/index.ts'
import type { AccountDeps } from './account-deps.ts'
import { type BindRequest, bindThreePid, type UnbindResult, unbindThreePid } from './bind-threepid.ts'
import { changePassword, type PasswordRequest, resetPassword } from './change-password.ts'
import { deactivateAccount } from './deactivate-account.ts'
import { followThread, leaveThread, showThread, type ThreadPlace } from './follow-threads.ts'
import { createRemoteProfiles } from './remote-profiles.ts'
import { updateProfile } from './update-profile.ts'

export interface AccountFlows {
  changePassword(caller: Caller, request: PasswordRequest): Promise<Authenticated<undefined>>
  /** Throws M_WEAK_PASSWORD, M_INVALID_PARAM, M_THREEPID_AUTH_FAILED. */
  resetPassword(request: PasswordRequest): Promise<Authenticated<undefined>>
  /** `idServer`: where the addresses are unbound; by default where they were bound. */
  deactivate(caller: Caller, auth: JsonObject | undefined, idServer?: string): Promise<Authenticated<UnbindResult>>
  /** Throws M_SERVER_NOT_TRUSTED, M_THREEPID_AUTH_FAILED, M_THREEPID_DENIED, M_TERMS_NOT_SIGNED. */
  bindThreePid(caller: Caller, request: BindRequest): Promise<void>
  unbindThreePid(caller: Caller, threePid: ThreePid, idServer?: string): Promise<UnbindResult>
  /** Takes the address from the account, and unbinds it. */
  removeThreePid(caller: Caller, threePid: ThreePid, idServer?: string): Promise<UnbindResult>
  /** Throws M_NOT_FOUND. */
  requireProfile(userId: UserId): Promise<JsonObject>
  /** An object with this one field. Throws M_NOT_FOUND. */
  requireProfileField(userId: UserId, field: string): Promise<JsonObject>
  /** As other servers ask: of a user of ours, all fields or one. Throws M_NOT_FOUND. */
  requireOwnProfile(userId: UserId, field: string | undefined): Promise<JsonObject>
  /** `body` holds the field. Throws M_MISSING_PARAM and as `Users.setProfileField`. */
  setProfileField(caller: Caller, field: string, body: JsonObject): Promise<void>
  removeProfileField(caller: Caller, field: string): Promise<void>
  /** JSON text. Throws M_NOT_FOUND. */
  requireAccountData(caller: Caller, roomId: RoomId | null, type: string): Promise<string>
  /** Throws M_FORBIDDEN for rooms in which the user never was. */
  putRoomAccountData(caller: Caller, roomId: RoomId, type: string, content: JsonObject): Promise<void>
  /** JSON text: `{"tags":{…}}`. */
  findTags(caller: Caller, roomId: RoomId): Promise<string>
  setTag(caller: Caller, roomId: RoomId, tag: string, value: JsonObject | undefined): Promise<void>
  /** Throws M_NOT_FOUND. */
  requireFilter(caller: Caller, filterId: string): Promise<JsonObject>
  requirePushRule(caller: Caller, kind: PushRuleKind, ruleId: string): Promise<PushRule>
  /** Throws M_INVALID_PARAM, M_NOT_FOUND. */
  setPushActions(caller: Caller, kind: PushRuleKind, ruleId: string, actions: readonly unknown[]): Promise<void>
  requireDevice(caller: Caller, device: DeviceId): Promise<JsonObject>
  /** Throws M_NOT_FOUND. */
  showThread(caller: Caller, place: ThreadPlace): Promise<object>
  followThread(caller: Caller, place: ThreadPlace, cause: EventId | undefined): Promise<void>
  leaveThread(caller: Caller, place: ThreadPlace): Promise<void>
}

export function createAccountFlows(deps: AccountDeps): AccountFlows {
  const { users, devices } = deps
  const elsewhere = createRemoteProfiles(deps)
  const requireProfile = async (userId: UserId) => {
    if (!deps.isLocal(serverNameOf(userId))) return elsewhere.find(userId)
    return (await users.findProfile(userId)) ?? notFound('There is no such user here.')
  }
  return {
    changePassword: (caller, request) => changePassword(deps, caller, request),
    resetPassword: (request) => resetPassword(deps, request),
    deactivate: (caller, auth, idServer) => deactivateAccount(deps, caller, auth, idServer),
    bindThreePid: (caller, request) => bindThreePid(deps, caller, request),
    unbindThreePid: (caller, threePid, idServer) => unbindThreePid(deps, caller, threePid, idServer),
    async removeThreePid(caller, threePid, idServer) {
      await users.removeThreePid(caller.user, threePid.medium, threePid.address)
      return unbindThreePid(deps, caller, threePid, idServer)
    },
    requireProfile,
    async requireProfileField(userId, field) {
      const value = (await requireProfile(userId))[field]
      return value === undefined ? notFound(`The user has no ${field}.`) : { [field]: value }
    },
    async requireOwnProfile(userId, field) {
      const server = serverNameOf(userId)
      if (!isServerName(server)) throw new MatrixError('M_INVALID_PARAM', `${userId} is no user ID.`)
      if (!deps.isLocal(server)) return notFound('There is no such user here.')
      const profile = await requireProfile(userId)
      if (field === undefined) return profile
      return profile[field] === undefined ? {} : { [field]: profile[field] }
    },
    setProfileField(caller, field, body) {
      const value = Object.hasOwn(body, field) ? body[field] : undefined
      if (value === undefined) throw new MatrixError('M_MISSING_PARAM', `The body must hold ${field}.`)
      return updateProfile(deps, caller, field, value)
    },
    removeProfileField: (caller, field) => updateProfile(deps, caller, field, undefined),
    async requireAccountData({ user }, roomId, type) {
      const room = roomId === null ? null : (await deps.names.find([roomId]))[0]
      const content = room === undefined ? undefined : await users.findAccountData(user, room, type)
      return content ?? notFound('There is no account data of this type.')
    },
    async putRoomAccountData({ user }, roomId, type, content) {
      await users.putAccountData(user, await requireOwnRoom(deps, user, roomId), type, content)
    },
    async findTags({ user }, roomId) {
      const [room] = await deps.names.find([roomId])
      const content = room === undefined ? undefined : await users.findAccountData(user, room, 'm.tag')
      return content ?? '{"tags":{}}'
    },
    async setTag({ user }, roomId, tag, value) {
      await users.setTag(user, await requireOwnRoom(deps, user, roomId), tag, value)
    },
    requireFilter: async ({ user }, filterId) =>
      (await users.findFilter(user, filterId)) ?? notFound('There is no such filter.'),
    requirePushRule: async ({ user }, kind, ruleId) =>
      (await users.findPushRule(user, kind, ruleId)) ?? notFound('There is no such push rule.'),
    setPushActions: ({ user }, kind, ruleId, actions) =>
      users.changePushRule(user, kind, ruleId, { actions: parseActions(actions) }),
    showThread: (caller, place) => showThread(deps, caller, place),
    followThread: (caller, place, cause) => followThread(deps, caller, place, cause),
    leaveThread: (caller, place) => leaveThread(deps, caller, place),
    requireDevice: async ({ user }, device) =>
      (await devices.findDevice(user, device)) ?? notFound('There is no such device.'),
  }
}

function notFound(message: string): never {
  throw new MatrixError('M_NOT_FOUND', message)
}

/** The number of a room in which the user is or was. */
async function requireOwnRoom({ names, rooms }: AccountDeps, user: number, roomId: RoomId): Promise<number> {
  const [room] = await names.find([roomId])
  const member = room === undefined ? undefined : await rooms.findMember(room, user)
  if (room === undefined || member === undefined) throw new MatrixError('M_FORBIDDEN', 'You are not in this room.')
  return room
}

function parseActions(actions: readonly unknown[]): PushAction[] {
  try {
    return parsePushActions(actions)
  } catch (error) {
    if (error instanceof ProtocolError) throw new MatrixError('M_INVALID_PARAM', `${error.message}.`)
    throw error
  }
}
