/** Every room version as "the previous one, except". Spec: rooms. */

import { ProtocolError } from '../errors.ts'
import type { RoomRules, RoomVersionId } from './rules.ts'

const v1: RoomRules = {
  version: '1',
  eventFormat: 1,
  eventIdFormat: 'explicit',
  stateResolution: 'v1',
  enforceKeyValidity: false,
  strictCanonicalJson: false,
  strictByteLimits: false,
  aliasesSpecial: true,
  redactionAuthRule: true,
  checkNotificationLevels: false,
  knock: false,
  restrictedJoin: false,
  knockRestricted: false,
  integerPowerLevels: false,
  redactionKeepsAllow: false,
  redactionKeepsAuthorisingUser: false,
  redactionSince11: false,
  redactsInContent: false,
  creatorIsSender: false,
  privilegedCreators: false,
}
const v2: RoomRules = { ...v1, version: '2', stateResolution: 'v2' }
const v3: RoomRules = { ...v2, version: '3', eventFormat: 3, eventIdFormat: 'base64', redactionAuthRule: false }
const v4: RoomRules = { ...v3, version: '4', eventIdFormat: 'base64url' }
const v5: RoomRules = { ...v4, version: '5', enforceKeyValidity: true }
const v6: RoomRules = {
  ...v5,
  version: '6',
  strictCanonicalJson: true,
  aliasesSpecial: false,
  checkNotificationLevels: true,
}
const v7: RoomRules = { ...v6, version: '7', knock: true }
const v8: RoomRules = { ...v7, version: '8', restrictedJoin: true, redactionKeepsAllow: true }
const v9: RoomRules = { ...v8, version: '9', redactionKeepsAuthorisingUser: true }
const v10: RoomRules = { ...v9, version: '10', knockRestricted: true, integerPowerLevels: true }
const v11: RoomRules = {
  ...v10,
  version: '11',
  strictByteLimits: true,
  redactionSince11: true,
  redactsInContent: true,
  creatorIsSender: true,
}
const v12: RoomRules = { ...v11, version: '12', eventFormat: 12, stateResolution: 'v2.1', privilegedCreators: true }

/** The rules of every known version, oldest first. */
export const roomVersions: ReadonlyMap<RoomVersionId, RoomRules> = new Map(
  [v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, v11, v12].map((rules) => [rules.version, rules]),
)

/** The version for new rooms. Spec: rooms (v1.16 and later recommend 12). */
export const defaultRoomVersion: RoomVersionId = '12'

/** The rules of that version; undefined: the version is not known. */
export function findRoomRules(version: string): RoomRules | undefined {
  return roomVersions.get(version as RoomVersionId)
}

/** The rules of that version; throws `unknown-room-version`. */
export function requireRoomRules(version: string): RoomRules {
  const rules = findRoomRules(version)
  if (!rules) throw new ProtocolError('unknown-room-version', `Unknown room version ${version.slice(0, 32)}`)
  return rules
}
