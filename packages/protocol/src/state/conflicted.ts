/** What the states agree on, and what not. Spec: rooms/v2#definitions. */

import type { EventId } from '../ids.ts'
import type { StateMap, StateMapKey } from './state-map.ts'

/** Several states, taken apart. */
export type SeparatedState = {
  /** Keys with the same event in all states. */
  readonly unconflicted: StateMap
  /** All other keys, each with its different events. */
  readonly conflicted: ReadonlyMap<StateMapKey, ReadonlySet<EventId>>
}

/**
 * Takes the states apart. With `absence` `differs` (v2 and later) a key that some state lacks is in conflict; with
 * `agrees` (v1) only different events are.
 */
export function separateStates(forks: readonly StateMap[], absence: 'differs' | 'agrees'): SeparatedState {
  const unconflicted = new Map<StateMapKey, EventId>()
  const conflicted = new Map<StateMapKey, Set<EventId>>()
  for (const [nth, fork] of forks.entries()) {
    for (const [key, id] of fork) {
      if (unconflicted.has(key) || conflicted.has(key)) continue
      // The forks before the nth lack the key, or it would be known by now.
      const found = new Set<EventId>([id])
      let lacking = nth
      for (let index = nth + 1; index < forks.length; index += 1) {
        const other = forks[index]!.get(key)
        if (other === undefined) lacking += 1
        else if (other !== id) found.add(other)
      }
      if (found.size === 1 && (lacking === 0 || absence === 'agrees')) unconflicted.set(key, id)
      else conflicted.set(key, found)
    }
  }
  return { unconflicted, conflicted }
}
