/** What the user stored: for the account and for rooms. Spec: client-server-api#client-config. */

import type { AccountDataRow } from '../../users/index.ts'
import type { PartFilter } from '../filter.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { SyncView } from '../view.ts'

/** JSON texts of the events; an initial sync has all. */
export async function readAccountData({ users }: Pick<SyncDeps, 'users'>, view: SyncView): Promise<string[]> {
  const { changes, caller, since = 0, upto } = view
  if (changes !== undefined && !changes.hasAccountData) return []
  return textsOf(await users.listAccountData(caller.user, since, upto), view.filter.accountData)
}

/** JSON texts of the events by room: what changed since, and for rooms that are new to the client everything. */
export async function readRoomAccountData(
  { users }: Pick<SyncDeps, 'users'>,
  view: SyncView,
  hasNewRooms: boolean,
): Promise<{ changed: ReadonlyMap<number, string[]>; all: ReadonlyMap<number, string[]> }> {
  const { changes, caller, since = 0, upto } = view
  const none = new Map<number, string[]>()
  const isAll = since === 0 || view.isFullState || hasNewRooms
  if (!isAll && changes !== undefined && !changes.hasAccountData) return { changed: none, all: none }
  const changed = since === 0 ? new Map() : await users.listRoomAccountData(caller.user, since, upto)
  const all = isAll ? await users.listRoomAccountData(caller.user, 0, upto) : new Map()
  const render = (rows: ReadonlyMap<number, AccountDataRow[]>) =>
    new Map([...rows].map(([room, list]) => [room, textsOf(list, view.filter.roomAccountData)]))
  return { changed: render(changed), all: render(all) }
}

function textsOf(rows: readonly AccountDataRow[], { passesType }: PartFilter): string[] {
  const shown = passesType === undefined ? rows : rows.filter((row) => passesType(row.type, undefined))
  return shown.map((row) => `{"type":${JSON.stringify(row.type)},"content":${row.content}}`)
}
