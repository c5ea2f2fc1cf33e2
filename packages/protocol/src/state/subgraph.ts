/** The conflicted state subgraph. Spec: rooms/v12#definitions. */

import { reachableFrom } from '../graph/reach.ts'
import type { EventGraph } from './event-graph.ts'

/** Numbers of the events on auth paths between conflicted events, those included. */
export function conflictedSubgraph(graph: EventGraph, conflicted: readonly number[]): Set<number> {
  const below = reachableFrom(conflicted, graph.authOf)
  const citing = new Map<number, number[]>()
  for (const index of below) {
    for (const cited of graph.authOf(index)) {
      const by = citing.get(cited)
      if (by) by.push(index)
      else citing.set(cited, [index])
    }
  }
  return reachableFrom(conflicted, (index) => citing.get(index) ?? [])
}
