/** What the views of rooms need, and who looks. */

import type { EventId } from '@parallax/protocol'
import type { Clock } from '../../base/index.ts'
import type { Journal, Position } from '../../journal/index.ts'
import type { Names } from '../../store/index.ts'
import type { RoomReads } from '../rooms.ts'
import type { Viewer } from './render-events.ts'

export type ViewDeps = {
  readonly rooms: RoomReads
  readonly names: Names
  readonly journal: Pick<Journal, 'committed'>
  readonly clock: Clock
  /**
   * Asks other servers for what is missing before the event at a place of the timeline: `filled` if some came, `slow`
   * if they may yet come, `none` if nobody tells them.
   */
  readonly fillHistory?: (room: number, before: Position) => Promise<'filled' | 'slow' | 'none'>
  /** The event nearest to a time as other servers say: it need not be here, nor be at all. */
  readonly askByTime?: (room: number, query: TimeQuery) => Promise<AtTime | undefined>
}

export type TimeQuery = { readonly ts: number; readonly direction: 'b' | 'f' }
export type AtTime = { readonly eventId: EventId; readonly ts: number }

export type ViewCaller = Viewer
