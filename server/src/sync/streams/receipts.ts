/** The `m.receipt` of a room; private receipts only for their owner. Spec: client-server-api#receipts. */

import { ephemeralLimits, type ReceiptRow } from '../../rooms/index.ts'
import { roomChange } from '../changes.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { RoomVisit, SyncView } from '../view.ts'

type ReceiptDeps = Pick<SyncDeps, 'ephemeral' | 'names'>

/** JSON texts of the events, by room. */
export async function readReceipts(
  deps: ReceiptDeps,
  view: SyncView,
  visits: readonly RoomVisit[],
): Promise<ReadonlyMap<number, string[]>> {
  const byRoom = await listByRoom(deps, view, visits)
  const userIds = await userIdsOf(deps.names, [...byRoom.values()].flat())
  return new Map([...byRoom].map(([room, list]) => [room, receiptTexts(list, userIds)]))
}

/** JSON texts of one content for each room: of a user's receipts at one event the unthreaded, or the newest. */
export async function listReceiptContents(
  deps: ReceiptDeps,
  view: SyncView,
  visits: readonly RoomVisit[],
): Promise<ReadonlyMap<number, string>> {
  const byRoom = await listByRoom(deps, view, visits)
  const userIds = await userIdsOf(deps.names, [...byRoom.values()].flat())
  return new Map(
    [...byRoom].map(([room, list]) => {
      const content: ReceiptContent = {}
      for (const row of list.slice(-ephemeralLimits.receiptsListedMax)) addRow(content, row, userIds)
      return [room, JSON.stringify(content)]
    }),
  )
}

async function listByRoom(
  { ephemeral }: ReceiptDeps,
  view: SyncView,
  visits: readonly RoomVisit[],
): Promise<Map<number, ReceiptRow[]>> {
  const fresh = visits.filter((visit) => visit.isNew || view.isFullState)
  const known = visits.filter((visit) => !fresh.includes(visit) && (visit.kinds & roomChange.receipt) !== 0)
  const rows = [
    ...(fresh.length === 0 ? [] : await ephemeral.receipts.listAfter(roomsOf(fresh), 0)),
    ...(known.length === 0 ? [] : await ephemeral.receipts.listAfter(roomsOf(known), view.since ?? 0)),
  ].filter((row) => row.position <= view.upto && (row.type === 'm.read' || row.user === view.caller.user))
  const byRoom = new Map<number, ReceiptRow[]>()
  for (const row of rows) {
    const others = byRoom.get(row.room)
    if (others === undefined) byRoom.set(row.room, [row])
    else others.push(row)
  }
  return byRoom
}

async function userIdsOf(names: SyncDeps['names'], rows: readonly ReceiptRow[]): Promise<Map<number, string>> {
  const users = [...new Set(rows.map((row) => row.user))]
  const texts = await names.texts(users)
  return new Map(users.map((user, index) => [user, texts[index]!]))
}

function roomsOf(visits: readonly RoomVisit[]): number[] {
  return visits.map((visit) => visit.info.room)
}

type ReceiptContent = Record<string, Record<string, Record<string, { ts: number; thread_id?: string }>>>

/**
 * One event per thread, as the specification asks: in one content for all, a user's receipts of several threads at the
 * same event would hide each other.
 */
function receiptTexts(rows: readonly ReceiptRow[], userIds: ReadonlyMap<number, string>): string[] {
  const byThread = new Map<string, ReceiptContent>()
  for (const row of rows.slice(-ephemeralLimits.receiptsListedMax)) {
    const content = byThread.get(row.thread) ?? {}
    byThread.set(row.thread, content)
    addRow(content, row, userIds)
  }
  return [...byThread.values()].map((content) => `{"type":"m.receipt","content":${JSON.stringify(content)}}`)
}

function addRow(content: ReceiptContent, row: ReceiptRow, userIds: ReadonlyMap<number, string>): void {
  content[row.eventId] ??= {}
  const ofEvent = content[row.eventId]!
  ofEvent[row.type] ??= {}
  const ofType = ofEvent[row.type]!
  const userId = userIds.get(row.user)!
  // The unthreaded one says more: what else stands at the event must not hide it.
  if (ofType[userId] !== undefined && ofType[userId].thread_id === undefined) return
  ofType[userId] = { ts: row.ts, ...(row.thread === '' ? {} : { thread_id: row.thread }) }
}
