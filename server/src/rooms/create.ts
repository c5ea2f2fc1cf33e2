/** Makes a room: the create event and what follows it are decided on nothing and committed in one transaction. */

import { randomBytes } from 'node:crypto'
import { type RoomId, requireRoomRules, type StateMapKey, serverNameOf, type UserId } from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import type { Working } from './decide.ts'
import { CELLS_MAX, type RoomHead, type StateCell } from './heads.ts'
import { refusalOf } from './refusal.ts'
import type { CreateRoomOptions, EventDraft } from './rooms.ts'
import { emptyRoot } from './state/tree.ts'
import { commitAccepted, decideSubmission, newEventId, signerFor, type TurnDeps } from './turn.ts'

/** The new room's ID. Throws MatrixError M_FORBIDDEN if the rules refuse one of the events: nothing is stored then. */
export async function createRoom(deps: TurnDeps, options: CreateRoomOptions): Promise<RoomId> {
  const rules = requireRoomRules(options.version)
  const signer = signerFor(deps, options.creator)
  const content = rules.creatorIsSender
    ? options.creationContent
    : { ...options.creationContent, creator: options.creator }
  const create: EventDraft = {
    type: 'm.room.create',
    stateKey: '',
    content: { ...content, room_version: rules.version },
  }
  const start: Working = {
    rules,
    cells: new Map(),
    tips: [],
    create: undefined,
    roomId: rules.privilegedCreators ? undefined : (options.roomId ?? newRoomId(options.creator)),
    hashes: new Map(),
  }
  const cells = new Lru<StateMapKey, StateCell | null>(CELLS_MAX)
  const context = { cells: new Map(), nowMs: deps.nextCreationMs(), targets: new Map(), newEventId }
  const drafts = [create, ...options.events]
  const submission = { sender: options.creator, drafts, transaction: undefined }
  const { accepted, working } = decideAsked(() => decideSubmission(context, start, submission, signer))
  const roomId = working.roomId!
  const [room] = (await deps.names.intern([roomId])) as [number]
  const row = {
    room,
    version: rules.version,
    snapshot: 0,
    extremities: [],
    joinedCount: 0,
    invitedCount: 0,
    lastPosition: 0,
  }
  const head: RoomHead = { roomId, rules, row, root: emptyRoot, create: working.create!, cells }
  await commitAccepted(deps, head, undefined, accepted, working)
  return roomId
}

function decideAsked<T>(decide: () => T): T {
  try {
    return decide()
  } catch (error) {
    throw refusalOf(error) ?? error
  }
}

/** A room ID for the versions in which it is chosen at random (1–11). */
export function newRoomId(creator: UserId): RoomId {
  return `!${randomBytes(13).toString('base64url')}:${serverNameOf(creator)}` as RoomId
}
