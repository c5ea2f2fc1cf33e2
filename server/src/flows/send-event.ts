/** Sends events as clients ask for them, with the checks that are not authorisation. */

import { type EventId, isEventIdText, isJsonObject, type JsonObject, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { type EventDraft, headerOf, type Sent } from '../rooms/index.ts'
import { afterState } from './after-state.ts'
import { checkCanonicalAlias } from './check-canonical-alias.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { mayRedactOthers } from './power-state.ts'
import { sendMember } from './send-member.ts'

export type SendRequest = {
  readonly roomId: RoomId
  readonly type: string
  readonly stateKey?: string
  readonly content: JsonObject
  readonly transactionId?: string
}

/**
 * NOTSPEC: nobody may redact these, as with other servers: without its create event a room of versions 1–10 forgets its
 * version and type, and an empty server ACL shuts every server out.
 */
const lastingTypes: ReadonlySet<string> = new Set(['m.room.create', 'm.room.server_acl'])

/** Throws MatrixError M_FORBIDDEN, M_BAD_ALIAS, M_INVALID_PARAM; ProtocolError for events that break the format. */
export async function sendEvent(deps: FlowDeps, actor: Actor, request: SendRequest): Promise<Sent> {
  const { roomId, type, stateKey, content, transactionId } = request
  deps.presence.noteActivity(actor.user, actor.deviceId ?? '')
  if (stateKey !== undefined) {
    if (type === 'm.room.member') return sendMember(deps, actor, { roomId, target: stateKey, content })
    if (type === 'm.room.canonical_alias' && stateKey === '') await checkCanonicalAlias(deps, roomId, content)
    const sent = await deps.rooms.send(roomId, actor.userId, { type, stateKey, content })
    if (stateKey === '') await afterState(deps, roomId, type)
    return sent
  }
  await deps.rooms.requireSafe(actor.userId, roomId)
  await refuseSecondAnnotation(deps, actor, request)
  const redacts = type === 'm.room.redaction' ? content.redacts : undefined
  const draft = { type, content, ...(typeof redacts === 'string' && isEventIdText(redacts) ? { redacts } : {}) }
  return sendOnce(deps, actor, { roomId, draft, transactionId, path: `send/${type}` })
}

/** Spec: client-server-api#avoiding-duplicate-annotations. A repeated transaction is not a second annotation. */
async function refuseSecondAnnotation(deps: FlowDeps, actor: Actor, request: SendRequest): Promise<void> {
  const { type, content, transactionId } = request
  const relation = content['m.relates_to']
  if (!isJsonObject(relation) || relation.rel_type !== 'm.annotation') return
  const { event_id: parent, key } = relation
  if (typeof parent !== 'string' || typeof key !== 'string') return
  const first = await deps.rooms.findAnnotation(parent as EventId, type, actor.user, key)
  if (first === undefined) return
  const { user, deviceId } = actor
  const transactions = deviceId && (await deps.rooms.listTransactionIds(user, deviceId, [first]))
  if (transactionId !== undefined && transactions?.get(first) === transactionId) return
  throw new MatrixError('M_DUPLICATE_ANNOTATION', 'You have put this annotation on the event already.')
}

type OnceRequest = {
  readonly roomId: RoomId
  readonly draft: EventDraft
  readonly transactionId: string | undefined
  readonly path: string
}

function sendOnce(deps: FlowDeps, actor: Actor, { roomId, draft, transactionId, path }: OnceRequest): Promise<Sent> {
  const { user, userId, deviceId: device } = actor
  if (transactionId === undefined || device === undefined) return deps.rooms.send(roomId, userId, draft)
  return deps.rooms.send(roomId, userId, draft, { transaction: { user, device, transactionId, path } })
}

export type RedactRequest = {
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly transactionId: string
  readonly reason: string | undefined
}

/**
 * Redacts an event of the room; one that is not here yet only who may redact what others sent. Throws MatrixError
 * M_NOT_FOUND, M_FORBIDDEN, M_USER_SUSPENDED.
 */
export async function redactEvent(deps: FlowDeps, actor: Actor, request: RedactRequest): Promise<Sent> {
  const { roomId, eventId, transactionId, reason } = request
  const info = await deps.rooms.findRoom(roomId)
  const member = info && (await deps.rooms.findMember(info.room, actor.user))
  if (info === undefined || member?.membership !== 'join') {
    throw new MatrixError('M_FORBIDDEN', 'You are not in this room.')
  }
  const target = await deps.rooms.findEvent(eventId)
  const isElsewhere = target !== undefined && (target.room !== info.room || target.outcome !== 0)
  if (isElsewhere || (target === undefined && !(await mayRedactOthers(deps, info, actor)))) {
    throw new MatrixError('M_NOT_FOUND', `There is no event ${eventId} in this room.`)
  }
  if (actor.isSuspended === true && target?.sender !== actor.user) {
    throw new MatrixError('M_USER_SUSPENDED', 'While your account is suspended you can only redact what you sent.')
  }
  const { type, stateKey } = target === undefined ? { type: '', stateKey: undefined } : headerOf(target)
  if (lastingTypes.has(type)) throw new MatrixError('M_FORBIDDEN', `Events of type ${type} cannot be redacted.`)
  const content: JsonObject = {
    ...(reason === undefined ? {} : { reason }),
    ...(info.rules.redactsInContent ? { redacts: eventId } : {}),
  }
  const draft: EventDraft = { type: 'm.room.redaction', content, redacts: eventId }
  const sent = await sendOnce(deps, actor, { roomId, draft, transactionId, path: `redact/${eventId}` })
  if (stateKey === '') await afterState(deps, roomId, type)
  return sent
}
