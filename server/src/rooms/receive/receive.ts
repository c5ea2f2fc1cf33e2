/** Receiving of other servers' events of one room, in the room's turn. */

import type { TurnDeps } from '../run-turn.ts'
import type { Arriving, Receipt } from './arriving.ts'
import { receiveAside } from './receive-aside.ts'
import { receiveOnHead } from './receive-on-head.ts'

/** Events that are judged together at most. */
const BATCH_MAX = 100

/**
 * A receipt for each event, in order; each is judged after those before it. An event that another of the list follows
 * must stand before it. Events of other rooms than this one are the caller's mistake.
 */
export function receiveEvents(deps: TurnDeps, room: number, arriving: readonly Arriving[]): Promise<Receipt[]> {
  return deps.queue.run(room, async () => {
    const receipts: Receipt[] = []
    while (receipts.length < arriving.length) {
      const from = receipts.length
      const taken = await receiveOnHead(deps, room, arriving.slice(from, from + BATCH_MAX))
      receipts.push(...taken)
      if (taken.length === 0) receipts.push(await receiveAside(deps, room, arriving[from]!))
    }
    return receipts
  })
}
