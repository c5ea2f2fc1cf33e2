/** The `m.typing` of a room. Spec: client-server-api#typing-notifications. */

import { roomChange } from '../changes.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { RoomVisit, SyncView } from '../view.ts'

/** JSON text of the event if it changed since; ignored users are left out. */
export async function readTyping(
  { ephemeral, names }: Pick<SyncDeps, 'ephemeral' | 'names'>,
  view: SyncView,
  visit: RoomVisit,
): Promise<string | undefined> {
  const typing = ephemeral.typing.find(visit.info.room)
  if (typing === undefined) return undefined
  const isFresh = visit.isNew || view.isFullState
  if (isFresh ? typing.users.length === 0 : (visit.kinds & roomChange.typing) === 0) return undefined
  const users = await names.texts(typing.users)
  const shown = users.filter((user) => !view.ignored.has(user))
  return `{"type":"m.typing","content":{"user_ids":${JSON.stringify(shown)}}}`
}
