/**
 * The end of an invite in a room that this server is not in: whoever invited our user takes it back. What else servers
 * tell of such a room cannot be judged. Spec: server-server-api#inviting-to-a-room.
 */

import {
  type JsonObject,
  ProtocolError,
  type RoomEvent,
  type RoomId,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { BadSignature, checkEvent } from '../check/check-event.ts'
import type { InboxDeps } from './inbox-deps.ts'

/** True if the event ended an invite of a user of ours. */
export async function takeRescinded(deps: InboxDeps, roomId: RoomId, pdu: JsonObject): Promise<boolean> {
  const { rooms, names, domains } = deps
  const { type, state_key: userId, sender } = pdu
  if (type !== 'm.room.member' || typeof userId !== 'string' || typeof sender !== 'string') return false
  if (!userId.startsWith('@') || !userId.includes(':') || !domains.isLocal(serverNameOf(userId as UserId))) return false
  const [room, user, inviter] = await names.find([roomId, userId, sender])
  if (room === undefined || user === undefined || inviter === undefined) return false
  const where = await rooms.findOutsideRoom(room)
  const member = await rooms.findMember(room, user)
  if (where === undefined || member?.membership !== 'invite') return false
  const [invite] = await rooms.listEvents([member.event])
  // Nobody here can tell who else may: who invited may.
  if (invite?.sender !== inviter) return false
  const event = await check(deps, where, pdu)
  if (event === undefined || !endsStay(event)) return false
  await rooms.receiveOutside(where, { event, state: [] })
  return true
}

async function check(
  deps: InboxDeps,
  { room, roomId, rules }: { room: number; roomId: RoomId; rules: Parameters<typeof checkEvent>[1] },
  pdu: JsonObject,
): Promise<RoomEvent | undefined> {
  try {
    return (await checkEvent(deps, rules, pdu, { roomId }, room)).event
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof BadSignature) return undefined
    throw error
  }
}

function endsStay({ content }: RoomEvent): boolean {
  return content.membership === 'leave' || content.membership === 'ban'
}
