/** Dot-separated property paths and what they name in an event. Spec: appendices#dot-separated-property-paths. */

import type { RoomEvent } from '../event/room-event.ts'
import { isJsonObject, type JsonValue } from '../json/json.ts'

/** The property names of a path; `\.` and `\\` are a literal dot and backslash, other backslashes stay. */
export function parsePropertyPath(path: string): string[] {
  const names: string[] = []
  let name = ''
  for (let index = 0; index < path.length; index += 1) {
    const char = path[index]!
    const next = path[index + 1]
    if (char === '\\' && (next === '.' || next === '\\')) {
      name += next
      index += 1
    } else if (char === '.') {
      names.push(name)
      name = ''
    } else {
      name += char
    }
  }
  return [...names, name]
}

/** The value at the path in the event as clients see it; undefined: absent. */
export function findProperty(event: RoomEvent, names: readonly string[]): JsonValue | undefined {
  let value = findTopLevel(event, names[0]!)
  for (const name of names.slice(1)) {
    if (!isJsonObject(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

function findTopLevel(event: RoomEvent, name: string): JsonValue | undefined {
  switch (name) {
    case 'type':
      return event.type
    case 'sender':
      return event.sender
    case 'room_id':
      return event.roomId
    case 'event_id':
      return event.eventId
    case 'state_key':
      return event.stateKey
    case 'content':
      return event.content
    case 'origin_server_ts':
      return event.originServerTs
    case 'redacts':
      return event.redacts
    default:
      return undefined
  }
}
