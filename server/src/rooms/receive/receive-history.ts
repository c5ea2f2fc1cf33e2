/**
 * Events from before those that are here, as other servers tell them when somebody reads back. They get places in the
 * timeline that were left free where a gap began, or below zero; the room as it is now stays, and nobody is told.
 */

import { findFirstPlace, findPlaceBelow } from '../event-table.ts'
import type { TurnDeps } from '../run-turn.ts'
import type { Arriving, Receipt } from './arriving.ts'
import { receiveAside } from './receive-aside.ts'

/** A receipt for each event, in order: the oldest first, each after those of the list that it follows. */
export function receiveHistory(
  deps: TurnDeps,
  room: number,
  before: number,
  arriving: readonly Arriving[],
): Promise<Receipt[]> {
  return deps.queue.run(room, async () => {
    const first = await findPlaces(deps, room, before, arriving.length)
    const receipts: Receipt[] = []
    for (const [index, one] of arriving.entries()) {
      receipts.push(await receiveAside(deps, room, one, { place: first + index }))
    }
    return receipts
  })
}

/** The first of so many free places below one; where too few are left, before everything. */
async function findPlaces({ reader }: TurnDeps, room: number, before: number, count: number): Promise<number> {
  const below = await findPlaceBelow(reader, room, before)
  const isFree = below !== undefined && before - below > count
  if (isFree) return before - count
  return Math.min((await findFirstPlace(reader, room)) ?? 0, 0) - count
}
