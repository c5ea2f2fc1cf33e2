/**
 * Which servers are told that a user's devices changed: written down by a durable follower of the journal before it is
 * told, for who misses it encrypts for devices that are gone, or not for those that are new.
 * Spec: server-server-api#device-management.
 */

import { type JsonObject, type ServerName, serverNameOf, type UserId } from '@parallax/protocol'
import type { JournalEntry, JournalRecord, Position } from '../../journal/index.ts'
import { contentText } from '../../rooms/index.ts'
import type { OutboxDeps } from './outbox-deps.ts'
import { upsertOwedUser } from './outbox-table.ts'
import type { OutboxQueues } from './queues.ts'

export type ChangedDevicesDeps = OutboxDeps & { readonly queues: OutboxQueues }

/** Users whose devices a server is told of, and where in the journal that is said. */
type Owed = Map<ServerName, Map<number, Position>>

/** Handles records of the journal; resolves when what they say of devices is written down. */
export async function keepChangedDevices(deps: ChangedDevicesDeps, records: readonly JournalRecord[]): Promise<void> {
  const owed: Owed = new Map()
  const changed = new Map<number, Position>()
  for (const { entry, position } of records) {
    if (entry.kind === 'device-list') changed.set(entry.user, position)
    else if (entry.kind === 'membership' && entry.membership === 'join') await addJoined(deps, owed, entry, position)
  }
  for (const [user, position] of changed) {
    if (!(await isOwn(deps, user))) continue
    for (const server of await deps.audience.listSharing(user)) add(owed, server, user, position)
  }
  if (owed.size === 0) return
  const queues = await Promise.all([...owed.keys()].map(deps.queues.open))
  await deps.store.transact((tx) => {
    for (const { server, number } of queues) {
      for (const [user, position] of owed.get(server)!) upsertOwedUser(tx, number, { user, position })
    }
  })
  for (const queue of queues) queue.noteRows('users')
}

/** Servers that share a room with a user of ours only since it joined this one. */
async function addJoined(
  deps: ChangedDevicesDeps,
  owed: Owed,
  { room, user, event }: Extract<JournalEntry, { kind: 'membership' }>,
  position: Position,
): Promise<void> {
  const servers = await deps.audience.listServers(room)
  if (servers.length === 0 || !(await isOwn(deps, user)) || !(await isFirst(deps, event))) return
  const known = await deps.audience.listSharing(user, room)
  for (const server of servers) if (!known.has(server)) add(owed, server, user, position)
}

function add(owed: Owed, server: ServerName, user: number, position: Position): void {
  const users = owed.get(server) ?? new Map<number, Position>()
  owed.set(server, users.set(user, position))
}

async function isOwn({ names, domains }: OutboxDeps, user: number): Promise<boolean> {
  const [userId] = (await names.texts([user])) as [UserId]
  return domains.isLocal(serverNameOf(userId))
}

/** False for a join that changes another join, as one with a new name does. */
async function isFirst({ rooms }: OutboxDeps, number: number): Promise<boolean> {
  const [event] = await rooms.listEvents([number])
  const [before] = event?.replaces == null ? [] : await rooms.listEvents([event.replaces])
  return before === undefined || (JSON.parse(contentText(before)) as JsonObject).membership !== 'join'
}
