/** What the drawing of an event may look at: the room as its sender would see it. */

import type { JsonObject, RoomEvent, RoomRules, SigningKey } from '../../packages/protocol/src/index.ts'
import type { Random } from './random.ts'

export type World = {
  readonly rules: RoomRules
  readonly random: Random
  readonly users: readonly string[]
  readonly sender: string
  /** Signs third-party invites. */
  readonly keys: readonly SigningKey[]
  /** The state before the event. */
  find(type: string, stateKey: string): RoomEvent | undefined
  /** State keys of that type in the state. */
  stateKeys(type: string): string[]
  /** Any earlier event. */
  anyEvent(): RoomEvent
}

/** An event before it has a place in the graph. */
export type Drawn = {
  readonly type: string
  readonly stateKey?: string | undefined
  readonly content: JsonObject
  readonly redacts?: string
}

/** The user's membership in the state. */
export function membershipIn(world: World, user: string): unknown {
  return world.find('m.room.member', user)?.content.membership
}

/** The server part of a user ID. */
export function serverOf(user: string): string {
  return user.slice(user.indexOf(':') + 1)
}
