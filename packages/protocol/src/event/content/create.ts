/** Reading of `m.room.create`. Spec: client-server-api#mroomcreate. */

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json.ts'

export type CreateContent = {
  /** `room_version` as it stands; "1" if absent or no string. */
  readonly roomVersion: string
  /** `creator`, versions 1–10. */
  readonly creator: string | undefined
  /** False only if `m.federate` is false. */
  readonly federates: boolean
  /** The room's type, such as `m.space`. */
  readonly roomType: string | undefined
  readonly predecessor: { readonly roomId: string; readonly eventId: string | undefined } | undefined
  /** The strings of `additional_creators` (version 12 and later). */
  readonly additionalCreators: readonly string[]
}

/** The content as the rest of the code reads it; what is malformed counts as absent. Never throws. */
export function readCreate(content: JsonObject): CreateContent {
  return {
    roomVersion: findText(content.room_version) ?? '1',
    creator: findText(content.creator),
    federates: content['m.federate'] !== false,
    roomType: findText(content.type),
    predecessor: readPredecessor(content.predecessor),
    additionalCreators: Array.isArray(content.additional_creators)
      ? content.additional_creators.filter((user) => typeof user === 'string')
      : [],
  }
}

function readPredecessor(value: JsonValue | undefined): CreateContent['predecessor'] {
  if (!isJsonObject(value) || typeof value.room_id !== 'string') return undefined
  return { roomId: value.room_id, eventId: findText(value.event_id) }
}

function findText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}
