/** Typing, receipts and presence of our users, told to the servers that share rooms with them. */

import { buildEdu, type Edu, type RoomId, type ServerName, serverNameOf, type UserId } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import type { JournalEntry, Position } from '../../journal/index.ts'
import type { DestinationQueue } from './destination-queue.ts'
import { outboxLimits } from './limits.ts'
import type { OutboxDeps } from './outbox-deps.ts'

export interface Passing {
  /** Called for each record; tells in order, later. */
  note(entry: JournalEntry, position: Position): void
  close(): Promise<void>
}

type Open = (server: ServerName) => Promise<DestinationQueue>
type Told = {
  readonly name: string
  /** Of ours; it is about that one. */
  readonly userId: UserId
  readonly edu: Edu
  readonly servers: Iterable<ServerName>
}

export function createPassing(deps: OutboxDeps, openQueue: Open): Passing {
  const typing = new Lru<number, ReadonlySet<number>>(outboxLimits.typingRoomsMax)
  let last: Promise<void> = Promise.resolve()

  async function tell({ name, userId, edu, servers }: Told): Promise<void> {
    const told = { origin: serverNameOf(userId), edu: buildEdu(edu) }
    for (const server of servers) (await openQueue(server)).addEdu(name, told)
  }

  async function tellAll(entry: JournalEntry, position: Position): Promise<void> {
    if (entry.kind === 'typing') for (const one of await listTyping(deps, typing, entry.room)) await tell(one)
    else if (entry.kind === 'receipt' && !entry.isPrivate) {
      for (const one of await listReceipts(deps, entry.room, entry.user, position)) await tell(one)
    } else if (entry.kind === 'presence') for (const one of await listPresence(deps, entry.user)) await tell(one)
  }

  return {
    note(entry, position) {
      if (!kinds.has(entry.kind)) return
      last = last
        .then(() => tellAll(entry, position))
        .catch((error: unknown) => deps.logger.warn({ err: error }, 'other servers were not told what passes'))
    },
    close: () => last,
  }
}

const kinds: ReadonlySet<string> = new Set(['typing', 'receipt', 'presence'])

/** Undefined: a user of another server. */
async function findOwn({ names, domains }: OutboxDeps, user: number): Promise<UserId | undefined> {
  const [userId] = (await names.texts([user])) as [UserId]
  return domains.isLocal(serverNameOf(userId)) ? userId : undefined
}

async function listTyping(deps: OutboxDeps, told: Lru<number, ReadonlySet<number>>, room: number): Promise<Told[]> {
  const servers = await deps.audience.listServers(room)
  const info = servers.length > 0 ? await deps.rooms.findRoomByNumber(room) : undefined
  if (info === undefined) return []
  const before = told.get(room) ?? new Set<number>()
  const now = new Set(deps.ephemeral.typing.find(room)?.users ?? [])
  told.set(room, now)
  const changed = [...new Set([...before, ...now])].filter((user) => before.has(user) !== now.has(user))
  const list: Told[] = []
  for (const user of changed) {
    const userId = await findOwn(deps, user)
    if (userId === undefined) continue
    const edu: Edu = { kind: 'typing', roomId: info.roomId, userId, isTyping: now.has(user) }
    list.push({ name: `typing ${room} ${user}`, userId, edu, servers })
  }
  return list
}

async function listReceipts(deps: OutboxDeps, room: number, user: number, position: Position): Promise<Told[]> {
  const servers = await deps.audience.listServers(room)
  const userId = servers.length > 0 ? await findOwn(deps, user) : undefined
  if (userId === undefined) return []
  const [roomId] = (await deps.names.texts([room])) as [RoomId]
  const rows = await deps.ephemeral.receipts.listAfter([room], position - 1)
  const own = rows.filter((row) => row.user === user && row.type === 'm.read' && row.position === position)
  return own.map(({ thread, eventId, ts }) => {
    const threadId = thread === '' ? undefined : thread
    const edu: Edu = { kind: 'receipt', receipts: [{ roomId, userId, eventId, ts, threadId }] }
    return { name: `receipt ${room} ${user} ${thread}`, userId, edu, servers }
  })
}

async function listPresence(deps: OutboxDeps, user: number): Promise<Told[]> {
  const userId = await findOwn(deps, user)
  const told = deps.presence.findTold(user)
  if (userId === undefined || told === undefined) return []
  const { state, statusMessage, lastActiveMs, isCurrentlyActive } = told
  const lastActiveAgoMs = Math.max(0, deps.clock.nowMs() - (lastActiveMs ?? 0))
  const update = { userId, presence: state, statusMessage, lastActiveAgoMs, isCurrentlyActive }
  const edu: Edu = { kind: 'presence', updates: [update] }
  return [{ name: `presence ${user}`, userId, edu, servers: await deps.audience.listSharing(user) }]
}
