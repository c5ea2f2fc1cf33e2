/**
 * Events from before those that are here, as other servers tell them when somebody reads back. They get places below
 * zero in the timeline; the room as it is now stays, and nobody is told.
 */

import { findFirstPlace } from '../event-table.ts'
import type { TurnDeps } from '../run-turn.ts'
import type { Arriving, Receipt } from './arriving.ts'
import { receiveAside } from './receive-aside.ts'

/** A receipt for each event, in order: the oldest first, each after those of the list that it follows. */
export function receiveHistory(deps: TurnDeps, room: number, arriving: readonly Arriving[]): Promise<Receipt[]> {
  return deps.queue.run(room, async () => {
    const first = Math.min((await findFirstPlace(deps.reader, room)) ?? 0, 0) - arriving.length
    const receipts: Receipt[] = []
    for (const [index, one] of arriving.entries()) receipts.push(await receiveAside(deps, room, one, first + index))
    return receipts
  })
}
