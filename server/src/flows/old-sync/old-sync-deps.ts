/** What the old ways to follow rooms need. */

import type { Clock } from '../../base/index.ts'
import type { Journal } from '../../journal/index.ts'
import type { Rooms, RoomViews } from '../../rooms/index.ts'
import type { Names } from '../../store/index.ts'
import type { Sync } from '../../sync/index.ts'
import type { Users } from '../../users/index.ts'

export type OldSyncDeps = {
  readonly sync: Pick<Sync, 'next'>
  readonly rooms: Rooms
  readonly roomViews: Pick<RoomViews, 'event' | 'messages' | 'state'>
  readonly users: Pick<Users, 'listRoomAccountData'>
  readonly names: Names
  readonly journal: Pick<Journal, 'committed' | 'watch'>
  readonly clock: Clock
}
