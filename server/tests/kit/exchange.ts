/** Houses that exchange events without a network: what one has, another receives. */

import assert from 'node:assert/strict'
import {
  buildMemberFromTemplate,
  createSignerFromSeed,
  createSigningKey,
  type EventId,
  isSignedByAuthorisingServer,
  type JsonObject,
  parseMemberTemplate,
  parsePdu,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  type ServerName,
  type Signer,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { type Arriving, type KnownRoom, pduText, type Receipt, type StoredEvent } from '../../src/rooms/index.ts'
import type { House } from './rooms.ts'

const seed = new Uint8Array(32).fill(7)

/** The signer of every house is made from the same seed. */
export function signerOf(name: string): Signer {
  return createSignerFromSeed(name as ServerName, '1', seed)
}

/** An event as another house receives it. */
export function arrivingOf(rules: RoomRules, pdu: JsonObject, roomId: RoomId, more: object = {}): Arriving {
  const event = parsePdu(rules, pdu, { roomId })
  return { event, isAuthoriserSigned: isAuthorised(rules, event), isPolicySigned: true, ...more }
}

const key = createSigningKey('1', seed)
const keys = new Map([[key.keyId as string, key.publicKey]])

function isAuthorised(rules: RoomRules, event: RoomEvent): boolean {
  return isSignedByAuthorisingServer(rules, event, () => keys)
}

export async function requireRoom(house: House, roomId: RoomId): Promise<KnownRoom> {
  const info = await house.parts.rooms.findRoom(roomId)
  assert.ok(info, `${roomId} is not known`)
  return info
}

/**
 * A user of `to` joins a room by way of `from`, whose events `to` then has. `beforeEntering`: when they are stored and
 * the room is not entered yet.
 */
export async function joinByWayOf(
  from: House,
  to: House,
  roomId: RoomId,
  userId: UserId,
  beforeEntering: () => Promise<unknown> = async () => {},
): Promise<RoomEvent> {
  const { room, rules } = await requireRoom(from, roomId)
  const { rooms } = from.parts
  const template = await rooms.buildMemberTemplate(room, userId, { membership: 'join' })
  const parsed = parseMemberTemplate('join', { room_version: rules.version, event: template }, { roomId, userId })
  const eventId = `$join-${Math.random()}:${serverNameOf(userId)}` as EventId
  const filling = { content: {}, originServerTs: Date.now(), ...(rules.eventIdFormat === 'explicit' && { eventId }) }
  const { event } = buildMemberFromTemplate(parsed, filling, signerOf(serverNameOf(userId)))
  const [receipt] = await rooms.receive(room, [arrivingOf(rules, event.pdu, roomId)])
  assert.equal(receipt?.kind, 'accepted', JSON.stringify(receipt))
  const stored = (await rooms.findEvent(event.eventId))!
  const state = (await rooms.listState(stored.snapshot)).map((entry) => entry.event)
  const chain = await rooms.listAuthChain([...state, stored.event])
  const outliers = await rooms.listEvents([...new Set([...state, ...chain])])
  const [number] = (await to.parts.names.intern([roomId])) as [number]
  const where = { room: number, roomId, rules }
  const arriving = outliers.map((one) => arrivingOf(rules, JSON.parse(pduText(one)), roomId))
  const kinds = await to.parts.rooms.storeOutliers(where, arriving)
  for (const [id, kind] of kinds) assert.equal(kind, 'outlier', id)
  const stateBefore = (await rooms.listEvents(state)).map((one) => one.eventId)
  await beforeEntering()
  const entered = await to.parts.rooms.enter(where, arrivingOf(rules, event.pdu, roomId, { stateBefore }))
  assert.equal(entered.kind, 'accepted')
  return event
}

/** Sends an event with all that the other lacks before it; answers its receipt. */
export async function deliver(
  from: House,
  to: House,
  roomId: RoomId,
  eventIds: readonly EventId[],
): Promise<Receipt[]> {
  const { rules } = await requireRoom(from, roomId)
  const { room } = await requireRoom(to, roomId)
  const [...open] = await from.parts.rooms.listEventsById(eventIds)
  const sent: StoredEvent[] = []
  const seen = new Set(eventIds)
  for (let stored = open.pop(); stored !== undefined; stored = open.pop()) {
    sent.push(stored)
    const event = parsePdu(rules, JSON.parse(pduText(stored)), { roomId })
    const missing: EventId[] = []
    for (const id of event.prevEvents) {
      if (seen.has(id)) continue
      seen.add(id)
      const there = await to.parts.rooms.findEvent(id)
      if (there === undefined || there.outcome === 3) missing.push(id)
    }
    open.push(...(await from.parts.rooms.listEventsById(missing)).filter((one) => one.outcome !== 3))
  }
  sent.sort((a, b) => a.depth - b.depth || a.event - b.event)
  return to.parts.rooms.receive(
    room,
    sent.map((one) => arrivingOf(rules, JSON.parse(pduText(one)), roomId)),
  )
}

/** The room's current state as other houses may compare it: event IDs by type and state key. */
export async function stateOf(house: House, roomId: RoomId): Promise<Record<string, string>> {
  const { snapshot } = await requireRoom(house, roomId)
  const entries = await house.parts.rooms.listState(snapshot)
  const keys = await house.parts.names.texts(entries.map(({ slot }) => slot))
  const events = new Map(
    (await house.parts.rooms.listEvents(entries.map(({ event }) => event))).map((one) => [one.event, one.eventId]),
  )
  const pairs = entries.map(({ event }, index) => [keys[index]!, events.get(event)!] as const)
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
}
