/** What must hold on every server of a room when the network is well again. */

import type { RoomId } from '@parallax/protocol'
import type { Place } from '../kit/world.ts'
import { type Actor, joinPath, type Stage } from './stage.ts'
import { differencesOf, listOwn, type View, viewOf } from './view.ts'

/** What differs between the states that the servers see; empty: they agree. */
export async function findDisagreements(stage: Stage): Promise<string[]> {
  const [first, ...others] = await listViews(stage)
  const wrong: string[] = []
  for (const view of others) {
    const { name } = view.place
    if (!first!.servers.has(name)) continue
    if (view.servers.has(name)) wrong.push(...differencesOf(first!, view))
    else wrong.push(`${name} sees itself outside the room`)
  }
  for (const { place } of stage.anchors.slice(1)) {
    if (!first!.servers.has(place.name)) wrong.push(`${place.name} has been put out of the room`)
  }
  return wrong
}

/** Events that an anchor's server accepted of its users and another's lacks, or does not take; nobody repeats these. */
export async function findMissing(stage: Stage): Promise<string[]> {
  const roomId = stage.roomId as RoomId
  const wrong: string[] = []
  const anchored = stage.anchors.map(({ place }) => place)
  for (const from of anchored) {
    for (const event of await listOwn(from, roomId)) {
      for (const to of anchored) {
        if (stage.early.has(event.eventId)) continue
        const found = to === from ? event : await to.server.program.components.rooms.findEvent(event.eventId)
        // Soft-failed is seen too: its sender had not heard yet that it may no longer.
        if (found?.outcome === 0 || found?.outcome === 1) continue
        wrong.push(
          `${event.eventId} of ${from.name} is ${found ? `outcome ${found.outcome}` : 'missing'} on ${to.name}`,
        )
      }
    }
  }
  return wrong
}

async function listViews({ places, roomId }: Stage): Promise<View[]> {
  const views = await Promise.all(places.map((place) => viewOf(place, roomId as RoomId)))
  return views.filter((view) => view !== undefined)
}

/**
 * A server that was put out by an event that did not count in the end hears no more of the room, as the others still
 * count on it: its users must enter again.
 */
export async function enterAgain(stage: Stage): Promise<void> {
  const [first, ...others] = await listViews(stage)
  for (const view of others) {
    const { place } = view
    if (!first!.servers.has(place.name) || view.servers.has(place.name)) continue
    const users = stage.actors.filter((one) => one.place === place && first!.joined.includes(one.user.userId))
    for (const { user } of users) {
      const answer = await user.call('POST', joinPath(stage, first!.place))
      stage.log.push(`${user.userId} enters again: ${answer.status} ${answer.body.error ?? ''}`)
    }
  }
}

/** Events that an anchor's client should get to see, reading back to the beginning, and does not. */
export async function findUnseen(stage: Stage): Promise<string[]> {
  const unseen: string[] = []
  const roomId = stage.roomId as RoomId
  for (const reader of stage.anchors) {
    const shown = await readAll(stage, reader)
    for (const { place } of stage.anchors) {
      for (const { eventId } of await listOwn(place, roomId)) {
        const found = await reader.place.server.program.components.rooms.findEvent(eventId)
        if (found?.outcome !== 1 && !shown.has(eventId))
          unseen.push(`${eventId} is not shown on ${nameOf(reader.place)}`)
      }
    }
  }
  return unseen
}

const nameOf = ({ name }: Place) => name

async function readAll({ roomId }: Stage, { user }: Actor): Promise<Set<string>> {
  const shown = new Set<string>()
  const path = `rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=1000`
  for (let from = ''; ; ) {
    const page = await user.ok('GET', from === '' ? path : `${path}&from=${encodeURIComponent(from)}`)
    for (const { event_id: eventId } of page.chunk as { event_id: string }[]) shown.add(eventId)
    if (typeof page.end !== 'string' || page.end === from) return shown
    from = page.end
  }
}
