/** What a server that was away is told first: of each room it is owed, our newest events. */

import { type ServerName, serverNameOf, type UserId } from '@parallax/protocol'
import type { StoredEvent } from '../../rooms/index.ts'
import { outboxLimits } from './limits.ts'
import type { OutboxDeps } from './outbox-deps.ts'
import { listOwed, type OwedRoom } from './outbox-table.ts'
import { tellerOf } from './owed.ts'
import type { Page, Waiting } from './waiting.ts'

/** The rooms of which something happened last, with their events in the order of the journal; undefined: none. */
export async function readPage(deps: OutboxDeps, server: ServerName, number: number): Promise<Page | undefined> {
  const rooms = await listOwed(deps.store.reader, number, outboxLimits.caughtUpRoomsMax)
  if (rooms.length === 0) return undefined
  const events: Waiting[] = []
  for (const owed of rooms) events.push(...(await listMissed(deps, server, owed)))
  return { rooms, events: events.sort((a, b) => a.position - b.position) }
}

/** What it may not see, having been out of the room meanwhile, is left out; not what put it out, or shut it out. */
async function listMissed(deps: OutboxDeps, server: ServerName, owed: OwedRoom): Promise<Waiting[]> {
  const { room, since, position } = owed
  const direction = 'backwards'
  const range = { after: since - 1, before: position + 1, direction, limit: outboxLimits.caughtUpMax } as const
  const events = await deps.rooms.listTimeline(room, range)
  const senders = (await deps.names.texts(events.map(({ sender }) => sender))) as UserId[]
  const servers = new Map(events.map((event, index) => [event, serverNameOf(senders[index]!)]))
  const isLast = ({ stream }: StoredEvent) => stream === position
  const own = events.filter((event) => isLast(event) || deps.domains.isLocal(servers.get(event)!))
  const isAllowed = await deps.audience.isAllowed(server, room)
  const visible = new Set(isAllowed ? await deps.rooms.filterVisibleToServer(room, server, own) : [])
  const mayEndStay = (event: StoredEvent) => isLast(event) && event.slot !== null
  const joined = await deps.rooms.listJoinedServers(room)
  return own
    .filter((event) => mayEndStay(event) || visible.has(event))
    .map((event) => {
      const origin = tellerOf(deps.domains, servers.get(event)!, joined)
      return { event: event.event, room, position: event.stream!, origin, atMs: deps.clock.nowMs() }
    })
}
