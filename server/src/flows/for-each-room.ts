/** One task for each of a user's rooms, a few at a time; a room that fails does not keep the others from it. */

import { type Logger, MatrixError } from '../base/index.ts'
import type { MemberRow, Rooms } from '../rooms/index.ts'

const sideBySideMax = 8

/** Runs `task` for the rooms in which the user has one of these memberships. */
export async function forEachRoom(
  { rooms, logger }: { readonly rooms: Rooms; readonly logger: Logger },
  user: number,
  memberships: readonly MemberRow['membership'][],
  task: (row: MemberRow) => Promise<void>,
): Promise<void> {
  const rows = [...(await rooms.listMemberships(user)).values()].filter((row) => memberships.includes(row.membership))
  const waiting = rows.values()
  async function work(): Promise<void> {
    for (const row of waiting) {
      try {
        await task(row)
      } catch (error) {
        if (!(error instanceof MatrixError)) throw error
        logger.info({ room: row.room, user, errcode: error.errcode }, 'a room refused a change of one of its members')
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(sideBySideMax, rows.length) }, work))
}
