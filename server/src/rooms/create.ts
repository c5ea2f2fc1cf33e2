/** Makes a room: the create event and what follows it are decided on nothing and committed in one transaction. */

import { randomBytes } from 'node:crypto'
import { type RoomId, requireRoomRules, type StateMapKey, serverNameOf, type UserId } from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import { StoreError, type Writer } from '../store/index.ts'
import { insertAlias, updateAliasRoom } from './alias-table.ts'
import { commitAccepted } from './commit-accepted.ts'
import type { Working } from './decide.ts'
import { CELLS_MAX, type RoomHead, type StateCell } from './heads.ts'
import { refusalOf } from './refusal.ts'
import { movePublic, updatePublic } from './room-table.ts'
import type { CreateRoomOptions, EventDraft } from './rooms.ts'
import { decideSubmission, newEventId, signerFor, type TurnDeps } from './run-turn.ts'
import { emptyRoot } from './state/tree.ts'

/**
 * The new room's ID. Throws MatrixError M_FORBIDDEN, M_BAD_JSON or M_TOO_LARGE if one of the events is refused, and
 * M_ROOM_IN_USE if the alias is taken: nothing is stored then.
 */
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
    roomId: rules.privilegedCreators ? undefined : newRoomId(options.creator),
    hashes: new Map(),
  }
  const cells = new Lru<StateMapKey, StateCell | null>(CELLS_MAX)
  const { findSigner } = deps
  const context = { cells: new Map(), nowMs: deps.nextCreationMs(), targets: new Map(), newEventId, findSigner }
  const drafts = [create, ...options.events]
  const submission = { sender: options.creator, drafts, transaction: undefined }
  const { accepted, working } = decideAsked(() => decideSubmission(context, start, submission, signer))
  const roomId = working.roomId!
  const [room, creator] = (await deps.names.intern([roomId, options.creator])) as [number, number]
  const row = {
    room,
    version: rules.version,
    snapshot: 0,
    extremities: [],
    joinedCount: 0,
    completeSince: 0,
    invitedCount: 0,
    lastPosition: 0,
  }
  const head: RoomHead = { roomId, rules, row, root: emptyRoot, create: working.create!, cells }
  const outcome = { accepted, working, alsoWrite: (tx: Writer) => enterDirectory(tx, room, creator, options) }
  await commitAccepted(deps, head, undefined, outcome).catch((error: unknown) => {
    if (!isAliasTaken(error, options)) throw error
    throw new MatrixError('M_ROOM_IN_USE', `The alias ${options.alias} is taken.`)
  })
  return roomId
}

function enterDirectory(tx: Writer, room: number, creator: number, options: CreateRoomOptions): void {
  const { alias, isPublic = false, replaces } = options
  if (alias !== undefined) insertAlias(tx, { alias, room, creator })
  if (isPublic) updatePublic(tx, room, true)
  if (replaces === undefined) return
  updateAliasRoom(tx, replaces, room)
  movePublic(tx, replaces, room)
}

/** A new room's transaction holds nothing else that could be there already. */
function isAliasTaken(error: unknown, { alias }: CreateRoomOptions): boolean {
  return alias !== undefined && error instanceof StoreError && error.kind === 'unique'
}

function decideAsked<T>(decide: () => T): T {
  try {
    return decide()
  } catch (error) {
    throw refusalOf(error) ?? error
  }
}

/** A room ID for the versions in which it is chosen at random (1–11). */
function newRoomId(creator: UserId): RoomId {
  return `!${randomBytes(13).toString('base64url')}:${serverNameOf(creator)}` as RoomId
}
