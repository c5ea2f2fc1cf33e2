/** The `m.typing` of a room. Spec: client-server-api#typing-notifications. */

import type { UserId } from '@parallax/protocol'
import { roomChange } from '../changes.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { RoomVisit, SyncView } from '../view.ts'

/** JSON text of the event if it changed since; ignored users are left out, and whom the viewer's lens hides. */
export async function readTyping(
  { ephemeral, names, rooms }: Pick<SyncDeps, 'ephemeral' | 'names' | 'rooms'>,
  view: SyncView,
  visit: RoomVisit,
): Promise<string | undefined> {
  const typing = ephemeral.typing.find(visit.info.room)
  if (typing === undefined) return undefined
  const isFresh = visit.isNew || view.isFullState
  if (isFresh ? typing.users.length === 0 : (visit.kinds & roomChange.typing) === 0) return undefined
  const users = await names.texts(typing.users)
  const shown = users.filter((user) => !view.ignored.has(user))
  if (await rooms.hasLens(view.caller.user)) {
    for (const user of [...shown]) {
      if (await rooms.isQuiet(view.caller.user, user as UserId)) shown.splice(shown.indexOf(user), 1)
    }
  }
  return `{"type":"m.typing","content":{"user_ids":${JSON.stringify(shown)}}}`
}
