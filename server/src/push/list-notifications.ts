/** A page of what a user was notified of. Spec: client-server-api#get_matrixclientv3notifications. */

import type { StoredEvent } from '../rooms/index.ts'
import { filterShown, headerOf, isRead, parseToken, renderEvents, tokenOf } from '../rooms/index.ts'
import { notificationLimits } from './limits.ts'
import { listNotifications, type NotificationRow } from './notification-table.ts'
import type { NotificationsQuery, PushCaller, PushDeps } from './push.ts'

/** JSON text of the page, newest first. Throws MatrixError M_INVALID_PARAM. */
export async function showNotifications(
  deps: PushDeps,
  caller: PushCaller,
  { from, limit = notificationLimits.pageDefault, only }: NotificationsQuery,
): Promise<string> {
  const most = Math.min(Math.max(1, limit), notificationLimits.pageMax)
  const before = from === undefined || from === '' ? Number.MAX_SAFE_INTEGER : parseToken(from)
  const range = { before, isHighlightOnly: only === 'highlight', limit: most + 1 }
  const rows = await listNotifications(deps.store.reader, caller.user, range)
  const page = rows.slice(0, most)
  const texts = await renderVisible(deps, caller, page)
  const reads = await deps.ephemeral.receipts.listReads(caller.user)
  const shown = page.flatMap((row) => {
    const text = texts.get(row.event)
    if (text === undefined) return []
    const ofRoom = reads.get(row.room)
    const read = ofRoom !== undefined && isRead(ofRoom, row)
    const { actions, recordedMs } = row
    return `{"actions":${actions},"event":${text.event},"read":${read},"room_id":${text.roomId},"ts":${recordedMs}}`
  })
  const next = rows.length > most ? `"next_token":"${tokenOf(page.at(-1)!.event)}",` : ''
  return `{${next}"notifications":[${shown.join(',')}]}`
}

type Shown = { readonly event: string; readonly roomId: string }

/** JSON texts by number, of the events that the user may still see. */
async function renderVisible(
  deps: PushDeps,
  caller: PushCaller,
  rows: readonly NotificationRow[],
): Promise<ReadonlyMap<number, Shown>> {
  const { rooms, clock } = deps
  const events = await rooms.listEvents(rows.map(({ event }) => event))
  const byRoom = Map.groupBy(events, ({ room }) => room)
  const shown = new Map<number, Shown>()
  for (const [room, here] of byRoom) {
    const visible = await listVisible(deps, caller, room, here)
    const texts = await renderEvents(rooms, caller, visible, { nowMs: clock.nowMs(), withRoomId: false })
    const roomId = JSON.stringify((await deps.names.texts([room]))[0])
    for (const [index, { event }] of visible.entries()) shown.set(event, { event: texts[index]!, roomId })
  }
  return shown
}

/** History visibility decides; one's own invite is shown as long as it stands. */
async function listVisible(
  { rooms, users }: PushDeps,
  { user, userId }: PushCaller,
  room: number,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const member = await rooms.findMember(room, user)
  if (member?.membership === 'invite') {
    const ignored = await rooms.listIgnored(user)
    const rules = await users.findInviteRules(user)
    const isShown = (event: StoredEvent) =>
      !ignored.has(event.sender) && rules.judge(headerOf(event).sender) === 'allow'
    return events.filter((event) => event.event === member.event && isShown(event))
  }
  if (member === undefined || member.forgotten) return []
  return filterShown(rooms, { user, userId }, room, events)
}
