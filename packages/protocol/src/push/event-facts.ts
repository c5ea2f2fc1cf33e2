/** What rules ask of one event, found once and shared by the rules of all users. */

import type { RoomEvent } from '../event/room-event.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import { findProperty } from './property-path.ts'
import { isPlainValue } from './rules.ts'

/** What rules ask of the room, as it is at the event. */
export type RoomPushContext = {
  /** Joined members. */
  readonly memberCount: number
  /** The sender's power level; infinite for creators (v12). */
  readonly senderPower: number
  /** `notifications` of the power levels, if there is such an object. */
  readonly notificationLevels: JsonObject | undefined
}

/** A property of the event. */
export type EventProperty = {
  /** Undefined: absent. */
  readonly value: JsonValue | undefined
  /** The value in lower case, if it is text. */
  readonly lower: string | undefined
  /** The plain values in it, if it is an array. */
  readonly elements: ReadonlySet<JsonValue> | undefined
}

export type EventFacts = {
  readonly room: RoomPushContext
  /** The property at the path `key`, whose parsed form is `names`. */
  property(key: string, names: readonly string[]): EventProperty
}

/** The facts of one event; properties are looked up on first use. */
export function createEventFacts(event: RoomEvent, room: RoomPushContext): EventFacts {
  const known = new Map<string, EventProperty>()
  return {
    room,
    property(key, names) {
      let property = known.get(key)
      if (property === undefined) {
        property = describe(findProperty(event, names))
        known.set(key, property)
      }
      return property
    },
  }
}

function describe(value: JsonValue | undefined): EventProperty {
  return {
    value,
    lower: typeof value === 'string' ? value.toLowerCase() : undefined,
    elements: Array.isArray(value) ? new Set(value.filter(isPlainValue)) : undefined,
  }
}
