/**
 * Invites of e-mail addresses that have become users. Spec: server-server-api#third-party-invites. Whether the identity
 * server signed is judged by the authorisation rules, with the keys in the room.
 */

import {
  isJsonObject,
  isUserIdText,
  type JsonObject,
  ProtocolError,
  parseRoomId,
  type RoomId,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import { refusalOf } from '../check/refusal.ts'
import type { Asking, FederationDeps } from '../federation-deps.ts'
import { federationLimits } from '../limits.ts'
import { inviteRemote } from './invite-remote.ts'
import { requireValidKey } from './key-validity.ts'
import { type HandshakeDeps, requireOurRoom } from './make-member.ts'
import { requireInvitable } from './take-invite.ts'

/** A third-party invite that was taken up. */
type Taken = {
  readonly roomId: RoomId
  /** Who sent the third-party invite. */
  readonly sender: UserId
  /** Who took it up. */
  readonly target: UserId
  /** By the identity server: user and token. */
  readonly signed: JsonObject
}

/**
 * A user of the asking server took up an invite that a user of ours sent: the user is invited. Throws M_FORBIDDEN,
 * M_BAD_JSON, M_NOT_FOUND.
 */
export async function exchangeInvite(
  deps: HandshakeDeps,
  asking: Asking,
  roomId: RoomId,
  body: JsonObject,
): Promise<void> {
  await requireOurRoom(deps, asking, roomId)
  const content = isJsonObject(body.content) ? body.content : {}
  const invite = isJsonObject(content.third_party_invite) ? content.third_party_invite : {}
  const { sender, state_key: target, type } = body
  const isInvite = type === 'm.room.member' && content.membership === 'invite' && body.room_id === roomId
  if (!isInvite || !isUser(sender) || !isUser(target) || !isJsonObject(invite.signed)) throw badInvite()
  if (serverNameOf(target) !== asking.origin) {
    throw new MatrixError('M_FORBIDDEN', `${target} is not a user of ${asking.origin}.`)
  }
  await inviteTaken(deps, { roomId, sender, target, signed: invite.signed })
}

/** The identity server tells of invites that a user of ours can take up now. Not signed: each is proved by itself. */
export async function takeBound(deps: FederationDeps, body: JsonObject): Promise<void> {
  const invites = Array.isArray(body.invites) ? body.invites : []
  const target = body.mxid
  if (!isUser(target) || !deps.domains.isLocal(serverNameOf(target))) {
    throw new MatrixError('M_NOT_FOUND', 'This is not a user of this server.')
  }
  if ((await deps.users.findAccount(target)) === undefined) {
    throw new MatrixError('M_NOT_FOUND', 'This is not a user of this server.')
  }
  for (const invite of invites.slice(0, federationLimits.boundInvitesMax)) {
    const taken = isJsonObject(invite) ? readBound(invite, target) : undefined
    if (taken === undefined) continue
    try {
      await (deps.domains.isLocal(serverNameOf(taken.sender)) ? inviteTaken(deps, taken) : passOn(deps, taken))
    } catch (error) {
      // One that is not to be had costs the others nothing.
      if (!(error instanceof MatrixError) && !(error instanceof RemoteError)) throw error
      deps.logger.debug({ err: error, room: taken.roomId }, 'an invite by e-mail could not be taken up')
    }
  }
}

/** A user of ours shows what the identity server signed. Throws M_FORBIDDEN, M_UNKNOWN (status 502). */
export async function takeUpInvite(
  deps: FederationDeps,
  target: UserId,
  roomId: RoomId,
  signed: JsonObject,
): Promise<void> {
  const { sender } = signed
  if (!isUser(sender) || signed.mxid !== target) throw new MatrixError('M_FORBIDDEN', 'This invite is not yours.')
  const taken = { roomId, sender, target, signed }
  const server = serverNameOf(sender)
  if (deps.domains.isLocal(server)) return inviteTaken(deps, taken)
  if (!deps.remote.isAllowed(server)) throw new MatrixError('M_FORBIDDEN', 'There is no such invite.')
  try {
    await passOn(deps, taken)
  } catch (error) {
    throw refusalOf(error, server)
  }
}

/** The inviting user's server makes the invite. */
async function passOn({ remote }: FederationDeps, { roomId, sender, target, signed }: Taken): Promise<void> {
  const parties = { origin: serverNameOf(target), destination: serverNameOf(sender) }
  // The name is filled in by who has the room.
  const content = { membership: 'invite', third_party_invite: { display_name: '', signed } }
  const event = { type: 'm.room.member', room_id: roomId, sender, state_key: target, content }
  await remote.calls.exchangeThirdPartyInvite(parties, roomId, event)
}

/** A user of ours, who sent the third-party invite, invites the user. */
async function inviteTaken(deps: FederationDeps, { roomId, sender, target, signed }: Taken): Promise<void> {
  const { rooms, domains } = deps
  const info = await rooms.findRoom(roomId)
  const token = typeof signed.token === 'string' ? signed.token : ''
  const invite = info && (await rooms.findStateEvent(info.room, 'm.room.third_party_invite', token))
  if (invite === undefined || invite.sender !== sender || !domains.isLocal(serverNameOf(sender))) {
    throw new MatrixError('M_FORBIDDEN', 'There is no such invite.')
  }
  if (await isJoined(deps, info!.room, target)) return
  await requireValidKey(deps.identity, invite.content, signed)
  const name = invite.content.display_name
  const content = { third_party_invite: { display_name: typeof name === 'string' ? name : '', signed } }
  if (!domains.isLocal(serverNameOf(target))) return inviteRemote(deps, { roomId, sender, target, content })
  await requireInvitable(deps, target, sender)
  const draft = { type: 'm.room.member', stateKey: target, content: { ...content, membership: 'invite' } }
  await rooms.send(roomId, sender, draft)
}

/** The authorisation rules would let the invite put a member out of the room. */
async function isJoined({ names, rooms }: FederationDeps, room: number, userId: UserId): Promise<boolean> {
  const [user] = await names.find([userId])
  return user !== undefined && (await rooms.findMember(room, user))?.membership === 'join'
}

function readBound(invite: JsonObject, target: UserId): Taken | undefined {
  const { room_id: roomId, sender, signed } = invite
  if (typeof roomId !== 'string' || !isUser(sender) || !isJsonObject(signed) || signed.mxid !== target) return undefined
  try {
    return { roomId: parseRoomId(roomId), sender, target, signed }
  } catch (error) {
    if (error instanceof ProtocolError) return undefined
    throw error
  }
}

function isUser(value: unknown): value is UserId {
  return typeof value === 'string' && isUserIdText(value)
}

function badInvite(): MatrixError {
  return new MatrixError('M_BAD_JSON', 'This is no invite of a user who was invited by a third-party identifier.')
}
