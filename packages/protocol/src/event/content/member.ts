/** Reading of `m.room.member`. Spec: client-server-api#mroommember. */

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json.ts'

export type Membership = 'join' | 'invite' | 'knock' | 'leave' | 'ban'

export const memberships: readonly Membership[] = ['join', 'invite', 'knock', 'leave', 'ban']

export type MemberContent = {
  /** Undefined: absent or not known. */
  readonly membership: Membership | undefined
  readonly displayName: string | undefined
  /** As it stands, not checked to be an mxc URI. */
  readonly avatarUrl: string | undefined
  readonly reason: string | undefined
  readonly isDirect: boolean
  readonly authorisingUser: string | undefined
  readonly thirdPartyInvite: ThirdPartySigned | undefined
}

/** `third_party_invite.signed` of an invite, if it is whole. */
export type ThirdPartySigned = {
  readonly mxid: string
  readonly token: string
  /** The whole `signed` object, for verifying. */
  readonly signed: JsonObject
}

/** The content as the rest of the code reads it; what is malformed counts as absent. Never throws. */
export function readMember(content: JsonObject): MemberContent {
  return {
    membership: readMembership(content),
    displayName: findText(content.displayname),
    avatarUrl: findText(content.avatar_url),
    reason: findText(content.reason),
    isDirect: content.is_direct === true,
    authorisingUser: findText(content.join_authorised_via_users_server),
    thirdPartyInvite: readThirdPartySigned(content.third_party_invite),
  }
}

/** `membership`, or undefined if it is none of the known ones. */
export function readMembership(content: JsonObject): Membership | undefined {
  return memberships.find((known) => known === content.membership)
}

function readThirdPartySigned(value: JsonValue | undefined): ThirdPartySigned | undefined {
  if (!isJsonObject(value) || !isJsonObject(value.signed)) return undefined
  const { mxid, token } = value.signed
  return typeof mxid === 'string' && typeof token === 'string' ? { mxid, token, signed: value.signed } : undefined
}

function findText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
