/**
 * A client that follows /sync ends with what the room has: whatever happens, with any limit, gaps, lost replies and
 * restarts of the server.
 */

import { test } from 'node:test'
import fc from 'fast-check'
import { checkHistories, type Known, keyOf, type SyncStep, type World } from '../../kit/histories.ts'
import type { AnyJson } from '../../kit/sync.ts'

const wanted = fc.record({
  limit: fc.integer({ min: 1, max: 4 }),
  isLazy: fc.boolean(),
  isOnlyMessages: fc.boolean(),
})

/** The first user's client takes one reply in, or loses it. */
async function follow(world: World, { isAfter, isLost }: SyncStep): Promise<void> {
  const { clients, known, left } = world
  const { limit, isLazy, isOnlyMessages } = world.filter
  const timeline = { limit, ...(isOnlyMessages ? { types: ['m.room.message'] } : {}) }
  const client = clients[0]!
  const filter = JSON.stringify({ room: { timeline, state: { lazy_load_members: isLazy } } })
  const query = { filter, use_state_after: isAfter }
  if (isLost) await client.peek(query)
  const reply = await client.sync(query)
  for (const [roomId, section] of Object.entries<AnyJson>(reply.rooms?.join ?? {})) {
    left.delete(roomId)
    takeIn(known, roomId, section)
  }
  for (const [roomId, section] of Object.entries<AnyJson>(reply.rooms?.leave ?? {})) {
    left.add(roomId)
    takeIn(known, roomId, section)
  }
}

function takeIn(known: Map<string, Known>, roomId: string, section: AnyJson): void {
  const room: Known = known.get(roomId) ?? { state: new Map(), timeline: [], senders: new Set(), unread: 0 }
  known.set(roomId, room)
  const { timeline } = section
  if (timeline.limited) {
    room.timeline = []
    room.senders.clear()
  }
  const isAfter = section.state_after !== undefined
  for (const event of (section.state_after ?? section.state).events) room.state.set(keyOf(event), event.event_id)
  for (const event of timeline.events) {
    room.timeline.push(event.event_id)
    room.senders.add(event.sender)
    if (event.state_key !== undefined && !isAfter) room.state.set(keyOf(event), event.event_id)
  }
  if (section.unread_notifications) room.unread = section.unread_notifications.notification_count
}

test('a client that follows ends with the state, the timeline and the counts that the rooms have', async () => {
  await checkHistories({ wanted, createFollow: () => follow, runs: 25 })
})
