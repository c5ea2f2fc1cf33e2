/**
 * The tree of a space, as far as the caller may see it.
 * Spec: client-server-api#get_matrixclientv1roomsroomidhierarchy.
 */

import { isJsonObject, type JsonObject, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { contentText, headerOf, type StoredEvent } from '../rooms/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { summarizeRoom } from './room-summary.ts'

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

type Walk = {
  readonly deps: FlowDeps
  readonly actor: Actor
  readonly suggestedOnly: boolean
  readonly maxDepth: number
  readonly seen: Set<string>
  readonly rooms: JsonObject[]
  /** How many rooms are wanted before the walk may end. */
  readonly wanted: number
}

/** One page, depth first. Throws MatrixError M_FORBIDDEN, M_INVALID_PARAM. */
export async function listHierarchy(deps: FlowDeps, actor: Actor, request: HierarchyRequest): Promise<object> {
  const { roomId, suggestedOnly } = request
  const maxDepth = Math.min(request.maxDepth ?? DEPTH_MAX, DEPTH_MAX)
  const limit = Math.min(Math.max(request.limit ?? PAGE_DEFAULT, 1), PAGE_MAX)
  const mark = `${maxDepth}${suggestedOnly ? 's' : 'a'}`
  const start = request.from === undefined ? 0 : parsePlace(request.from, mark)
  const wanted = start + limit + 1
  const walk: Walk = { deps, actor, suggestedOnly, maxDepth, seen: new Set(), rooms: [], wanted }
  await visit(walk, roomId, 0)
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

async function visit(walk: Walk, roomId: RoomId, depth: number): Promise<void> {
  if (walk.seen.has(roomId) || walk.seen.size >= ROOMS_MAX || walk.rooms.length >= walk.wanted) return
  walk.seen.add(roomId)
  const summary = await findSummary(walk, roomId)
  if (summary === undefined) return
  const children = summary.room_type === 'm.space' ? await listChildren(walk, roomId) : []
  walk.rooms.push({ ...summary, children_state: children.map(({ state }) => state) })
  if (depth >= walk.maxDepth) return
  for (const { childId } of children) await visit(walk, childId, depth + 1)
}

/** Undefined for what the caller may not see: a tree is shown without it. */
async function findSummary({ deps, actor }: Walk, roomId: RoomId): Promise<JsonObject | undefined> {
  try {
    return await summarizeRoom(deps, actor, roomId)
  } catch (error) {
    if (error instanceof MatrixError && (error.errcode === 'M_NOT_FOUND' || error.errcode === 'M_FORBIDDEN')) {
      return undefined
    }
    throw error
  }
}

type Child = {
  readonly childId: RoomId
  readonly state: JsonObject
  readonly order: string | undefined
  readonly ts: number
}

/** Valid children in the order of the specification: by `order`, then by the time when they were added. */
async function listChildren({ deps, suggestedOnly }: Walk, roomId: RoomId): Promise<Child[]> {
  const info = await deps.rooms.findRoom(roomId)
  if (info === undefined) return []
  const events = await deps.rooms.listStateOfType(info.snapshot, 'm.space.child')
  const children = events.flatMap((event) => childOf(event) ?? [])
  const wanted = suggestedOnly ? children.filter(({ state }) => isSuggested(state)) : children
  return wanted.sort(compareChildren)
}

function childOf(event: StoredEvent): Child | undefined {
  const { type, stateKey: childId, sender } = headerOf(event)
  const content = JSON.parse(contentText(event))
  if (childId === undefined || !childId.startsWith('!') || !isJsonObject(content)) return undefined
  const state: JsonObject = { type, state_key: childId, content, sender, origin_server_ts: event.ts }
  if (!Array.isArray(content.via) || content.via.length === 0) return undefined
  const isOrder = typeof content.order === 'string' && /^[\x20-\x7e]{1,50}$/.test(content.order)
  return { childId: childId as RoomId, state, order: isOrder ? String(content.order) : undefined, ts: event.ts }
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
