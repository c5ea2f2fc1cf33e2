/** Random changes of power levels: sensible ones, cheeky ones and malformed ones. */

import { isJsonObject, type JsonObject, type JsonValue } from '../../packages/protocol/src/index.ts'
import type { Drawn, World } from './world.ts'

const named = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite']
const eventTypes = [
  'm.room.name',
  'm.room.topic',
  'm.room.power_levels',
  'm.room.message',
  'm.room.redaction',
  'x.state',
]
const levels = [0, 0, 1, 10, 25, 49, 50, 50, 51, 75, 99, 100, 100, 101, -1]
const malformed: readonly JsonValue[] = ['', 'x', '5x', '1 0', null, [], {}, '1.5', '0x10', '--1']

/** A power-levels event: the current one with a few entries changed, or a fresh one. */
export function drawPowerLevels(world: World): Drawn {
  const { random } = world
  const current = world.find('m.room.power_levels', '')?.content
  const content: JsonObject = current ? structuredClone(current) : firstLevels(world)
  const changes = current ? 1 + random.below(3) : random.below(3)
  for (let change = 0; change < changes; change += 1) changeOne(world, content, current !== undefined)
  return { type: 'm.room.power_levels', stateKey: '', content }
}

function firstLevels(world: World): JsonObject {
  const { random, rules, sender } = world
  const users: JsonObject = rules.privilegedCreators ? {} : { [sender]: 100 }
  for (const user of random.some(world.users, 0.3)) if (user !== sender) users[user] = drawLevel(world)
  const content: JsonObject = { users, events: {} }
  for (const name of random.some(named, 0.3)) content[name] = drawLevel(world)
  return content
}

function changeOne(world: World, content: JsonObject, mayBreak: boolean): void {
  const { random } = world
  // Without earlier levels malformed ones would stand, and Synapse would raise at every later look at them.
  const level = mayBreak && random.chance(0.04) ? random.pick(malformed) : drawLevel(world)
  const kind = random.below(10)
  if (kind < 3) change(world, content, random.pick(named), level)
  else if (kind < 5) change(world, mapOf(content, 'events'), random.pick(eventTypes), level)
  else if (kind < 6) change(world, mapOf(content, 'notifications'), random.pick(['room', 'x']), level)
  else if (mayBreak && random.chance(0.02)) content[random.pick(['users', 'events'])] = random.pick(['x', 1])
  else if (random.chance(0.02)) change(world, mapOf(content, 'users'), random.pick(['nobody', '@nowhere', '']), level)
  else change(world, mapOf(content, 'users'), random.pick(world.users), level)
}

function change(world: World, entries: JsonObject, key: string, level: JsonValue): void {
  if (world.random.chance(0.15)) delete entries[key]
  else entries[key] = level
}

function mapOf(content: JsonObject, name: string): JsonObject {
  const map = content[name]
  if (isJsonObject(map)) return map
  const fresh: JsonObject = {}
  content[name] = fresh
  return fresh
}

function drawLevel({ random, rules }: World): JsonValue {
  const level = random.pick(levels)
  if (rules.integerPowerLevels) return random.chance(0.01) ? String(level) : level
  if (random.chance(0.1))
    return random.pick([`${level}`, ` ${level} `, level < 0 ? `${level}` : `+${level}`, `${level}\n`])
  if (!rules.strictCanonicalJson && random.chance(0.1)) return level + (level < 0 ? -0.5 : 0.5)
  return level
}
