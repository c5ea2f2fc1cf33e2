/**
 * Which state events an event must cite as its authority.
 * Spec: server-server-api#auth-events-selection.
 */

import type { StateKeyTuple } from '../event/room-event.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import type { RoomRules } from '../room-version/rules.ts'

/** What of an event decides which auth events it needs; a `RoomEvent` fits, and so does an event still to be built. */
export type AuthSubject = {
  readonly type: string
  readonly stateKey: string | undefined
  readonly sender: string
  readonly content: JsonObject
}

/**
 * The (type, state key) pairs to look up in the room's state before the event; without duplicates, in a fixed order.
 * Pairs that the state lacks are left out of `auth_events` by the caller. Empty for the create event.
 */
export function selectAuthEvents(rules: RoomRules, subject: AuthSubject): StateKeyTuple[] {
  if (subject.type === 'm.room.create') return []
  const selected: StateKeyTuple[] = []
  // v1–11: the create event is cited. v12: the room ID implies it, and it must not be cited.
  if (!rules.privilegedCreators) selected.push(['m.room.create', ''])
  selected.push(['m.room.power_levels', ''])
  selected.push(['m.room.member', subject.sender])
  if (subject.type === 'm.room.member' && subject.stateKey !== undefined) {
    selectForMember(rules, subject, subject.stateKey, selected)
  }
  return selected
}

function selectForMember(rules: RoomRules, subject: AuthSubject, target: string, selected: StateKeyTuple[]): void {
  const { membership } = subject.content
  addMember(selected, target)
  if (membership === 'join' || membership === 'invite' || membership === 'knock') {
    selected.push(['m.room.join_rules', ''])
  }
  if (membership === 'invite') {
    const token = thirdPartyToken(subject.content)
    if (token !== undefined) selected.push(['m.room.third_party_invite', token])
  }
  // v8 and later: restricted joins name the user whose server vouched for the join.
  if (rules.restrictedJoin && membership === 'join') {
    const authoriser = subject.content.join_authorised_via_users_server
    if (typeof authoriser === 'string') addMember(selected, authoriser)
  }
}

function addMember(selected: StateKeyTuple[], user: string): void {
  const known = selected.some(([type, stateKey]) => type === 'm.room.member' && stateKey === user)
  if (!known) selected.push(['m.room.member', user])
}

/** The token of a third-party invite (`content.third_party_invite.signed.token`), if it is a string. */
export function thirdPartyToken(content: JsonObject): string | undefined {
  const token = signedPart(content.third_party_invite)?.token
  return typeof token === 'string' ? token : undefined
}

/** The `signed` object of a `third_party_invite` property, if both are objects. */
export function signedPart(thirdPartyInvite: JsonValue | undefined): JsonObject | undefined {
  if (!isJsonObject(thirdPartyInvite)) return undefined
  const { signed } = thirdPartyInvite
  return isJsonObject(signed) ? signed : undefined
}
