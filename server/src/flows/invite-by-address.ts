/**
 * Inviting somebody of whom an address is known: as a user if an identity server knows one, otherwise by a letter of
 * that server and an event that waits for who can prove to read it. Spec: client-server-api#third-party-invites.
 */

import { isJsonObject, type JsonObject, levelFor, powerOf, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { IdentityAccess, ThreePid } from '../remote/index.ts'
import type { KnownRoom } from '../rooms/index.ts'
import { askIdentity, requireThreePid, requireTrusted } from './ask-identity.ts'
import { inviteUser } from './change-membership.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { findPowerState } from './power-state.ts'

/** As the request names it. */
export type AddressInvite = {
  readonly id_server: string
  readonly id_access_token: string
  readonly medium: string
  readonly address: string
}

/** The question that an invite asks, checked. Throws MatrixError M_SERVER_NOT_TRUSTED, M_INVALID_PARAM. */
export function parseAddressInvite(
  { identity }: Pick<FlowDeps, 'identity'>,
  invite: AddressInvite,
): { access: IdentityAccess; threePid: ThreePid } {
  requireTrusted(identity, invite.id_server)
  return {
    access: { server: invite.id_server, accessToken: invite.id_access_token },
    threePid: requireThreePid(invite),
  }
}

/** `more`: content of the invite. Throws as `inviteUser` and `askIdentity`. */
export async function inviteByAddress(
  deps: FlowDeps,
  actor: Actor,
  roomId: RoomId,
  invite: AddressInvite,
  more: JsonObject = {},
): Promise<void> {
  const { identity } = deps
  const { access, threePid } = parseAddressInvite(deps, invite)
  const { server } = access
  // Before anybody is written to.
  const info = await requireInviting(deps, actor, roomId)
  const target = await askIdentity(server, 'M_FORBIDDEN', () => identity.lookUp(access, threePid))
  if (target !== undefined) return inviteUser(deps, actor, { roomId, target, more })
  const described = await describeInvite(deps, actor, info)
  const stored = await askIdentity(server, 'M_FORBIDDEN', () =>
    identity.storeInvite(access, { ...described, ...threePid, room_id: roomId, sender: actor.userId }),
  )
  const keys = stored.publicKeys.map(({ publicKey, validityUrl }) => ({
    public_key: publicKey,
    key_validity_url: validityUrl,
  }))
  const content = { display_name: stored.displayName, ...keys[0]!, public_keys: keys }
  await deps.rooms.send(roomId, actor.userId, { type: 'm.room.third_party_invite', stateKey: stored.token, content })
}

/** Throws MatrixError M_FORBIDDEN if the actor is not in the room or may not invite. */
async function requireInviting(deps: FlowDeps, actor: Actor, roomId: RoomId): Promise<KnownRoom> {
  const info = await deps.rooms.findRoom(roomId)
  const member = info && (await deps.rooms.findMember(info.room, actor.user))
  if (info === undefined || member?.membership !== 'join') {
    throw new MatrixError('M_FORBIDDEN', 'You are not in this room.')
  }
  const { state, create } = await findPowerState(deps, info)
  if (powerOf(info.rules, state, actor.userId, create) >= levelFor(info.rules, state, 'invite')) return info
  throw new MatrixError('M_FORBIDDEN', 'Inviting needs a higher power level.')
}

/** What the letter may tell of room and inviter. */
async function describeInvite(deps: FlowDeps, { userId }: Actor, { room }: KnownRoom): Promise<JsonObject> {
  const textOf = async (type: string, field: string) => {
    const value = (await deps.rooms.findStateEvent(room, type, ''))?.content[field]
    return typeof value === 'string' ? value : undefined
  }
  const profile = await deps.findProfile(userId)
  const told = {
    room_alias: await textOf('m.room.canonical_alias', 'alias'),
    room_avatar_url: await textOf('m.room.avatar', 'url'),
    room_join_rules: await textOf('m.room.join_rules', 'join_rule'),
    room_name: await textOf('m.room.name', 'name'),
    room_type: await textOf('m.room.create', 'type'),
    sender_display_name: profile?.displayname,
    sender_avatar_url: profile?.avatar_url,
  }
  return Object.fromEntries(Object.entries(told).filter(([, value]) => typeof value === 'string')) as JsonObject
}

/** The entries of `invite_3pid`. Throws MatrixError M_INVALID_PARAM and as `parseAddressInvite`. */
export function parseAddressInvites(deps: FlowDeps, listed: readonly unknown[]): AddressInvite[] {
  return listed.map((entry) => {
    const texts = isJsonObject(entry as JsonObject) ? (entry as Record<keyof AddressInvite, unknown>) : undefined
    const names = ['id_server', 'id_access_token', 'medium', 'address'] as const
    if (texts === undefined || names.some((name) => typeof texts[name] !== 'string')) {
      throw new MatrixError('M_INVALID_PARAM', `An entry of invite_3pid holds the texts ${names.join(', ')}.`)
    }
    parseAddressInvite(deps, texts as AddressInvite)
    return texts as AddressInvite
  })
}
