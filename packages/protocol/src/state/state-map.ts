/** A room's state as a map from (type, state key) to event ID. */

import type { EventId } from '../ids.ts'

/** Key made by `stateKeyOf`: type and state key joined by a character that a type never holds at that place. */
export type StateMapKey = string & { readonly stateMapKey: true }
export type StateMap = ReadonlyMap<StateMapKey, EventId>

/** The map key of (type, state key): the type's length, a colon, the type, the state key. Injective. */
export function stateKeyOf(type: string, stateKey: string): StateMapKey {
  return `${type.length}:${type}${stateKey}` as StateMapKey
}

/** Inverse of `stateKeyOf`. */
export function splitStateKey(key: StateMapKey): readonly [type: string, stateKey: string] {
  const colon = key.indexOf(':')
  const end = colon + 1 + Number(key.slice(0, colon))
  return [key.slice(colon + 1, end), key.slice(end)]
}
