/** One gap before an event: in which room, who is asked, and how much more may be. */

import { setImmediate } from 'node:timers/promises'
import {
  type EventId,
  type JsonValue,
  ProtocolError,
  type RoomEvent,
  type RoomId,
  type ServerName,
  type SignatureCheck,
} from '@parallax/protocol'
import { createKeyedQueue } from '../../base/index.ts'
import type { Arriving } from '../../rooms/index.ts'
import { BadSignature, checkEvent, checkParsed, KeysNotHad } from '../check/check-event.ts'
import { type AskRoom, createAskRoom, NobodyAnswers } from './ask-servers.ts'
import type { OurRoom } from './find-our-room.ts'
import type { InboxDeps } from './inbox-deps.ts'
import { gapLimits } from './limits.ts'

export type Gap = {
  readonly room: OurRoom
  readonly ask: AskRoom
  /** Events of the same queue that wait too. */
  readonly waiting: ReadonlyMap<EventId, Arriving>
  readonly untilMs: number
  /** If the keys of an event's signer cannot be had, all of it is put off; else that event is left out. */
  readonly isPatient: boolean
  /** See `Arriving`. */
  readonly isDoubtful: boolean
  /** Whole states are large: few are asked for at once. */
  readonly inStateLane: StateLanes
  /** States that may yet be asked for. */
  statesLeft: number
  /** Auth chains that may yet be asked for. */
  authsLeft: number
  /** The one that sent the event could not be asked at least once: what the others do not know it may. */
  isSenderAway: boolean
}

type StateLanes = <T>(task: () => Promise<T>) => Promise<T>

/** Makes gaps before events that a server sent. */
export type OpenGap = (
  room: OurRoom,
  sender: ServerName,
  waiting: ReadonlyMap<EventId, Arriving>,
  state: Pick<Gap, 'isPatient' | 'isDoubtful'>,
) => Gap

/** Gaps that share the lanes in which states are asked for. */
export function createGaps(deps: InboxDeps): OpenGap {
  const lanes = createKeyedQueue<number>()
  return (room, sender, waiting, state) => {
    const onAway = (): void => {
      gap.isSenderAway = true
    }
    const gap: Gap = {
      ...{ room, waiting, ...state, ask: createAskRoom(deps, room, sender, onAway) },
      untilMs: deps.clock.nowMs() + gapLimits.timeMs,
      inStateLane: (task) => lanes.run(laneOf(sender), task),
      // While members are missing, the state of the room is asked for as a whole, and not before single events.
      statesLeft: room.isPartial ? 0 : gapLimits.statesMax,
      authsLeft: gapLimits.authsMax,
      isSenderAway: false,
    }
    return gap
  }
}

function laneOf(server: ServerName): number {
  let sum = 0
  for (const char of server) sum = (sum * 31 + char.charCodeAt(0)) % 65_521
  return sum % gapLimits.stateLanes
}

type CheckDeps = Pick<InboxDeps, 'remote' | 'rooms' | 'logger' | 'verifier'>
type CheckRoom = Pick<OurRoom, 'room' | 'roomId' | 'rules'>

/** Those of the told events that pass the checks; the others are left out. A patient gap: throws NobodyAnswers. */
export function checkAll(
  deps: CheckDeps,
  gap: Pick<Gap, 'isPatient'> & { readonly room: CheckRoom },
  told: readonly JsonValue[],
): Promise<Arriving[]> {
  const { roomId, rules, room } = gap.room
  const batch = batched(deps)
  const check = async (json: JsonValue): Promise<Arriving> => {
    try {
      return await checkEvent(batch, rules, json, { roomId }, room)
    } catch (error) {
      if (gap.isPatient && error instanceof KeysNotHad) throw new NobodyAnswers({ cause: error })
      throw error
    }
  }
  return checkInParts(deps, roomId, told, check)
}

/** As `checkAll`, of events whose format was checked. `unproven`: takes servers whose keys could not be had. */
export function checkAllParsed(
  deps: CheckDeps,
  room: CheckRoom,
  told: readonly RoomEvent[],
  unproven: Set<ServerName>,
): Promise<Arriving[]> {
  const check = async (event: RoomEvent): Promise<Arriving> => {
    try {
      return await checkParsed(batched(deps), room.rules, event, room.room)
    } catch (error) {
      if (error instanceof KeysNotHad) unproven.add(error.server)
      throw error
    }
  }
  return checkInParts(deps, room.roomId, told, check)
}

/** Signatures of many events are verified together. */
function batched({ remote, rooms, verifier }: CheckDeps) {
  return { remote, rooms, verify: (checks: readonly SignatureCheck[]) => verifier.verify(checks) }
}

async function checkInParts<Told>(
  deps: CheckDeps,
  roomId: RoomId,
  told: readonly Told[],
  check: (one: Told) => Promise<Arriving>,
): Promise<Arriving[]> {
  const passed: Arriving[] = []
  const checkOrLeave = async (one: Told): Promise<Arriving | undefined> => {
    try {
      return await check(one)
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof BadSignature)) throw error
      deps.logger.debug({ roomId, err: error }, 'a told event was left out')
      return undefined
    }
  }
  for (let from = 0; from < told.length; from += gapLimits.checkedAtOnce) {
    // Signatures take their time: others have their turn too.
    if (from > 0) await setImmediate()
    const checked = await Promise.all(told.slice(from, from + gapLimits.checkedAtOnce).map(checkOrLeave))
    for (const one of checked) if (one !== undefined) passed.push(one)
  }
  return passed
}

/** Those of the events that have no place in the room's graph yet. `isOutlierEnough`: nor are stored as outliers. */
export async function listUnknown(
  { rooms }: Pick<InboxDeps, 'rooms'>,
  { room }: Pick<OurRoom, 'room'>,
  ids: Iterable<EventId>,
  isOutlierEnough: boolean,
): Promise<Set<EventId>> {
  const unknown = new Set(ids)
  const list = [...unknown]
  for (let from = 0; from < list.length; from += 1000) {
    for (const stored of await rooms.listEventsById(list.slice(from, from + 1000))) {
      if (stored.room === room && (isOutlierEnough || stored.outcome !== 3)) unknown.delete(stored.eventId)
    }
  }
  return unknown
}
