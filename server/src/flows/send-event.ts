/** Sends events as clients ask for them, with the checks that are not authorisation. */

import { type EventId, isJsonObject, type JsonObject, type RoomAlias, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { EventDraft, Sent } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'

export type SendRequest = {
  readonly roomId: RoomId
  readonly type: string
  readonly stateKey?: string
  readonly content: JsonObject
  readonly transactionId?: string
  readonly redacts?: EventId
}

const ALIASES_MAX = 100

/** Throws MatrixError M_FORBIDDEN, M_BAD_ALIAS, M_INVALID_PARAM; ProtocolError for events that break the format. */
export async function sendEvent(deps: FlowDeps, actor: Actor, request: SendRequest): Promise<Sent> {
  if (request.type === 'm.room.canonical_alias' && request.stateKey === '') await checkAliases(deps, request)
  const draft: EventDraft = {
    type: request.type,
    content: request.content,
    ...(request.stateKey === undefined ? {} : { stateKey: request.stateKey }),
    ...redactsOf(request),
  }
  const { transactionId } = request
  if (transactionId === undefined || actor.deviceId === undefined) {
    return deps.rooms.send(request.roomId, actor.userId, draft)
  }
  const transaction = { user: actor.user, device: actor.deviceId, transactionId }
  return deps.rooms.send(request.roomId, actor.userId, draft, { transaction })
}

export type RedactRequest = {
  readonly roomId: RoomId
  readonly eventId: EventId
  readonly transactionId: string
  readonly reason: string | undefined
}

/** Redacts an event of the room. Throws MatrixError M_NOT_FOUND if it is not there, M_FORBIDDEN. */
export async function redactEvent(deps: FlowDeps, actor: Actor, request: RedactRequest): Promise<Sent> {
  const { roomId, eventId, transactionId, reason } = request
  const info = await deps.rooms.findRoom(roomId)
  const target = await deps.rooms.findEvent(eventId)
  if (info === undefined || target?.room !== info.room) {
    throw new MatrixError('M_NOT_FOUND', `There is no event ${eventId} in this room.`)
  }
  const content: JsonObject = {
    ...(reason === undefined ? {} : { reason }),
    ...(info.rules.redactsInContent ? { redacts: eventId } : {}),
  }
  return sendEvent(deps, actor, { roomId, type: 'm.room.redaction', content, transactionId, redacts: eventId })
}

function redactsOf({ type, redacts, content }: SendRequest): { redacts?: EventId } {
  if (type !== 'm.room.redaction') return {}
  if (redacts !== undefined) return { redacts }
  return typeof content.redacts === 'string' ? { redacts: content.redacts as EventId } : {}
}

/** New aliases of the event must lead to this room. */
async function checkAliases(deps: FlowDeps, { roomId, content }: SendRequest): Promise<void> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined) return
  const before = await deps.rooms.findStateEvent(info.room, 'm.room.canonical_alias', '')
  const known = new Set(aliasesOf(before?.content))
  for (const alias of aliasesOf(content).slice(0, ALIASES_MAX)) {
    if (known.has(alias)) continue
    if (typeof alias !== 'string' || !/^#[^\0]+:.+$/.test(alias)) {
      throw new MatrixError('M_INVALID_PARAM', `${JSON.stringify(alias)} is no room alias.`)
    }
    const row = await deps.rooms.findAlias(alias as RoomAlias)
    if (row?.room !== info.room) throw new MatrixError('M_BAD_ALIAS', `The alias ${alias} does not lead to this room.`)
  }
}

function aliasesOf(content: JsonObject | undefined): unknown[] {
  if (!isJsonObject(content)) return []
  const alternatives = Array.isArray(content.alt_aliases) ? content.alt_aliases : []
  const { alias } = content
  return alias === undefined || alias === null || alias === '' ? alternatives : [alias, ...alternatives]
}
