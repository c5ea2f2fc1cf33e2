/** Which events of a room another server may be sent whole: if any of its users may see them. */

import {
  type HistoryVisibility,
  isVisibleToServer,
  readHistoryVisibility,
  type ServerName,
  serverNameOf,
  stateKeyOf,
  type UserId,
  type ViewerMembership,
} from '@parallax/protocol'
import { listEvents } from './event-table.ts'
import { listUsersOfRoom } from './member-table.ts'
import type { Memory } from './memory.ts'
import type { StoredEvent } from './rooms.ts'
import { membershipOf, type VisibleDeps, visibilityOf } from './visible-events.ts'

type Deps = VisibleDeps & { readonly memory: Pick<Memory, 'listJoinedServers' | 'wasAlwaysShared'> }

/** Those of the events of one room that users of the server may see, in the same order. */
export async function filterVisibleToServer(
  deps: Deps,
  room: number,
  server: ServerName,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  if (events.length === 0) return []
  const [slot] = await deps.names.find([stateKeyOf('m.room.history_visibility', '')])
  const isJoined = (await deps.memory.listJoinedServers(room)).has(server)
  if (isJoined && (await deps.memory.wasAlwaysShared(room))) return [...events]
  const at = new Map<number, Promise<At>>()
  const members = { slots: undefined as Promise<number[]> | undefined }
  const find = (snapshot: number): Promise<At> => {
    const known = at.get(snapshot) ?? stateAt(deps, { room, server, slot, snapshot, members })
    at.set(snapshot, known)
    return known
  }
  const visible: StoredEvent[] = []
  for (const event of events) {
    const { visibility, memberships } = await find(event.snapshot)
    const own = event.slot === null ? undefined : await ownMembership(deps, server, event)
    const visibilityAfter = event.slot !== null && event.slot === slot ? visibilityOf(event) : undefined
    const all = own === undefined ? memberships : [...memberships, own]
    if (isVisibleToServer({ visibility, visibilityAfter, memberships: all, joinedLater: isJoined })) visible.push(event)
  }
  return visible
}

/** What an event says about the membership of one of the server's users. */
async function ownMembership(
  { names }: Deps,
  server: ServerName,
  event: StoredEvent,
): Promise<ViewerMembership | undefined> {
  const [key] = (await names.texts([event.slot!])) as [string]
  const prefix = stateKeyOf('m.room.member', '')
  if (!key.startsWith(prefix)) return undefined
  return serverNameOf(key.slice(prefix.length) as UserId) === server ? membershipOf(event) : undefined
}

type At = { readonly visibility: HistoryVisibility; readonly memberships: readonly ViewerMembership[] }

type Asked = {
  readonly room: number
  readonly server: ServerName
  readonly slot: number | undefined
  readonly snapshot: number
  readonly members: { slots: Promise<number[]> | undefined }
}

/** Memberships are looked at only where they count. */
async function stateAt(deps: Deps, { room, server, slot, snapshot, members }: Asked): Promise<At> {
  if (snapshot === 0) return { visibility: 'shared', memberships: [] }
  const root = await deps.trees.requireRoot(snapshot)
  const [number] = slot === undefined ? [] : await deps.trees.find(root, [slot])
  const [event] = number === undefined ? [] : await listEvents(deps.reader, [number])
  const visibility = event === undefined ? readHistoryVisibility(undefined) : visibilityOf(event)
  if (visibility === 'world_readable') return { visibility, memberships: [] }
  members.slots ??= listMemberSlots(deps, room, server)
  const numbers = (await deps.trees.find(root, await members.slots)).filter((found) => found !== undefined)
  return { visibility, memberships: (await listEvents(deps.reader, numbers)).map(membershipOf) }
}

/** The slots of the server's users who ever were in the room. */
async function listMemberSlots(deps: Deps, room: number, server: ServerName): Promise<number[]> {
  const users = (await deps.names.texts(await listUsersOfRoom(deps.reader, room))) as UserId[]
  const ofServer = users.filter((user) => serverNameOf(user) === server)
  const slots = await deps.names.find(ofServer.map((user) => stateKeyOf('m.room.member', user)))
  return slots.filter((slot) => slot !== undefined)
}
