/** What the states agree on, and what not. Spec: rooms/v2#definitions. */

import type { EventId } from '../ids.ts'
import type { StateMap, StateMapKey } from './state-map.ts'

/** Several states, taken apart: by `separateStates`, or by whoever can tell states apart faster. */
export type SeparatedState = {
  /** Keys with the same event in all states; `values` is asked for only where no index gives the auth difference. */
  readonly unconflicted: { get(key: StateMapKey): EventId | undefined; values(): Iterable<EventId> }
  /** All other keys, each with its different events. */
  readonly conflicted: ReadonlyMap<StateMapKey, ReadonlySet<EventId>>
  /** The events under conflicted keys, state by state. */
  readonly forks: readonly (readonly EventId[])[]
}

/**
 * Takes the states apart. With `absence` `differs` (v2 and later) a key that some state lacks is in conflict; with
 * `agrees` (v1) only different events are.
 */
export function separateStates(
  states: readonly StateMap[],
  absence: 'differs' | 'agrees',
): SeparatedState & { readonly unconflicted: StateMap } {
  const unconflicted = new Map<StateMapKey, EventId>()
  const conflicted = new Map<StateMapKey, Set<EventId>>()
  for (const [nth, state] of states.entries()) {
    for (const [key, id] of state) {
      if (unconflicted.has(key) || conflicted.has(key)) continue
      // The states before the nth lack the key, or it would be known by now.
      const found = new Set<EventId>([id])
      let lacking = nth
      for (let index = nth + 1; index < states.length; index += 1) {
        const other = states[index]!.get(key)
        if (other === undefined) lacking += 1
        else if (other !== id) found.add(other)
      }
      if (found.size === 1 && (lacking === 0 || absence === 'agrees')) unconflicted.set(key, id)
      else conflicted.set(key, found)
    }
  }
  const keys = [...conflicted.keys()]
  const forks = states.map((state) => keys.map((key) => state.get(key)).filter((id) => id !== undefined))
  return { unconflicted, conflicted, forks }
}
