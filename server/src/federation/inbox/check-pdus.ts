/**
 * The events of a transaction, sorted by rooms, after the checks that need no other events.
 * Spec: server-server-api#checks-performed-on-receipt-of-a-pdu (1 to 3), #server-access-control-lists.
 */

import {
  type EventId,
  eventIdOf,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  ProtocolError,
  parsePdu,
  type RoomEvent,
  type RoomId,
  type RoomRules,
  type ServerName,
} from '@parallax/protocol'
import type { Arriving } from '../../rooms/index.ts'
import { BadSignature, checkParsed, KeysNotHad } from '../check/check-event.ts'
import { findOurRoom, type OurRoom } from './find-our-room.ts'
import type { InboxDeps } from './inbox-deps.ts'
import { takeRescinded } from './take-rescinded.ts'

/** What became of an event: `{}`, or why it was not taken, a sentence. */
export type PduResults = Map<EventId, { error?: string }>

export type RoomBatch = {
  readonly room: OurRoom
  readonly arriving: Arriving[]
  /** Those whose signers' keys cannot be had at the moment: as nobody sends them again, they wait. */
  readonly unverified: RoomEvent[]
}

export type CheckedPdus = { readonly results: PduResults; readonly batches: readonly RoomBatch[] }

/** Results of those that are refused; the others by room, in the order in which they came. */
export async function checkPdus(deps: InboxDeps, origin: ServerName, pdus: readonly JsonValue[]): Promise<CheckedPdus> {
  const results: PduResults = new Map()
  const findRoom = createRoomFinder(deps, origin)
  const checked = await Promise.all(pdus.map((pdu) => checkPdu(deps, origin, pdu, findRoom)))
  const batches = new Map<number, RoomBatch>()
  for (const one of checked) {
    if (one === undefined) continue
    if ('error' in one) {
      if (one.eventId !== undefined) results.set(one.eventId, { error: one.error })
      continue
    }
    const batch = batches.get(one.room.room) ?? { room: one.room, arriving: [], unverified: [] }
    batches.set(one.room.room, batch)
    const { eventId } = 'event' in one ? one.event : one.arriving.event
    if (!results.has(eventId)) {
      if ('event' in one) batch.unverified.push(one.event)
      else batch.arriving.push(one.arriving)
    }
    results.set(eventId, {})
  }
  return { results, batches: [...batches.values()] }
}

/** `shut-out`: its access list does not let the server take part. */
type Found = { readonly room: OurRoom | undefined; readonly isShutOut: boolean }
type FindRoom = (roomId: RoomId) => Promise<Found>

/** Each room is looked up once. */
function createRoomFinder(deps: InboxDeps, origin: ServerName): FindRoom {
  const found = new Map<RoomId, Promise<Found>>()
  const findNow = async (roomId: RoomId) => findOurRoom(deps, await deps.rooms.findRoom(roomId))
  const find = async (roomId: RoomId): Promise<Found> => {
    // One that is being joined: the events come after what its state is told to be.
    if ((await findNow(roomId)) === undefined) await deps.joins.ended(roomId)
    const room = await findNow(roomId)
    return { room, isShutOut: room !== undefined && !(await deps.access.isAllowed(origin, room.room)) }
  }
  return (roomId) => {
    const known = found.get(roomId) ?? find(roomId)
    found.set(roomId, known)
    return known
  }
}

type Checked = { readonly room: OurRoom; readonly arriving: Arriving }
type Unverified = { readonly room: OurRoom; readonly event: RoomEvent }
/** The ID is unknown where the room's version is. */
type Refused = { readonly eventId: EventId | undefined; readonly error: string }

/** Undefined: nothing can be said of it, for nobody can tell its ID. */
async function checkPdu(
  deps: InboxDeps,
  origin: ServerName,
  pdu: JsonValue,
  findRoom: FindRoom,
): Promise<Checked | Unverified | Refused | undefined> {
  if (!isJsonObject(pdu)) return undefined
  const roomId = findRoomId(pdu)
  if (roomId === undefined) return refuse(undefined, pdu, 'The event names no room.')
  const { room, isShutOut } = await findRoom(roomId)
  if (room === undefined) {
    if (await takeRescinded(deps, roomId, pdu)) return undefined
    return refuse(undefined, pdu, 'This server is not in the room.')
  }
  const { rules } = room
  if (isShutOut) return refuse(rules, pdu, `${origin} is shut out of the room.`)
  let event: RoomEvent | undefined
  try {
    event = parsePdu(rules, pdu, { roomId })
    return { room, arriving: await checkParsed(deps, rules, event, room.room) }
  } catch (error) {
    if (error instanceof KeysNotHad && event !== undefined) return { room, event }
    if (error instanceof ProtocolError || error instanceof BadSignature) return refuse(rules, pdu, `${error.message}.`)
    throw error
  }
}

function findRoomId(pdu: JsonObject): RoomId | undefined {
  return typeof pdu.room_id === 'string' ? (pdu.room_id as RoomId) : undefined
}

function refuse(rules: RoomRules | undefined, pdu: JsonObject, error: string): Refused {
  return { eventId: findEventId(rules, pdu), error }
}

function findEventId(rules: RoomRules | undefined, pdu: JsonObject): EventId | undefined {
  // Versions 1 and 2; of others whoever does not know the version cannot tell.
  if (rules === undefined) return typeof pdu.event_id === 'string' ? (pdu.event_id as EventId) : undefined
  try {
    return eventIdOf(rules, pdu)
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof TypeError) return undefined
    throw error
  }
}
