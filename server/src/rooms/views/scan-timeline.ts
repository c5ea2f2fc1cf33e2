/** Walks along a timeline until enough events are found that a viewer may see and a filter lets through; bounded. */

import type { Position } from '../../journal/index.ts'
import type { RoomReads, StoredEvent, TimelineRange } from '../rooms.ts'
import { filterShown } from './shown.ts'
import type { ViewCaller } from './view.ts'

/** Events that are looked at for one page where a filter or the history visibility hides most of them. */
const SCAN_MAX = 5000
/** Events read at once where some may be left out. */
const BATCH_MIN = 50
const BATCH_MAX = 1000

export type Scan = TimelineRange & {
  /** Undefined: all pass. */
  readonly passes: ((event: StoredEvent) => boolean) | undefined
}

/** The events in the order of the walk; `end`: the position to go on from, undefined where nothing is left. */
export type Scanned = { readonly events: StoredEvent[]; readonly end: Position | undefined }

/** Finds up to `limit` events, which must be above 0. */
export async function scanTimeline(
  rooms: Pick<RoomReads, 'listTimeline' | 'filterVisible' | 'listIgnored'>,
  viewer: ViewCaller,
  room: number,
  scan: Scan,
): Promise<Scanned> {
  const { direction, limit, passes } = scan
  const isBackwards = direction === 'backwards'
  const size = Math.min(BATCH_MAX, passes === undefined ? limit : Math.max(limit, BATCH_MIN))
  const placeAt = (event: StoredEvent): Position => (isBackwards ? event.stream! - 1 : event.stream!)
  const events: StoredEvent[] = []
  let range: { after?: Position; before?: Position } = rangeOf(scan)
  let last: StoredEvent | undefined
  for (let scanned = 0; scanned < SCAN_MAX; scanned += size) {
    const batch = await rooms.listTimeline(room, { ...range, direction, limit: size })
    for (const event of await filterShown(rooms, viewer, room, batch)) {
      if (passes !== undefined && !passes(event)) continue
      events.push(event)
      if (events.length === limit) return { events, end: placeAt(event) }
    }
    last = batch.at(-1)
    if (batch.length < size || last === undefined) return { events, end: undefined }
    range = isBackwards ? { ...range, before: last.stream! } : { ...range, after: last.stream! }
  }
  return { events, end: last && placeAt(last) }
}

function rangeOf({ after, before }: TimelineRange): { after?: Position; before?: Position } {
  return { ...(after === undefined ? {} : { after }), ...(before === undefined ? {} : { before }) }
}
