/** The state that a new room starts with. Spec: client-server-api#post_matrixclientv3createroom. */

import { isJsonObject, type JsonObject, type RoomRules, type UserId } from '@parallax/protocol'
import type { EventDraft } from '../rooms/index.ts'

export type Preset = 'private_chat' | 'trusted_private_chat' | 'public_chat'

/** Join rules, history visibility and guest access of a preset. */
export function presetEvents(preset: Preset): EventDraft[] {
  const isPublic = preset === 'public_chat'
  return [
    stateDraft('m.room.join_rules', { join_rule: isPublic ? 'public' : 'invite' }),
    stateDraft('m.room.history_visibility', { history_visibility: 'shared' }),
    ...(isPublic ? [] : [stateDraft('m.room.guest_access', { guest_access: 'can_join' })]),
  ]
}

/**
 * The power levels of a new room; `override` replaces whole top-level members. In version 12 creators are not listed.
 */
export function initialPowerLevels(
  rules: RoomRules,
  preset: Preset,
  creator: UserId,
  trusted: readonly UserId[],
  override: JsonObject | undefined,
): JsonObject {
  const users: JsonObject = rules.privilegedCreators ? {} : { [creator]: 100 }
  if (!rules.privilegedCreators) for (const user of trusted) users[user] = 100
  const stateDefault = Number(override?.state_default ?? 50)
  return {
    users,
    users_default: 0,
    events: {
      'm.room.name': 50,
      'm.room.avatar': 50,
      'm.room.canonical_alias': 50,
      'm.room.power_levels': 100,
      'm.room.history_visibility': 100,
      'm.room.encryption': 100,
      'm.room.server_acl': 100,
      // Version 12: explicitly above the level of other state.
      'm.room.tombstone': rules.privilegedCreators ? tombstoneLevel(stateDefault) : 100,
    },
    events_default: 0,
    state_default: 50,
    ban: 50,
    kick: 50,
    redact: 50,
    invite: preset === 'public_chat' ? 50 : 0,
    ...(isJsonObject(override) ? override : {}),
  }
}

/** The level of tombstones in a room of version 12, given that of other state. */
export function tombstoneLevel(stateDefault: number): number {
  return Number.isSafeInteger(stateDefault + 1) ? Math.max(150, stateDefault + 1) : 150
}

/** A state event with an empty state key. */
export function stateDraft(type: string, content: JsonObject): EventDraft {
  return { type, stateKey: '', content }
}
