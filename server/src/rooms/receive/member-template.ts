/**
 * Templates of member events that users of other servers complete and sign.
 * Spec: server-server-api#get_matrixfederationv1make_joinroomiduserid and its like.
 */

import {
  type AuthState,
  allow,
  type EventId,
  type JsonObject,
  type JsonValue,
  type RoomEvent,
  referenceHash,
  selectAuthEvents,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { PREV_EVENTS_MAX } from '../decide.ts'
import { listEvents } from '../event-table.ts'
import { type RoomHead, toRoomEvent } from '../heads.ts'
import { refuseBy } from '../refusal.ts'
import type { TurnDeps } from '../run-turn.ts'

/** The template of a member event by and about this user on the room's head. Throws MatrixError M_FORBIDDEN. */
export async function buildMemberTemplate(
  deps: TurnDeps,
  room: number,
  userId: UserId,
  content: JsonObject,
): Promise<JsonObject> {
  const head = await deps.heads.find(room)
  if (head === undefined) throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server.')
  const subject = { type: 'm.room.member', stateKey: userId, sender: userId, content }
  const keys = selectAuthEvents(head.rules, subject).map(([type, stateKey]) => stateKeyOf(type, stateKey))
  const cells = await deps.heads.loadCells(head, keys)
  const state: AuthState = { get: (type, stateKey) => cells.get(stateKeyOf(type, stateKey))?.event }
  const tips = [...head.row.extremities].sort((a, b) => b.depth - a.depth).slice(0, PREV_EVENTS_MAX)
  const auth = keys.flatMap((key) => cells.get(key)?.event ?? [])
  const depth = Math.min((tips[0]?.depth ?? 0) + 1, Number.MAX_SAFE_INTEGER)
  const draft = { ...subject, roomId: head.roomId, originServerTs: deps.clock.nowMs(), depth }
  const ids = { eventId: '$template' as EventId, prevEvents: tips.map((tip) => tip.eventId), authEvents: [] }
  // The other server signs for whoever it names: that ours signs too is up to send_join.
  const facts = { create: head.create, authorisingServerSigned: true }
  const verdict = allow(head.rules, { ...draft, ...ids, redacts: undefined, pdu: {} }, state, facts)
  if (!verdict.ok) refuseBy(verdict)
  const prev = await listEvents(deps.reader, head.rules.eventFormat === 1 ? tips.map(({ event }) => event) : [])
  const hashed = [...auth, ...prev.map((stored) => toRoomEvent(head.rules, head.roomId, stored))]
  return {
    type: 'm.room.member',
    room_id: head.roomId,
    sender: userId,
    state_key: userId,
    content,
    depth,
    origin_server_ts: draft.originServerTs,
    prev_events: referencesTo(head, ids.prevEvents, hashed),
    auth_events: referencesTo(
      head,
      auth.map(({ eventId }) => eventId),
      hashed,
    ),
  }
}

/** IDs; in versions 1 and 2 with the hashes of the events. */
function referencesTo({ rules }: RoomHead, ids: readonly EventId[], events: readonly RoomEvent[]): JsonValue[] {
  if (rules.eventFormat !== 1) return [...ids]
  const hashes = new Map(events.map(({ eventId, pdu }) => [eventId, referenceHash(rules, pdu)]))
  return ids.map((id) => [id, { sha256: hashes.get(id)! }])
}
