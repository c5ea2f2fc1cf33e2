/** What the endpoints may call. Built in compose.ts; each component's type comes from its folder's index. */

import type { Flows } from '../flows/index.ts'
import type { Rooms, RoomViews } from '../rooms/index.ts'

export type Components = {
  readonly rooms: Rooms
  readonly roomViews: RoomViews
  readonly flows: Flows
}
