/** Rule 1: `m.room.create`. Spec: rooms/v12#authorisation-rules 1, rooms/v1#authorisation-rules 1. */

import type { RoomEvent } from '../../event/room-event.ts'
import { isUserIdText } from '../../parse-ids.ts'
import type { RoomRules } from '../../room-version/rules.ts'
import { findRoomRules } from '../../room-version/versions.ts'
import { isSameServer } from '../server-part.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** The verdict on a create event; no state has a say. */
export function allowCreate(rules: RoomRules, event: RoomEvent): Verdict {
  const { content } = event
  // All versions 1.1.
  if (event.prevEvents.length > 0) return refuse('create.not-first', 'The create event has previous events')
  if (rules.privilegedCreators) {
    // v12 1.2: the room ID follows from the event.
    if (Object.hasOwn(event.pdu, 'room_id')) return refuse('create.room-id', 'The create event has a room ID')
  } else if (!isSameServer(event.roomId, event.sender)) {
    // v1–11 1.2.
    return refuse('create.room-id', "The room ID is not of the sender's server")
  }
  // All versions 1.3.
  if (content.room_version !== undefined && !isKnownVersion(content.room_version)) {
    return refuse('create.unknown-version', 'The room version is unknown')
  }
  // v1–10 1.4.
  if (!rules.creatorIsSender && !Object.hasOwn(content, 'creator')) {
    return refuse('create.no-creator', 'The create event names no creator')
  }
  // v12 1.4.
  if (rules.privilegedCreators && !hasValidAdditionalCreators(content.additional_creators)) {
    return refuse('create.additional-creators', 'additional_creators is not a list of user IDs')
  }
  return allowed()
}

function hasValidAdditionalCreators(listed: unknown): boolean {
  if (listed === undefined) return true
  return Array.isArray(listed) && listed.every((user) => typeof user === 'string' && isUserIdText(user))
}

function isKnownVersion(version: unknown): boolean {
  return typeof version === 'string' && findRoomRules(version) !== undefined
}
