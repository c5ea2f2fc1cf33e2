/** Which servers an event is to be told to: those that were in its room then, and the one whose user it puts out. */

import {
  type JsonObject,
  type ServerName,
  type StateMapKey,
  serverNameOf,
  splitStateKey,
  type UserId,
} from '@parallax/protocol'
import type { Domains } from '../../config/index.ts'
import type { JournalEntry, JournalRecord } from '../../journal/index.ts'
import { contentText, type StoredEvent } from '../../rooms/index.ts'
import type { OutboxDeps } from './outbox-deps.ts'
import type { Waiting } from './waiting.ts'

/** An event with the servers that are to be told of it. */
export type Owed = Waiting & { readonly servers: readonly ServerName[] }

/** Who joined a room, by the room. */
export type Joins = ReadonlyMap<number, readonly { readonly position: number; readonly user: number }[]>

type EventRecord = {
  readonly position: number
  readonly entry: Extract<JournalEntry, { kind: 'event' }>
  readonly servers: readonly ServerName[]
}

/** Events of these records, in order, that somebody elsewhere is to be told; `joins`: those after them. */
export async function listOwedEvents(
  deps: OutboxDeps,
  records: readonly JournalRecord[],
  joins: Joins,
): Promise<Owed[]> {
  const candidates = new Map<number, EventRecord>()
  for (const { position, entry } of records) {
    if (entry.kind !== 'event' || entry.told === true) continue
    const servers = await deps.audience.listServers(entry.room)
    // With nobody elsewhere in the room only a user can be meant who is put out of it.
    if (servers.length > 0 || entry.slot !== undefined)
      candidates.set(entry.event ?? position, { position, entry, servers })
  }
  if (candidates.size === 0) return []
  const events = await deps.rooms.listEvents([...candidates.keys()])
  const senders = (await deps.names.texts(events.map(({ sender }) => sender))) as UserId[]
  const owed: Owed[] = []
  for (const [index, event] of events.entries()) {
    const record = candidates.get(event.event)!
    const origin = serverNameOf(senders[index]!)
    if (event.outcome !== 0 || !(record.entry.relay === true || deps.domains.isLocal(origin))) continue
    const there = await dropNewcomers(deps, record, joins.get(event.room) ?? [])
    const concerned = await addPutOut(deps, event, await addShutOut(deps, event, there))
    const servers = concerned.filter((server) => server !== origin)
    if (servers.length === 0) continue
    const teller = tellerOf(deps.domains, origin, await deps.rooms.listJoinedServers(event.room))
    const { event: number, room } = event
    owed.push({ position: record.position, event: number, room, origin: teller, atMs: deps.clock.nowMs(), servers })
  }
  return owed.sort((a, b) => a.position - b.position)
}

/** Who tells an event: the domain of its sender, or for one of others a domain of ours that is in the room. */
export function tellerOf(
  domains: Domains,
  server: ServerName,
  inRoom: { readonly has: (server: ServerName) => boolean },
): ServerName {
  return domains.isLocal(server) ? server : (domains.names.find((name) => inRoom.has(name)) ?? domains.first)
}

/** Events by the servers that are to be told of them, in the same order. */
export function groupByServer<E extends Owed>(owed: readonly E[]): Map<ServerName, E[]> {
  const byServer = new Map<ServerName, E[]>()
  for (const one of owed) {
    for (const server of one.servers) {
      const others = byServer.get(server)
      if (others === undefined) byServer.set(server, [one])
      else others.push(one)
    }
  }
  return byServer
}

/** Without servers whose first user came after the event: what was said before is not for them. */
async function dropNewcomers(
  { rooms, names }: OutboxDeps,
  { position, entry: { room }, servers }: EventRecord,
  joins: NonNullable<ReturnType<Joins['get']>>,
): Promise<readonly ServerName[]> {
  const later = new Set(joins.filter((join) => join.position > position).map(({ user }) => user))
  if (later.size === 0) return servers
  const fresh = new Map<ServerName, number>()
  for (const user of later) {
    const member = (await rooms.listMemberships(user)).get(room)
    const [event] = member?.membership === 'join' ? await rooms.listEvents([member.event]) : []
    const [before] = event?.replaces == null ? [] : await rooms.listEvents([event.replaces])
    if (event === undefined || (before !== undefined && readMembership(before) === 'join')) continue
    const [userId] = (await names.texts([user])) as [UserId]
    fresh.set(serverNameOf(userId), (fresh.get(serverNameOf(userId)) ?? 0) + 1)
  }
  const joined = await rooms.listJoinedServers(room)
  return servers.filter((server) => (joined.get(server) ?? 0) > (fresh.get(server) ?? 0))
}

/** Whoever is shut out is told that they are. */
async function addShutOut(
  { names, audience }: OutboxDeps,
  event: StoredEvent,
  servers: readonly ServerName[],
): Promise<readonly ServerName[]> {
  if (event.slot === null) return servers
  const [key] = (await names.texts([event.slot])) as [StateMapKey]
  const [type] = splitStateKey(key)
  return type === 'm.room.server_acl' ? audience.listAllServers(event.room) : servers
}

/** A server of which nobody was in the room, invited or knocking, is not concerned. */
async function addPutOut(
  { rooms, names, audience }: OutboxDeps,
  event: StoredEvent,
  servers: readonly ServerName[],
): Promise<readonly ServerName[]> {
  if (event.slot === null || event.replaces === null) return servers
  const [key] = (await names.texts([event.slot])) as [StateMapKey]
  const [type, userId] = splitStateKey(key)
  if (type !== 'm.room.member' || !userId.includes(':')) return servers
  const server = serverNameOf(userId as UserId)
  const membership = readMembership(event)
  if (servers.includes(server) || (membership !== 'leave' && membership !== 'ban')) return servers
  const [before] = await rooms.listEvents([event.replaces])
  if (before === undefined || !memberships.has(readMembership(before))) return servers
  return (await audience.isAllowed(server, event.room)) ? [...servers, server] : servers
}

const memberships: ReadonlySet<unknown> = new Set(['join', 'invite', 'knock'])

function readMembership(event: StoredEvent): unknown {
  return (JSON.parse(contentText(event)) as JsonObject).membership
}
