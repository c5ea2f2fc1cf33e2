/**
 * A client that follows sliding sync ends with what the rooms have: whatever happens, with changing ranges and limits,
 * lost replies and restarts of the server.
 */

import { test } from 'node:test'
import fc from 'fast-check'
import { checkHistories, type Known, keyOf, type SyncStep, type World } from '../../kit/histories.ts'
import type { AnyJson } from '../../kit/sync.ts'

const wanted = fc.record({
  limit: fc.constant(0),
  isLazy: fc.boolean(),
  isOnlyMessages: fc.constant(false),
})

function createFollow(): World['follow'] {
  let pos: string | undefined
  return async (world, step) => {
    if (step.isLost) await ask(world, step, pos)
    const reply = await ask(world, step, pos)
    pos = reply.pos
    for (const [roomId, result] of Object.entries<AnyJson>(reply.rooms)) takeIn(world, roomId, result)
  }
}

async function ask({ server, clients, filter, rooms }: World, step: SyncStep, pos: string | undefined) {
  const include = [{}, { type: 'm.room.member', state_key: '$ME' }]
  const required_state = { include, lazy_members: filter.isLazy }
  const body = {
    ...(pos === undefined ? {} : { pos }),
    lists: { all: { range: [0, step.last], timeline_limit: step.limit, required_state } },
    room_subscriptions: step.isSubscribed ? { [rooms[0]!]: { timeline_limit: 2, required_state } } : {},
  }
  const { signal } = new AbortController()
  const request = { body, query: {}, dialect: 'accepted' } as const
  return JSON.parse(await server.parts.sync.nextSliding(clients[0]!.user, request, signal)) as AnyJson
}

function takeIn({ known, left, filter, clients }: World, roomId: string, result: AnyJson): void {
  const old = known.get(roomId)
  const isWhole = result.initial === true || old === undefined
  const room: Known = isWhole ? { state: new Map(), timeline: [], senders: new Set(), unread: 0 } : old
  known.set(roomId, room)
  if (result.membership === 'join') left.delete(roomId)
  else left.add(roomId)
  if (result.limited || result.expanded_timeline) {
    room.timeline = []
    room.senders.clear()
  }
  // As the proposal asks of clients; one's own is asked for by name.
  const own = `m.room.member ${clients[0]!.user.userId}`
  if (result.limited && filter.isLazy) {
    for (const key of room.state.keys()) if (key.startsWith('m.room.member ') && key !== own) room.state.delete(key)
  }
  for (const event of result.required_state ?? []) {
    if (event.content === undefined) room.state.delete(keyOf(event))
    else room.state.set(keyOf(event), event.event_id)
  }
  for (const event of result.timeline_events ?? []) {
    room.timeline.push(event.event_id)
    room.senders.add(event.sender)
  }
  if (result.notification_count !== undefined) room.unread = result.notification_count
}

test('a client that follows ends with the state, the timeline and the counts that the rooms have', async () => {
  await checkHistories({ wanted, createFollow, runs: 25 })
})
