/** Rule 10 (v1–5, v12), 9 (v6–11): `m.room.power_levels`: form first, then every change against the sender's power. */

import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json.ts'
import { isUserIdText } from '../../parse-ids.ts'
import { type AuthCase, powerIn } from '../auth-case.ts'
import { privilegedCreatorsOf } from '../creators.ts'
import { namedLevels, readLevel } from '../levels.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

type LevelMap = 'events' | 'notifications' | 'users'

const bad = (what: string): Verdict => refuse('power-levels.bad', `${what} is not as it should be`)

/** The verdict on a change of power levels. The sender is known to be joined and to have the power for the type. */
export function allowPowerLevels(authCase: AuthCase): Verdict {
  const { rules, event, auth, create } = authCase
  const form = checkForm(authCase)
  if (!form.ok) return form
  // v12 10.4: creators have their power by birth.
  const { users } = event.content
  for (const creator of privilegedCreatorsOf(rules, create)) {
    if (isJsonObject(users) && Object.hasOwn(users, creator)) {
      return refuse('power-levels.creator-listed', `${creator} is a creator and cannot be listed`)
    }
  }
  // 10.2 (v1–5), 9.2 (v6–9), 9.4 (v10–11), 10.5 (v12): the first ones stand.
  const current = auth.get('m.room.power_levels', '')?.content
  return current === undefined ? allowed() : checkChanges(authCase, current, powerIn(authCase, event.sender))
}

/** Form of the content: 10.1 (v1–5), 9.1 (v6–9), 9.1 to 9.3 (v10–11), 10.1 to 10.3 (v12). */
function checkForm({ rules, event: { content } }: AuthCase): Verdict {
  const isLevel = (value: JsonValue | undefined): boolean => readLevel(rules, value) !== undefined
  if (rules.integerPowerLevels) {
    // v10–11 9.1, v12 10.1.
    for (const name of namedLevels) if (content[name] !== undefined && !isLevel(content[name])) return bad(name)
    // v10–11 9.2, v12 10.2.
    for (const map of ['events', 'notifications'] as const) {
      const entries = content[map]
      if (entries === undefined) continue
      if (!isJsonObject(entries) || !Object.values(entries).every(isLevel)) return bad(map)
    }
  }
  // v1–5 10.1, v6–9 9.1, v10–11 9.3, v12 10.3.
  if (content.users === undefined) return allowed()
  if (!isJsonObject(content.users)) return bad('users')
  for (const [user, level] of Object.entries(content.users))
    if (!isUserIdText(user) || !isLevel(level)) return bad('users')
  return allowed()
}

/** Every change: 10.3 to 10.7 (v1–5), 9.3 to 9.7 (v6–9), 9.5 to 9.9 (v10–11), 10.6 to 10.10 (v12). */
function checkChanges(authCase: AuthCase, current: JsonObject, power: number): Verdict {
  const { rules, event } = authCase
  for (const name of namedLevels) {
    const verdict = checkChange(authCase, name, current[name], event.content[name], power, power)
    if (!verdict.ok) return verdict
  }
  // `notifications`: v6 and later.
  const maps: LevelMap[] = rules.checkNotificationLevels ? ['events', 'notifications', 'users'] : ['events', 'users']
  for (const map of maps) {
    const verdict = checkMap(authCase, map, current[map], power)
    if (!verdict.ok) return verdict
  }
  return allowed()
}

function checkMap(authCase: AuthCase, map: LevelMap, current: JsonValue | undefined, power: number): Verdict {
  const { sender, content } = authCase.event
  const next = content[map]
  if (next !== undefined && !isJsonObject(next)) return bad(map)
  const before = isJsonObject(current) ? current : {}
  const after = next ?? {}
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    // `users`: another's level may only be changed if it is below the sender's own.
    const oldMax = map === 'users' && key !== sender ? power - 1 : power
    const old = Object.hasOwn(before, key) ? before[key] : undefined
    const verdict = checkChange(authCase, key, old, Object.hasOwn(after, key) ? after[key] : undefined, oldMax, power)
    if (!verdict.ok) return verdict
  }
  return allowed()
}

function checkChange(
  { rules }: AuthCase,
  what: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  oldMax: number,
  newMax: number,
): Verdict {
  const old = readLevel(rules, before)
  const next = readLevel(rules, after)
  // v1–9: what cannot be read cannot be weighed.
  if (after !== undefined && next === undefined) return bad(what)
  if (old === next) return allowed()
  if (old !== undefined && old > oldMax) return refuse('power-levels.too-high', `Changing ${what} needs more power`)
  if (next !== undefined && next > newMax) {
    return refuse('power-levels.too-high', `Nobody may raise ${what} above their own power level`)
  }
  return allowed()
}
