/**
 * Settings of a room that was replaced after its successor was made and joined: by hand, or by a user of another server
 * whose tombstone comes later than the joins. Spec: client-server-api#room-upgrades.
 */

import { type RoomId, serverNameOf, stateKeyOf, type UserId } from '@parallax/protocol'
import type { Journal, JournalRecord } from '../journal/index.ts'
import { carrySettings } from './carry-settings.ts'
import type { FlowDeps } from './flow-deps.ts'

/** Follows the journal from its start on. */
export function followTombstones(deps: FlowDeps, journal: Pick<Journal, 'follow'>): void {
  journal.follow('tombstones', async (records) => {
    for (const room of await findReplaced(deps, records)) await onReplaced(deps, room)
  })
}

async function findReplaced({ names }: FlowDeps, records: readonly JournalRecord[]): Promise<Set<number>> {
  const changed = records.flatMap(({ entry }) => (entry.kind === 'event' && entry.slot !== undefined ? [entry] : []))
  const [slot] = changed.length === 0 ? [] : await names.find([stateKeyOf('m.room.tombstone', '')])
  return new Set(changed.filter((entry) => entry.slot === slot).map(({ room }) => room))
}

/** The settings of all who are here and in both rooms. */
async function onReplaced(deps: FlowDeps, room: number): Promise<void> {
  const tombstone = await deps.rooms.findStateEvent(room, 'm.room.tombstone', '')
  const replacement = tombstone?.content.replacement_room
  const successor = typeof replacement === 'string' ? await deps.rooms.findRoom(replacement as RoomId) : undefined
  if (successor === undefined) return
  const before = await deps.rooms.listJoinedUsers(room)
  const users = [...(await deps.rooms.listJoinedUsers(successor.room))].filter((user) => before.has(user))
  const userIds = (await deps.names.texts(users)) as UserId[]
  for (const [index, user] of users.entries()) {
    if (deps.isLocal(serverNameOf(userIds[index]!))) await carrySettings(deps, user, successor)
  }
}
