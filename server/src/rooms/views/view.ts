/** What the views of rooms need, and who looks. */

import type { Clock } from '../../base/index.ts'
import type { Journal } from '../../journal/index.ts'
import type { Names } from '../../store/index.ts'
import type { RoomReads } from '../rooms.ts'
import type { Viewer } from './render-events.ts'

export type ViewDeps = {
  readonly rooms: RoomReads
  readonly names: Names
  readonly journal: Pick<Journal, 'committed'>
  readonly clock: Clock
  /**
   * Asks other servers for what came before the oldest events that are here: `filled` if some came, `slow` if they may
   * yet come, `none` if there are none or nobody tells them.
   */
  readonly fillHistory?: (room: number) => Promise<'filled' | 'slow' | 'none'>
}

export type ViewCaller = Viewer
