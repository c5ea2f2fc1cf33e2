/** Mainline ordering. Spec: rooms/v2#definitions (mainline ordering). */

import { compareCodePoints } from '../json/canonical.ts'
import type { EventGraph } from './event-graph.ts'

/** The events ordered by the mainline of the given power levels (undefined: the room has none), smallest first. */
export function mainlineOrder(graph: EventGraph, indexes: Iterable<number>, powerLevels: number | undefined): number[] {
  const positions = mainlinePositions(graph, powerLevels)
  const entries: { index: number; position: number; time: number; id: string }[] = []
  for (const index of indexes) {
    const event = graph.eventAt(index)
    if (event === undefined) continue
    const position = positionOf(graph, index, positions)
    entries.push({ index, position, time: event.originServerTs, id: event.eventId })
  }
  entries.sort((a, b) => {
    // Greater position first: based on an earlier part of the mainline.
    if (a.position !== b.position) return a.position > b.position ? -1 : 1
    return a.time - b.time || compareCodePoints(a.id, b.id)
  })
  return entries.map(({ index }) => index)
}

/** Position of each event of the mainline: 0 is the given one. */
function mainlinePositions(graph: EventGraph, powerLevels: number | undefined): Map<number, number> {
  const positions = new Map<number, number>()
  let index = powerLevels
  while (index !== undefined && !positions.has(index)) {
    positions.set(index, positions.size)
    index = graph.powerLevelsOf(index)
  }
  return positions
}

/** The event's mainline position; infinite where its power levels never meet the mainline. Remembers what it passes. */
function positionOf(graph: EventGraph, index: number, positions: Map<number, number>): number {
  const passed: number[] = []
  let next = graph.powerLevelsOf(index)
  while (next !== undefined && !positions.has(next)) {
    passed.push(next)
    // Stands until the walk ends, so that a cycle ends it too.
    positions.set(next, Number.POSITIVE_INFINITY)
    next = graph.powerLevelsOf(next)
  }
  const position = next === undefined ? Number.POSITIVE_INFINITY : positions.get(next)!
  for (const index of passed) positions.set(index, position)
  return position
}
