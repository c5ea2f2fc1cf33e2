/** Who created a room, by room version. Spec: rooms/v12#authorisation-rules. */

import type { RoomEvent } from '../event/room-event.ts'
import type { RoomRules } from '../room-version/rules.ts'

/** The user who created the room: the sender (v11 and later) or `content.creator` (v1–10), if that is a string. */
export function creatorOf(rules: RoomRules, create: RoomEvent): string | undefined {
  if (rules.creatorIsSender) return create.sender
  const { creator } = create.content
  return typeof creator === 'string' ? creator : undefined
}

const additionalCreators = new WeakMap<RoomEvent, ReadonlySet<string>>()

/** True if the user has infinite power: v12 and later, the create event's sender and its `additional_creators`. */
export function isPrivilegedCreator(rules: RoomRules, create: RoomEvent | undefined, user: string): boolean {
  if (!rules.privilegedCreators || create === undefined) return false
  return create.sender === user || additionalCreatorsOf(create).has(user)
}

/** Those users of the room who have infinite power, the create event's sender first; empty before v12. */
export function privilegedCreatorsOf(rules: RoomRules, create: RoomEvent): string[] {
  if (!rules.privilegedCreators) return []
  return [...new Set([create.sender, ...additionalCreatorsOf(create)])]
}

function additionalCreatorsOf(create: RoomEvent): ReadonlySet<string> {
  const known = additionalCreators.get(create)
  if (known) return known
  const listed = create.content.additional_creators
  const users = new Set<string>()
  if (Array.isArray(listed)) for (const user of listed) if (typeof user === 'string') users.add(user)
  additionalCreators.set(create, users)
  return users
}
