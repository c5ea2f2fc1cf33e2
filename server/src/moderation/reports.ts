/** What users report, kept for the admins. Spec: client-server-api#reporting-content. */

import { type EventId, type RoomId, serverNameOf, type UserId } from '@parallax/protocol'
import { createKeyedQueue, MatrixError } from '../base/index.ts'
import { moderationLimits } from './limits.ts'
import type { ModerationDeps, Moderator, Reports } from './moderation.ts'
import {
  findLastReport,
  insertReport,
  listReports,
  type ReportRow,
  removeOldReportsOf,
  removeReportsUpTo,
} from './report-table.ts'

type Reported = Pick<ReportRow, 'user' | 'room' | 'eventId'>

export function createReports(deps: ModerationDeps): Reports {
  const { store, clock } = deps
  const turns = createKeyedQueue<'reports'>()

  async function keep({ user: reporter }: Moderator, reported: Reported, reason = ''): Promise<void> {
    const { reasonCharsMax, reportsPerUserMax, reportsMax } = moderationLimits
    if (reason.length > reasonCharsMax) {
      throw new MatrixError('M_TOO_LARGE', `A reason has at most ${reasonCharsMax} characters.`)
    }
    await turns.run('reports', async () => {
      const report = (await findLastReport(store.reader)) + 1
      await store.transact((tx) => {
        insertReport(tx, { ...reported, report, reporter, reason: storable(reason), createdMs: clock.nowMs() })
        removeOldReportsOf(tx, reporter, reportsPerUserMax)
        removeReportsUpTo(tx, report - reportsMax)
      })
    })
  }

  return {
    async reportRoom(caller, roomId, reason) {
      const info = await deps.rooms.findRoom(roomId)
      if (info === undefined) throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server.')
      await keep(caller, { user: null, room: info.room, eventId: null }, reason)
    },
    async reportEvent(caller, roomId, eventId, reason) {
      const room = await requireSeen(deps, caller, roomId, eventId)
      await keep(caller, { user: null, room, eventId }, reason)
    },
    async reportUser(caller, userId, reason) {
      await keep(caller, { user: await requireUser(deps, userId), room: null, eventId: null }, reason)
    },
    async listReports(below, limit = moderationLimits.reportsPageMax) {
      const most = Math.min(limit, moderationLimits.reportsPageMax)
      const rows = await listReports(store.reader, below ?? Number.MAX_SAFE_INTEGER, most)
      const reports = await Promise.all(rows.map((row) => showReport(deps, row)))
      const last = rows.at(-1)
      return { reports, ...(last !== undefined && rows.length === most ? { next_below: last.report } : {}) }
    },
  }
}

/** Not every store can hold U+0000 in a text. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD')
}

/** The number of a room that the caller is in, with an event that they may see. */
async function requireSeen(deps: ModerationDeps, caller: Moderator, roomId: RoomId, eventId: EventId): Promise<number> {
  const { rooms } = deps
  const info = await rooms.findRoom(roomId)
  const member = info && (await rooms.findMember(info.room, caller.user))
  const event = member?.membership === 'join' ? await rooms.findEvent(eventId) : undefined
  const isHere = event?.room === info?.room && event?.outcome === 0
  const [seen] = event !== undefined && isHere ? await rooms.filterVisible(event.room, caller.userId, [event]) : []
  if (seen === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no such event in a room that you are in.')
  return seen.room
}

/** The number of a user who has an account here, or whom a room here has seen. */
async function requireUser({ users, names, isLocal }: ModerationDeps, userId: UserId): Promise<number> {
  const isOurs = isLocal(serverNameOf(userId))
  const account = isOurs ? await users.findAccount(userId) : undefined
  const [user] = isOurs ? [account?.user] : await names.find([userId])
  if (user === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no such user here.')
  return user
}

async function showReport({ names }: ModerationDeps, row: ReportRow): Promise<object> {
  const nameOf = async (name: number | null) => (name === null ? undefined : (await names.texts([name]))[0])
  return {
    report: row.report,
    reporter: await nameOf(row.reporter),
    user_id: await nameOf(row.user),
    room_id: await nameOf(row.room),
    event_id: row.eventId ?? undefined,
    reason: row.reason,
    created_ts: row.createdMs,
  }
}
