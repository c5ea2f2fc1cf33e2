/** What admins do about accounts, and what users tell them. */

import { createLocks } from './locks.ts'
import type { Moderation, ModerationDeps } from './moderation.ts'
import { createNoticeRooms } from './notice-rooms.ts'
import { createReports } from './reports.ts'

export type * from './moderation.ts'

/** The component; nothing is read before it is asked for. */
export function createModeration(deps: ModerationDeps): Moderation {
  return { ...createLocks(deps), ...createReports(deps), ...createNoticeRooms(deps) }
}
