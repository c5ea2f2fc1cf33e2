/** Inviting users of other servers: their server signs the invite before it becomes part of the room. */

import {
  type JsonObject,
  parseInviteReply,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  serverNameOf,
  signaturesOf,
  type UserId,
  verifyEvent,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { Parties } from '../../remote/index.ts'
import { refusalOf } from '../check/refusal.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { listPreview } from './preview.ts'

export type RemoteInvite = {
  readonly roomId: RoomId
  /** A user of ours. */
  readonly sender: UserId
  /** A user of another server. */
  readonly target: UserId
  /** Beside the membership. */
  readonly content: JsonObject
}

/**
 * Throws MatrixError M_FORBIDDEN if the room or the other server refuses, M_UNSUPPORTED_ROOM_VERSION if that does not
 * know the room's version, M_UNKNOWN (status 502) if it does not answer.
 */
export async function inviteRemote(
  deps: FederationDeps,
  { roomId, sender, target, content }: RemoteInvite,
): Promise<void> {
  const { rooms } = deps
  const draft = { type: 'm.room.member', stateKey: target, content: { ...content, membership: 'invite' } }
  const event = await rooms.buildUnsent(roomId, sender, draft)
  const info = await rooms.findRoom(roomId)
  if (info === undefined) throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server.')
  const parties = { origin: serverNameOf(sender), destination: serverNameOf(target) }
  const state = await listPreview(rooms, info)
  const signed = await askForSignature(deps, parties, info.rules, { event, state })
  const [receipt] = await rooms.receive(info.room, [{ event: signed, isAuthoriserSigned: true, isPolicySigned: true }])
  if (receipt?.kind === 'accepted') return
  throw new MatrixError('M_FORBIDDEN', 'The invitation is not allowed any more.')
}

/** The invitation with the signature of the other server. */
async function askForSignature(
  { remote, clock }: FederationDeps,
  parties: Parties,
  rules: RoomRules,
  invite: { readonly event: RoomEvent; readonly state: readonly RoomEvent[] },
): Promise<RoomEvent> {
  const { destination: server } = parties
  try {
    const signed = parseInviteReply(rules, invite.event, await remote.calls.sendInvite(parties, rules, invite))
    const keyIds = [...signaturesOf(signed.pdu, server).keys()]
    const keys = await remote.keyRing.findKeys({ server, keyIds, validAtMs: clock.nowMs() })
    if (verifyEvent(rules, signed.pdu, server, keys)) return signed
  } catch (error) {
    throw refusalOf(error, server)
  }
  throw new MatrixError('M_UNKNOWN', `${server} did not sign the invitation.`, {}, 502)
}
