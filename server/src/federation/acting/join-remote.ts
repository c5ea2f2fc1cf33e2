/**
 * Joins a room by way of a server that is in it, and takes over the room as that server tells it: every event is
 * checked by itself, and the join by the told state. Spec: server-server-api#joining-rooms.
 */

import { setImmediate } from 'node:timers/promises'
import {
  authorisingServerOf,
  type JoinReply,
  type JsonValue,
  parseJoinReplyInSteps,
  type RoomEvent,
  type RoomRules,
  type ServerName,
  serverNameOf,
} from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { type Parties, RemoteError, type SendMemberOptions } from '../../remote/index.ts'
import type { Arriving, Receipt } from '../../rooms/index.ts'
import { checkEvent } from '../check/check-event.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { findOurRoom } from '../inbox/find-our-room.ts'
import { listUnknown } from '../inbox/gap.ts'
import { federationLimits } from '../limits.ts'
import { askCandidates } from './candidates.ts'
import type { Completing } from './complete-rooms.ts'
import type { Joins } from './joins.ts'
import { makeEvent, type RemoteWish } from './member-event.ts'
import { storeTold } from './store-told.ts'

type ActingDeps = FederationDeps & { readonly completing: Pick<Completing, 'start'> }

/**
 * The user is joined when it resolves. Throws MatrixError M_NOT_FOUND, M_FORBIDDEN, M_UNSUPPORTED_ROOM_VERSION, and
 * M_UNKNOWN (status 502) if no server could be asked.
 */
export async function joinRemote(deps: ActingDeps, joins: Joins, wish: RemoteWish): Promise<void> {
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

/** Members are left out of rooms that are new here: what is known of others is not to be mixed with half a state. */
async function joinBy(deps: ActingDeps, wish: RemoteWish, server: ServerName): Promise<void> {
  const { rooms, names, completing } = deps
  const known = await rooms.findRoom(wish.roomId)
  const omitMembers = deps.omitsMembers && known === undefined
  if ((await findOurRoom(deps, known)) !== undefined) await rooms.requireWhole(known!.room)
  const parties = { origin: serverNameOf(wish.userId), destination: server }
  const { event, rules } = await makeEvent(deps, parties, 'join', wish)
  const answer = await sendJoin(deps, parties, { event, omitMembers })
  const reply = await inSteps(parseJoinReplyInSteps(rules, event, answer))
  if (reply.membersOmitted && !omitMembers)
    throw new MatrixError('M_UNKNOWN', `${server} left out members that were asked for.`, {}, 502)
  const [room] = (await names.intern([wish.roomId])) as [number]
  const where = { room, roomId: wish.roomId, rules }
  const unproven = await storeTold(deps, where, [reply.create, ...reply.authChain, ...reply.state])
  const join = await checkOwn(deps, rules, reply.event)
  const entering = { ...join, stateBefore: reply.state.map(({ eventId }) => eventId) }
  const omitted = reply.membersOmitted ? serversOf(deps, server, reply) : undefined
  const receipt = await orWithoutKeys(unproven, () => rooms.enter(where, entering, omitted))
  // Another user of ours was quicker.
  if (receipt.kind === 'postponed' && reply.membersOmitted) return joinBy(deps, wish, server)
  if (receipt.kind !== 'accepted') throw new MatrixError('M_FORBIDDEN', reasonOf(receipt))
  const isLacking = unproven.length > 0 && (await listUnknown(deps, where, entering.stateBefore, true)).size > 0
  if (isLacking && omitted === undefined) {
    await rooms.noteUnproven({ room, joinEvent: receipt.event, servers: [server], unproven })
  }
  if (isLacking || omitted !== undefined) completing.start(room)
}

/** What does not fit because events are left out is not what the other server told. */
async function orWithoutKeys(unproven: readonly ServerName[], enter: () => Promise<Receipt>): Promise<Receipt> {
  try {
    return await enter()
  } catch (error) {
    if (unproven.length === 0 || !(error instanceof MatrixError)) throw error
    const names = unproven.slice(0, federationLimits.namedMax).join(', ')
    const text = `The room cannot be checked: the keys of ${names} cannot be had at the moment.`
    throw new MatrixError('M_UNKNOWN', text, {}, 502)
  }
}

/** The same event again where the reply was lost: the user may be joined there, and here nobody would know. */
async function sendJoin(deps: ActingDeps, parties: Parties, sent: SendMemberOptions): Promise<JsonValue> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await deps.remote.calls.sendMember(parties, 'join', sent)
    } catch (error) {
      if (attempt === federationLimits.joinAttemptsMax || !isReplyLost(error)) throw error
      deps.logger.info({ destination: parties.destination, attempt, err: error }, 'a join is sent again')
    }
  }
}

/** True if the server may have taken what was sent. A request that ran out of time is not made again: a user waits. */
function isReplyLost(error: unknown): boolean {
  if (!(error instanceof RemoteError)) return false
  if (error.kind === 'refused') return error.answer !== undefined && error.answer.status >= 500
  return error.kind === 'connect' || error.kind === 'bad-reply'
}

/** First the one that told it; ours are there by their members alone. */
function serversOf({ domains }: ActingDeps, server: ServerName, { serversInRoom }: JoinReply): ServerName[] {
  return [...new Set([server, ...serversInRoom])].filter((one) => !domains.isLocal(one))
}

function reasonOf(receipt: Exclude<Receipt, { kind: 'accepted' }>): string {
  if (receipt.kind === 'lacking') return 'The join rests on events that were not told.'
  if (receipt.kind === 'postponed') return 'The room is not known well enough.'
  return `The join is not allowed: ${receipt.reason ?? receipt.kind}`
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
