/**
 * The auth difference of several states. Spec: rooms/v2#definitions.
 * NOTE: a state's own events count as part of its chain. The text leaves them out, which differs only for unconflicted
 * events that one state's other events cite; all servers in use count them, and rooms split where servers differ.
 */

import { walkGraph } from '../graph/reach.ts'
import type { EventGraph } from './event-graph.ts'

/**
 * Numbers of the events that are in some chains but not in all. `common` are the events that all states share,
 * `forks` the other events of each state.
 */
export function authDifference(
  graph: EventGraph,
  common: Iterable<number>,
  forks: readonly (readonly number[])[],
): number[] {
  const inAll: boolean[] = []
  walkGraph(common, graph.authOf, (index) => {
    if (inAll[index]) return false
    inAll[index] = true
    return true
  })
  const counts: number[] = []
  const lastFork: number[] = []
  const met: number[] = []
  for (const [fork, starts] of forks.entries()) {
    walkGraph(starts, graph.authOf, (index) => {
      if (inAll[index] || lastFork[index] === fork) return false
      lastFork[index] = fork
      if (counts[index] === undefined) met.push(index)
      counts[index] = (counts[index] ?? 0) + 1
      return true
    })
  }
  return met.filter((index) => counts[index]! < forks.length)
}
