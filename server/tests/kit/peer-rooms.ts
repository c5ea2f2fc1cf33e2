/** What a scripted server does in rooms: it joins, leaves and knocks. */

import assert from 'node:assert/strict'
import {
  buildMemberFromTemplate,
  type EventId,
  type HandshakeMembership,
  type JoinReply,
  type JsonObject,
  parseJoinReply,
  parseMemberTemplate,
  type RoomEvent,
  type RoomId,
  requireRoomRules,
  roomVersions,
  type UserId,
} from '@parallax/protocol'
import type { InProcess } from './in-process.ts'
import type { Peer, PeerAnswer } from './peer.ts'

export const allVersions = [...roomVersions.keys()].map((version) => `ver=${version}`).join('&')

export type PeerRoom = {
  readonly roomId: RoomId
  readonly version: string
  /** Its state as the peer was told at the join, and the join itself. */
  readonly state: readonly RoomEvent[]
  readonly reply: JoinReply
  readonly join: RoomEvent
}

const encode = encodeURIComponent

/** The answer to make_join and its like. */
export function makeMember(
  peer: Peer,
  server: Pick<InProcess, 'serverName'>,
  membership: string,
  roomId: string,
  userId: string,
) {
  const query = membership === 'leave' ? '' : `?${allVersions}`
  const path = `/_matrix/federation/v1/make_${membership}/${encode(roomId)}/${encode(userId)}${query}`
  return peer.ask(server.serverName, 'GET', path)
}

/** The event of a template, signed by the peer. */
export function finishTemplate(
  peer: Peer,
  answer: PeerAnswer,
  membership: HandshakeMembership,
  userId: string,
  content: JsonObject = {},
): RoomEvent {
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const { event, room_version: version } = answer.body as { event: JsonObject; room_version: string }
  const request = { roomId: event.room_id as RoomId, userId: userId as UserId }
  const template = parseMemberTemplate(membership, answer.body, request)
  const isExplicit = requireRoomRules(version).eventIdFormat === 'explicit'
  const eventId = isExplicit ? { eventId: `$${Math.random()}:${peer.name}` as EventId } : {}
  return buildMemberFromTemplate(template, { content, originServerTs: Date.now(), ...eventId }, peer.signer).event
}

/** The answer to send_join and its like; `query` begins with a question mark. */
export function sendMember(
  peer: Peer,
  server: Pick<InProcess, 'serverName'>,
  membership: string,
  event: RoomEvent,
  query = '',
) {
  const version = membership === 'knock' ? 'v1' : 'v2'
  const path = `/_matrix/federation/${version}/send_${membership}/${encode(event.roomId)}/${encode(event.eventId)}`
  return peer.ask(server.serverName, 'PUT', path + query, event.pdu)
}

/** Joins a user of the peer to a room of the server. */
export async function joinAsPeer(
  peer: Peer,
  server: Pick<InProcess, 'serverName'>,
  roomId: string,
  localpart = 'pat',
  query = '',
): Promise<PeerRoom> {
  const userId = `@${localpart}:${peer.name}`
  const answer = await makeMember(peer, server, 'join', roomId, userId)
  const join = finishTemplate(peer, answer, 'join', userId)
  const sent = await sendMember(peer, server, 'join', join, query)
  assert.equal(sent.status, 200, JSON.stringify(sent.body))
  const version = String((answer.body as JsonObject).room_version)
  const reply = parseJoinReply(requireRoomRules(version), join, sent.body)
  return { roomId: roomId as RoomId, version, state: [...reply.state, reply.event], reply, join: reply.event }
}
