/** Inviting users of other servers: their server signs the invite before it becomes part of the room. */

import {
  type JsonObject,
  parseInviteReply,
  type RoomId,
  type ServerName,
  serverNameOf,
  signaturesOf,
  type UserId,
  verifyEvent,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import { explained } from '../check/explain.ts'
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

/** Throws MatrixError M_FORBIDDEN if the room or the other server refuses, M_UNKNOWN if that does not answer. */
export async function inviteRemote(
  deps: FederationDeps,
  { roomId, sender, target, content }: RemoteInvite,
): Promise<void> {
  const { rooms, remote } = deps
  const draft = { type: 'm.room.member', stateKey: target, content: { ...content, membership: 'invite' } }
  const event = await rooms.buildUnsent(roomId, sender, draft)
  const info = await rooms.findRoom(roomId)
  if (info === undefined) throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server.')
  const parties = { origin: serverNameOf(sender), destination: serverNameOf(target) }
  const state = await listPreview(rooms, info)
  const reply = await ask(() => remote.calls.sendInvite(parties, info.rules, { event, state }), parties.destination)
  const signed = explained(() => parseInviteReply(info.rules, event, reply))
  const keyIds = [...signaturesOf(signed.pdu, parties.destination).keys()]
  const wanted = { server: parties.destination, keyIds, validAtMs: deps.clock.nowMs() }
  if (!verifyEvent(info.rules, signed.pdu, parties.destination, await remote.keyRing.findKeys(wanted))) {
    throw new MatrixError('M_UNKNOWN', `${parties.destination} did not sign the invitation.`, {}, 502)
  }
  const [receipt] = await rooms.receive(info.room, [{ event: signed, isAuthoriserSigned: true, isPolicySigned: true }])
  if (receipt?.kind === 'accepted') return
  throw new MatrixError('M_FORBIDDEN', 'The invitation is not allowed any more.')
}

async function ask<T>(question: () => Promise<T>, server: ServerName): Promise<T> {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    const { answer } = error
    if (answer?.status === 403) throw new MatrixError('M_FORBIDDEN', `${server} refuses: ${answer.error}`)
    throw new MatrixError('M_UNKNOWN', `${server} could not be asked (${error.kind}).`, {}, 502)
  }
}
