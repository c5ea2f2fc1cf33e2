/**
 * Joins a room by way of a server that is in it, and takes over the room as that server tells it: every event is
 * checked by itself, and the join by the told state. Spec: server-server-api#joining-rooms.
 */

import { setImmediate } from 'node:timers/promises'
import {
  authorisingServerOf,
  type EventId,
  type JoinReply,
  parseJoinReplyInSteps,
  type RoomEvent,
  type RoomRules,
  serverNameOf,
  topologicalOrder,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { Arriving, OutlierRoom } from '../../rooms/index.ts'
import { checkEvent } from '../check/check-event.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { checkAllParsed } from '../inbox/gap.ts'
import { federationLimits } from '../limits.ts'
import { askCandidates } from './candidates.ts'
import type { Joins } from './joins.ts'
import { makeEvent, type RemoteWish } from './member-event.ts'

/**
 * The user is joined when it resolves. Throws MatrixError M_NOT_FOUND, M_FORBIDDEN, M_UNSUPPORTED_ROOM_VERSION, and
 * M_UNKNOWN (status 502) if no server could be asked.
 */
export async function joinRemote(deps: FederationDeps, joins: Joins, wish: RemoteWish): Promise<void> {
  await joins.run(wish.roomId, wish.userId, async () => {
    if (await isJoined(deps, wish)) return
    await askCandidates(deps, wish, (server) => joinBy(deps, wish, server))
  })
}

/** True if a request side by side has done it. */
async function isJoined({ rooms, names }: FederationDeps, { roomId, userId }: RemoteWish): Promise<boolean> {
  const [room, user] = await names.find([roomId, userId])
  if (room === undefined || user === undefined) return false
  return (await rooms.findMember(room, user))?.membership === 'join'
}

async function joinBy(deps: FederationDeps, wish: RemoteWish, server: RemoteWish['servers'][number]): Promise<void> {
  const { remote, rooms, names } = deps
  const parties = { origin: serverNameOf(wish.userId), destination: server }
  const { event, rules } = await makeEvent(deps, parties, 'join', wish)
  const answer = await remote.calls.sendMember(parties, 'join', { event, omitMembers: false })
  const reply = await inSteps(parseJoinReplyInSteps(rules, event, answer))
  if (reply.membersOmitted)
    throw new MatrixError('M_UNKNOWN', `${server} left out members that were asked for.`, {}, 502)
  const [room] = (await names.intern([wish.roomId])) as [number]
  const where = { room, roomId: wish.roomId, rules }
  await storeTold(deps, where, reply)
  const join = await checkOwn(deps, rules, reply.event)
  const receipt = await rooms.enter(where, { ...join, stateBefore: reply.state.map(({ eventId }) => eventId) })
  if (receipt.kind === 'accepted') return
  throw new MatrixError(
    'M_FORBIDDEN',
    receipt.kind === 'lacking'
      ? 'The join rests on events that were not told.'
      : `The join is not allowed: ${receipt.reason ?? receipt.kind}`,
  )
}

/**
 * Stores what was told, a part at a time: what others rest on first, the create event before all. The next part is
 * checked meanwhile.
 */
async function storeTold(deps: FederationDeps, where: OutlierRoom, reply: JoinReply): Promise<void> {
  const all = [reply.create, ...reply.authChain, ...reply.state]
  const told = new Map(all.map((event) => [event.eventId, event]))
  const restsOn = (id: EventId) => told.get(id)!.authEvents.filter((cited) => told.has(cited))
  const ordered = topologicalOrder([...told.keys()], restsOn).map((id) => told.get(id)!)
  const checkFrom = (from: number) => {
    const checked = checkAllParsed(deps, where, ordered.slice(from, from + federationLimits.toldAtOnce))
    // Nobody waits for it if the part before it cannot be stored.
    checked.catch(() => undefined)
    return checked
  }
  let checking = checkFrom(0)
  for (let from = 0; from < ordered.length; from += federationLimits.toldAtOnce) {
    const checked = await checking
    checking = checkFrom(from + federationLimits.toldAtOnce)
    await deps.rooms.storeOutliers(where, checked)
  }
  await checking
}

/** What the steps come to; between them others have their turn. */
async function inSteps<Result>(steps: Generator<void, Result>): Promise<Result> {
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done === true) return step.value
    await setImmediate()
  }
}

/** Our own event: only who vouches for it has to be checked. */
async function checkOwn(deps: FederationDeps, rules: RoomRules, event: RoomEvent): Promise<Arriving> {
  const isVouched = authorisingServerOf(rules, event) !== undefined
  if (!isVouched) return { event, isAuthoriserSigned: true, isPolicySigned: true }
  return checkEvent(deps, rules, event.pdu, { roomId: event.roomId, eventId: event.eventId }, undefined)
}
