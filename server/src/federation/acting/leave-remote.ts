/**
 * Leaves a room that nobody here is in: rejects an invitation, takes a knock back; and knocks. Spec:
 * server-server-api#leaving-rooms-rejecting-invites, #knocking-rooms.
 */

import { parseKnockReply, type RoomEvent, serverNameOf } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { StoredEvent } from '../../rooms/index.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { strippedOf } from '../handshake/preview.ts'
import { askCandidates } from './candidates.ts'
import { buildEvent, makeEvent, type RemoteWish } from './member-event.ts'

/** It is left here whatever the others say: an invitation of a dead server must not stay for ever. */
export async function leaveRemote(deps: FederationDeps, wish: RemoteWish, left: StoredEvent): Promise<void> {
  const { rooms, remote, names, logger } = deps
  const [room] = (await names.intern([wish.roomId])) as [number]
  const where = await rooms.findOutsideRoom(room)
  if (where === undefined) throw new MatrixError('M_NOT_FOUND', 'The room is not known to this server.')
  const leave = async (server: RemoteWish['servers'][number]): Promise<RoomEvent> => {
    const parties = { origin: serverNameOf(wish.userId), destination: server }
    const { event } = await makeEvent(deps, parties, 'leave', wish)
    await remote.calls.sendMember(parties, 'leave', { event, omitMembers: false })
    return event
  }
  const event = await askCandidates(deps, wish, leave).catch((error: unknown) => {
    if (!(error instanceof MatrixError)) throw error
    logger.info({ roomId: wish.roomId, err: error }, 'an invitation was rejected here alone')
    return buildAlone(deps, wish, where.rules, left)
  })
  await rooms.receiveOutside(where, { event, state: [] })
}

/** An event that only this server will ever see. */
function buildAlone(
  deps: FederationDeps,
  { roomId, userId, content }: RemoteWish,
  rules: Parameters<typeof buildEvent>[1]['rules'],
  left: StoredEvent,
): RoomEvent {
  const cited = [left.eventId]
  const template = {
    ...{ rules, roomId, userId, membership: 'leave' as const, authorisingUser: undefined },
    ...{ depth: left.depth + 1, prevEvents: cited, authEvents: cited, referenceHashes: new Map() },
  }
  return buildEvent(deps, template, content)
}

/** The user knocks when it resolves. Throws as `joinRemote`. */
export async function knockRemote(deps: FederationDeps, wish: RemoteWish): Promise<void> {
  const { rooms, remote, names } = deps
  await askCandidates(deps, wish, async (server) => {
    const parties = { origin: serverNameOf(wish.userId), destination: server }
    const { event, rules } = await makeEvent(deps, parties, 'knock', wish)
    const reply = parseKnockReply(
      rules,
      event,
      await remote.calls.sendMember(parties, 'knock', { event, omitMembers: false }),
    )
    const [room] = (await names.intern([wish.roomId])) as [number]
    await rooms.receiveOutside({ room, roomId: wish.roomId, rules }, { event, state: strippedOf(reply) })
  })
}
