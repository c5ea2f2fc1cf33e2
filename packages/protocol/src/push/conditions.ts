/** Conditions of push rules in compiled form. Spec: client-server-api#conditions-1. */

import type { JsonObject } from '../json/json.ts'
import type { EventFacts } from './event-facts.ts'
import { compileGlob, containsWords, type GlobMatcher } from './glob.ts'
import { pushLimits } from './limits.ts'
import { parsePropertyPath } from './property-path.ts'
import { isPlainValue, type PushCondition, parseMemberCount } from './rules.ts'

/** True if the condition holds; `displayName` is the rule owner's in this room. */
export type Condition = (facts: EventFacts, displayName: string | undefined) => boolean

/** Required level of a notification key that the power levels do not name. */
const notificationLevelDefault = 50

const compilers: ReadonlyMap<string, (condition: PushCondition) => Condition | undefined> = new Map([
  ['event_match', compileEventMatch],
  ['event_property_is', compilePropertyIs],
  ['event_property_contains', compilePropertyContains],
  ['contains_display_name', () => containsDisplayName],
  ['room_member_count', compileMemberCount],
  ['sender_notification_permission', compileNotificationPermission],
])

/** The compiled condition; undefined: unknown or malformed, so its rule never matches. */
export function compileCondition(condition: PushCondition): Condition | undefined {
  return compilers.get(condition.kind)?.(condition)
}

/** The condition of a `content` rule. */
export function compileBodyPattern(pattern: string): Condition {
  return compileTextMatch('content.body', compileGlob(pattern, 'words'))
}

function compileEventMatch({ key, pattern }: PushCondition): Condition | undefined {
  if (typeof key !== 'string' || typeof pattern !== 'string') return undefined
  return compileTextMatch(key, compileGlob(pattern, key === 'content.body' ? 'words' : 'whole'))
}

function compileTextMatch(key: string, matches: GlobMatcher): Condition {
  const names = parsePropertyPath(key)
  return (facts) => {
    const { lower } = facts.property(key, names)
    return lower !== undefined && matches(lower)
  }
}

function compilePropertyIs({ key, value }: PushCondition): Condition | undefined {
  if (typeof key !== 'string' || !isPlainValue(value)) return undefined
  const names = parsePropertyPath(key)
  return (facts) => facts.property(key, names).value === value
}

function compilePropertyContains({ key, value }: PushCondition): Condition | undefined {
  if (typeof key !== 'string' || !isPlainValue(value)) return undefined
  const names = parsePropertyPath(key)
  return (facts) => facts.property(key, names).elements?.has(value) === true
}

function containsDisplayName(facts: EventFacts, displayName: string | undefined): boolean {
  const body = facts.property('content.body', ['content', 'body']).lower
  if (body === undefined || displayName === undefined) return false
  return displayName.length <= pushLimits.displayNameCharsMax && containsWords(body, displayName.toLowerCase())
}

function compileMemberCount({ is }: PushCondition): Condition | undefined {
  const parsed = parseMemberCount(is)
  if (parsed === undefined) return undefined
  const { operator, count } = parsed
  switch (operator) {
    case '<':
      return ({ room }) => room.memberCount < count
    case '>':
      return ({ room }) => room.memberCount > count
    case '<=':
      return ({ room }) => room.memberCount <= count
    case '>=':
      return ({ room }) => room.memberCount >= count
    default:
      return ({ room }) => room.memberCount === count
  }
}

function compileNotificationPermission({ key }: PushCondition): Condition | undefined {
  if (typeof key !== 'string') return undefined
  return ({ room }) => room.senderPower >= readLevel(room.notificationLevels, key)
}

/** The level that the room asks for; before room version 10 it may be a string of digits. */
function readLevel(levels: JsonObject | undefined, key: string): number {
  const level = levels !== undefined && Object.hasOwn(levels, key) ? levels[key] : undefined
  if (typeof level === 'string' && /^-?[0-9]{1,15}$/.test(level)) return Number(level)
  return typeof level === 'number' && Number.isSafeInteger(level) ? level : notificationLevelDefault
}
