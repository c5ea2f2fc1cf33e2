/**
 * The rules on an event's own list of auth events, which do not depend on state.
 * Spec: rooms/v12#authorisation-rules rules 2 and 3; v1–11 rule 2.
 */

import type { RoomEvent } from '../event/room-event.ts'
import type { EventId } from '../ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { stateKeyOf } from '../state/state-map.ts'
import { selectAuthEvents } from './select-auth-events.ts'
import { allowed, refuse, type Verdict } from './verdict.ts'

/** An event that another cites, and whether it was itself rejected. */
export type CitedEvent = { readonly event: RoomEvent; readonly isRejected: boolean }

/**
 * The verdict on the event's `auth_events`. `find` answers for each cited ID; undefined: the event is unknown.
 * In version 12 it is also asked for the create event that the room ID names.
 */
export function checkAuthEvents(
  rules: RoomRules,
  event: RoomEvent,
  find: (id: EventId) => CitedEvent | undefined,
): Verdict {
  if (event.type === 'm.room.create') return allowed()
  // v12 rule 2: the room ID names an accepted create event.
  if (rules.privilegedCreators) {
    const create = find(`$${event.roomId.slice(1)}` as EventId)
    if (create?.event.type !== 'm.room.create' || create.isRejected) {
      return refuse('auth-events.no-create', 'The room ID does not name an accepted create event')
    }
  }
  const unseen = new Map(selectAuthEvents(rules, event).map((pair) => [stateKeyOf(pair[0], pair[1]), true]))
  for (const id of event.authEvents) {
    const verdict = checkCited(event, id, find(id), unseen)
    if (!verdict.ok) return verdict
  }
  // v1–11 rule 2.4.
  if (!rules.privilegedCreators && unseen.get(stateKeyOf('m.room.create', '')) !== false) {
    return refuse('auth-events.no-create', 'The create event is not among the auth events')
  }
  return allowed()
}

function checkCited(
  event: RoomEvent,
  id: EventId,
  cited: CitedEvent | undefined,
  unseen: Map<string, boolean>,
): Verdict {
  if (cited === undefined) return refuse('auth-events.missing', `Auth event ${id} is unknown`)
  const { type, stateKey, roomId } = cited.event
  const key = stateKey === undefined ? '' : stateKeyOf(type, stateKey)
  const isFirst = unseen.get(key)
  // v1–11 rule 2.2, v12 rule 3.2: no other than the selection asks for.
  if (isFirst === undefined) return refuse('auth-events.unexpected', `Auth event ${id} has no say about this event`)
  // v1–11 rule 2.1, v12 rule 3.1.
  if (!isFirst) return refuse('auth-events.duplicate', `Auth event ${id} is the second for its type and state key`)
  unseen.set(key, false)
  // v1–11 rule 2.3, v12 rule 3.3.
  if (cited.isRejected) return refuse('auth-events.rejected', `Auth event ${id} was rejected`)
  // v1–11 rule 2.5, v12 rule 3.5.
  if (roomId !== event.roomId) return refuse('auth-events.other-room', `Auth event ${id} is of another room`)
  return allowed()
}
