/**
 * The tree of a space, as far as the caller may see it.
 * Spec: client-server-api#get_matrixclientv1roomsroomidhierarchy.
 */

import { isJsonObject, type JsonObject, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { contentText, headerOf, type KnownRoom, type StoredEvent } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { isUnlisted } from './public-rooms.ts'
import { readVia } from './read-summary.ts'
import { findOwnRoom, listCandidates } from './remote-room.ts'
import { isOpenTo, type RemoteSummaries } from './remote-summaries.ts'
import { summarizeOwn } from './room-summary.ts'

export type HierarchyRequest = {
  readonly roomId: RoomId
  readonly limit: number | undefined
  readonly maxDepth: number | undefined
  readonly suggestedOnly: boolean
  readonly from: string | undefined
}

const PAGE_DEFAULT = 50
const PAGE_MAX = 100
const DEPTH_MAX = 16
/** Rooms of one tree that are looked at: pages beyond are empty. */
const ROOMS_MAX = 2_000
/** Rooms of other servers that are asked for while one page is made, and for how long, ms: the next page finds more. */
const ASKED_MAX = 50
const ASKING_MS = 10_000

type Walk = {
  readonly deps: FlowDeps
  readonly remote: RemoteSummaries
  readonly mayAsk: () => boolean
  readonly actor: Actor
  readonly suggestedOnly: boolean
  readonly maxDepth: number
  readonly seen: Set<string>
  readonly rooms: JsonObject[]
  /** How many rooms are wanted before the walk may end. */
  readonly wanted: number
}

/** One page, depth first. Throws MatrixError M_FORBIDDEN, M_INVALID_PARAM. */
export async function listHierarchy(
  deps: FlowDeps,
  remote: RemoteSummaries,
  actor: Actor,
  request: HierarchyRequest,
): Promise<object> {
  const { roomId, suggestedOnly } = request
  const maxDepth = Math.min(request.maxDepth ?? DEPTH_MAX, DEPTH_MAX)
  const limit = Math.min(Math.max(request.limit ?? PAGE_DEFAULT, 1), PAGE_MAX)
  const mark = `${maxDepth}${suggestedOnly ? 's' : 'a'}`
  const start = request.from === undefined ? 0 : parsePlace(request.from, mark)
  const wanted = start + limit + 1
  const mayAsk = createBudget(deps)
  const walk: Walk = { deps, remote, mayAsk, actor, suggestedOnly, maxDepth, seen: new Set(), rooms: [], wanted }
  await visit(walk, { roomId, via: await listCandidates(deps, actor, roomId, []), told: undefined }, 0)
  if (walk.rooms.length === 0) {
    throw new MatrixError('M_FORBIDDEN', `You are not in the room ${roomId}, and it is not open to see.`)
  }
  const rooms = walk.rooms.slice(start, start + limit)
  return { rooms, ...(walk.rooms.length > start + limit && { next_batch: `h${start + limit}_${mark}` }) }
}

function parsePlace(token: string, mark: string): number {
  const [, place, given] = /^h(\d{1,6})_(\w{1,8})$/.exec(token) ?? []
  if (place === undefined) throw new MatrixError('M_INVALID_PARAM', 'This is not a token of a hierarchy.')
  if (given !== mark)
    throw new MatrixError('M_INVALID_PARAM', 'The depth and the choice must stay the same on all pages.')
  return Number(place)
}

function createBudget({ clock }: FlowDeps): () => boolean {
  const untilMs = clock.nowMs() + ASKING_MS
  let left = ASKED_MAX
  return () => clock.nowMs() < untilMs && left-- > 0
}

/** A room of the tree, and what the server that told of its space told of it. */
type Place = { readonly roomId: RoomId; readonly via: readonly string[]; readonly told: Known | undefined }
type Known = ReadonlyMap<string, JsonObject>

async function visit(walk: Walk, place: Place, depth: number): Promise<void> {
  const { roomId } = place
  const reader = depth === 0 ? undefined : walk.actor.user
  if (walk.seen.has(roomId) || walk.seen.size >= ROOMS_MAX || walk.rooms.length >= walk.wanted) return
  walk.seen.add(roomId)
  const info = await findOwnRoom(walk.deps, roomId)
  const found = info === undefined ? await findElsewhere(walk, place) : await findOwn(walk, info)
  if (found === undefined) return
  // The reader's own lens does not stand before what the reader asks for by name.
  if (await isKeptOut(walk, info, found.entry, reader)) return
  const { entry, children, told } = found
  walk.rooms.push({ ...entry, children_state: children.map(({ state }) => state) })
  if (depth >= walk.maxDepth) return
  for (const { childId, state } of children) {
    await visit(walk, { roomId: childId, via: readVia(state.content as JsonObject), told }, depth + 1)
  }
}

/** With all that is below it. */
function isKeptOut({ deps }: Walk, info: KnownRoom | undefined, entry: JsonObject, reader: number | undefined) {
  if (info !== undefined) return isUnlisted(deps, info, reader)
  return deps.rooms.isUnlisted({ roomId: String(entry.room_id), isSpace: entry.room_type === 'm.space' }, reader)
}

type Found = { readonly entry: JsonObject; readonly children: readonly Child[]; readonly told: Known | undefined }

/** Undefined for what the caller may not see: a tree is shown without it. */
async function findOwn(walk: Walk, info: KnownRoom): Promise<Found | undefined> {
  const entry = await summarizeOwn(walk.deps, walk.actor, info)
  if (entry === undefined) return undefined
  return { entry, children: entry.room_type === 'm.space' ? await listChildren(walk, info) : [], told: undefined }
}

/** What its space told is enough where a room is no space itself. */
async function findElsewhere(walk: Walk, { roomId, via, told }: Place): Promise<Found | undefined> {
  const { deps, actor, suggestedOnly, mayAsk } = walk
  const known = told?.get(roomId)
  if (known !== undefined && known.room_type !== 'm.space') {
    return (await isOpenTo(deps, actor, known)) ? { entry: known, children: [], told: undefined } : undefined
  }
  const found = await walk.remote.find(actor, { roomId, servers: via, suggestedOnly, mayAsk })
  if (found === undefined) return undefined
  const isSpace = found.entry.room_type === 'm.space'
  const children = isSpace ? found.childStates.flatMap((state) => childOfState(state)) : []
  const wanted = suggestedOnly ? children.filter(({ state }) => isSuggested(state)) : children
  return { entry: found.entry, children: wanted.sort(compareChildren), told: found.children }
}

type Child = {
  readonly childId: RoomId
  readonly state: JsonObject
  readonly order: string | undefined
  readonly ts: number
}

/** Valid children in the order of the specification: by `order`, then by the time when they were added. */
async function listChildren({ deps, suggestedOnly }: Walk, info: KnownRoom): Promise<Child[]> {
  const events = await deps.rooms.listStateOfType(info.snapshot, 'm.space.child')
  const children = events.flatMap((event) => childOf(event))
  const wanted = suggestedOnly ? children.filter(({ state }) => isSuggested(state)) : children
  return wanted.sort(compareChildren)
}

function childOf(event: StoredEvent): Child[] {
  const { type, stateKey, sender } = headerOf(event)
  const content = JSON.parse(contentText(event))
  if (stateKey === undefined || !stateKey.startsWith('!') || !isJsonObject(content)) return []
  return childOfState({ type, state_key: stateKey, content, sender, origin_server_ts: event.ts })
}

/** A child without servers was taken out of the space. */
function childOfState(state: JsonObject): Child[] {
  const { order, via } = state.content as JsonObject
  if (!Array.isArray(via) || via.length === 0) return []
  const isOrder = typeof order === 'string' && /^[\x20-\x7e]{1,50}$/.test(order)
  const ts = Number(state.origin_server_ts)
  return [{ childId: state.state_key as RoomId, state, order: isOrder ? order : undefined, ts }]
}

function isSuggested({ content }: JsonObject): boolean {
  return isJsonObject(content) && content.suggested === true
}

function compareChildren(left: Child, right: Child): number {
  if (left.order !== right.order) {
    if (left.order === undefined) return 1
    if (right.order === undefined) return -1
    return left.order < right.order ? -1 : 1
  }
  return left.ts - right.ts || (left.childId < right.childId ? -1 : 1)
}
