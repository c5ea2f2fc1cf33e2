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
}

export type ViewCaller = Viewer
