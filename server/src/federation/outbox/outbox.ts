/**
 * Delivers to other servers what happens here: a durable follower of the journal for events, a watcher for what passes.
 * What is owed to whom is stored before the cursor moves; a crash costs at most that something is sent twice.
 */

import {
  type JsonObject,
  type ServerName,
  type StateMapKey,
  serverNameOf,
  splitStateKey,
  type UserId,
} from '@parallax/protocol'
import type { JournalEntry, JournalRecord } from '../../journal/index.ts'
import { contentText, type StoredEvent } from '../../rooms/index.ts'
import { createDestinationQueue, type DestinationQueue, tellerOf, type Waiting } from './destination-queue.ts'
import type { OutboxDeps } from './outbox-deps.ts'
import { listOwedServers, upsertOwed } from './outbox-table.ts'
import { createPassing } from './passing.ts'

export interface Outbox {
  /** Takes up what was owed at the last stop. */
  resume(): void
  close(): Promise<void>
}

/** Follows the journal; with federation off it does nothing. */
export function createOutbox(deps: OutboxDeps): Outbox {
  if (!deps.remote.isEnabled) return { resume: () => {}, close: async () => {} }
  const queues = new Map<ServerName, DestinationQueue>()
  const numbers = new Map<ServerName, number>()
  let lastTransaction = deps.clock.nowMs() * 1000
  const nextTransactionId = (): string => String(++lastTransaction)

  async function numberOf(server: ServerName): Promise<number> {
    const known = numbers.get(server)
    if (known !== undefined) return known
    const [number] = (await deps.names.intern([server])) as [number]
    numbers.set(server, number)
    return number
  }

  function open(server: ServerName, number: number): DestinationQueue {
    numbers.set(server, number)
    const known = queues.get(server)
    if (known !== undefined) return known
    const queue = createDestinationQueue({ ...deps, nextTransactionId }, server, number)
    queues.set(server, queue)
    return queue
  }

  async function handle(records: readonly JournalRecord[]): Promise<void> {
    const owed = await listOwedOf(deps, records)
    if (owed.size === 0) return
    const servers = [...owed.keys()]
    const ids = new Map<ServerName, number>()
    for (const server of servers) ids.set(server, await numberOf(server))
    await deps.store.transact((tx) => {
      for (const [server, events] of owed) {
        const newest = new Map(events.map(({ room, position }) => [room, position]))
        for (const [room, position] of newest) upsertOwed(tx, ids.get(server)!, { room, position })
      }
    })
    for (const [server, events] of owed) open(server, ids.get(server)!).addEvents(events)
  }

  const find = async (server: ServerName): Promise<DestinationQueue | undefined> =>
    deps.remote.isAllowed(server) ? open(server, await numberOf(server)) : undefined
  deps.journal.follow('outbox', handle)
  const passing = createPassing(deps, find)
  const unwatch = deps.journal.watch((records) => {
    for (const { entry, position } of records) {
      if (entry.kind === 'to-server') noteMessages(entry)
      else passing.note(entry, position)
    }
  })

  function noteMessages({ server }: Extract<JournalEntry, { kind: 'to-server' }>): void {
    const work = async () => {
      const [name] = (await deps.names.texts([server])) as [ServerName]
      if (deps.remote.isAllowed(name)) open(name, server).noteMessages()
    }
    work().catch((error: unknown) => deps.logger.error({ err: error }, 'messages to devices were not delivered'))
  }

  async function resume(): Promise<void> {
    const { reader } = deps.store
    for (const number of await listOwedServers(reader)) {
      const [server] = (await deps.names.texts([number])) as [ServerName]
      if (deps.remote.isAllowed(server)) open(server, number).catchUp()
    }
    for (const number of await deps.devices.listWaitingServers()) {
      const [server] = (await deps.names.texts([number])) as [ServerName]
      if (deps.remote.isAllowed(server)) open(server, number).noteMessages()
    }
  }

  deps.remote.destinations.onRecovered((server) => queues.get(server)?.wake())
  return {
    resume() {
      resume().catch((error: unknown) =>
        deps.logger.error({ err: error }, 'what is owed to other servers was not read'),
      )
    },
    async close() {
      unwatch()
      await passing.close()
      await Promise.all([...queues.values()].map((queue) => queue.close()))
    },
  }
}

type Owed = Waiting & { readonly room: number }

/** What each server is to be told of the events of these records. */
async function listOwedOf(deps: OutboxDeps, records: readonly JournalRecord[]): Promise<Map<ServerName, Owed[]>> {
  const owed = new Map<ServerName, Owed[]>()
  const positions = new Map<number, { readonly position: number; readonly isRelayed: boolean }>()
  for (const { position, entry } of records) {
    if (entry.kind !== 'event' || entry.told === true) continue
    positions.set(entry.event ?? position, { position, isRelayed: entry.relay === true })
  }
  if (positions.size === 0) return owed
  const events = await deps.rooms.listEvents([...positions.keys()])
  const senders = (await deps.names.texts(events.map(({ sender }) => sender))) as UserId[]
  for (const [index, event] of events.entries()) {
    const { position, isRelayed } = positions.get(event.event)!
    const origin = serverNameOf(senders[index]!)
    if (event.outcome !== 0 || !(isRelayed || deps.domains.isLocal(origin))) continue
    const teller = tellerOf(deps.domains, origin, await deps.rooms.listJoinedServers(event.room))
    for (const server of await listServers(deps, event)) {
      if (server === origin) continue
      const others = owed.get(server)
      const one = { position, event: event.event, room: event.room, origin: teller }
      if (others === undefined) owed.set(server, [one])
      else others.push(one)
    }
  }
  for (const list of owed.values()) list.sort((a, b) => a.position - b.position)
  return owed
}

/** Servers in the room that may take part in it, and the one of a user who is put out of it. */
async function listServers({ rooms, names, domains, remote, access }: OutboxDeps, event: StoredEvent) {
  const servers = new Set((await rooms.listJoinedServers(event.room)).keys())
  let isAccessList = false
  if (event.slot !== null) {
    const [key] = (await names.texts([event.slot])) as [StateMapKey]
    const [type, userId] = splitStateKey(key)
    isAccessList = type === 'm.room.server_acl'
    const isMember = type === 'm.room.member' && userId.includes(':')
    if (isMember && endsStay(JSON.parse(contentText(event)))) servers.add(serverNameOf(userId as UserId))
  }
  const told: ServerName[] = []
  for (const server of servers) {
    if (domains.isLocal(server) || !remote.isAllowed(server)) continue
    // Whoever is shut out is told that they are.
    if (isAccessList || (await access.isAllowed(server, event.room))) told.push(server)
  }
  return told
}

function endsStay({ membership }: JsonObject): boolean {
  return membership === 'leave' || membership === 'ban'
}
