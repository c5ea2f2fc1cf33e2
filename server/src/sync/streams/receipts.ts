/** The `m.receipt` of a room; private receipts only for their owner. Spec: client-server-api#receipts. */

import { ephemeralLimits, type ReceiptRow } from '../../rooms/index.ts'
import { roomChange } from '../changes.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { RoomVisit, SyncView } from '../view.ts'

/** JSON texts of the events, by room. */
export async function readReceipts(
  { ephemeral, names }: Pick<SyncDeps, 'ephemeral' | 'names'>,
  view: SyncView,
  visits: readonly RoomVisit[],
): Promise<ReadonlyMap<number, string[]>> {
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
  const userIds = await userIdsOf(names, rows)
  return new Map([...byRoom].map(([room, list]) => [room, receiptTexts(list, userIds)]))
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
    content[row.eventId] ??= {}
    const ofEvent = content[row.eventId]!
    ofEvent[row.type] ??= {}
    const thread = row.thread === '' ? {} : { thread_id: row.thread }
    ofEvent[row.type]![userIds.get(row.user)!] = { ts: row.ts, ...thread }
  }
  return [...byThread.values()].map((content) => `{"type":"m.receipt","content":${JSON.stringify(content)}}`)
}
