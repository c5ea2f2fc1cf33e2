/**
 * Rooms that nobody here is in, as other servers describe them; kept for a short while, by who was asked, for whoever
 * is asked may lie. Spec: server-server-api#get_matrixfederationv1hierarchyroomid.
 */

import { isServerName, type JsonObject, type RoomId, type ServerName, serverNameOf } from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import { RemoteError } from '../remote/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { isInSomeRoom } from './join-room.ts'
import { openRules, readChildStates, readEntries, readEntry } from './read-summary.ts'
import { findPlace } from './remote-room.ts'

/** How long a description is taken for what it is, ms; how many are kept, and how large those are, in characters. */
const KEPT_MS = 5 * 60_000
const KEPT_MAX = 500
const KEPT_LENGTH_MAX = 200_000
/** Servers that are asked about one room. */
const ASKED_MAX = 3

export type RemoteSummary = {
  readonly entry: JsonObject
  /** Stripped `m.space.child` events. */
  readonly childStates: readonly JsonObject[]
  /** What is told of children at once, by room ID. */
  readonly children: ReadonlyMap<string, JsonObject>
}

export type RemoteQuestion = {
  readonly roomId: RoomId
  readonly servers: readonly string[]
  readonly suggestedOnly: boolean
  /** False: nobody is asked any more; what is kept is told. */
  readonly mayAsk?: (() => boolean) | undefined
}

export interface RemoteSummaries {
  /** Undefined if no server tells of the room, or the actor has no way into it. */
  find(actor: Actor, question: RemoteQuestion): Promise<RemoteSummary | undefined>
}

export function createRemoteSummaries(deps: FlowDeps): RemoteSummaries {
  const kept = new Lru<string, { readonly summary: RemoteSummary; readonly untilMs: number }>(KEPT_MAX)
  return {
    async find(actor, question) {
      const { clock } = deps
      const origin = serverNameOf(actor.userId)
      const servers = listServers(deps, question)
      const key = JSON.stringify([origin, question.roomId, question.suggestedOnly, servers])
      const known = kept.get(key)
      const isKnown = known !== undefined && known.untilMs > clock.nowMs()
      if (!isKnown && question.mayAsk?.() === false) return undefined
      const summary = isKnown ? known.summary : await ask(deps, origin, servers, question)
      // What is closed now may be open in a moment: an invitation comes.
      if (summary === undefined) return undefined
      if (!isKnown && isSmall(summary)) kept.set(key, { summary, untilMs: clock.nowMs() + KEPT_MS })
      return (await isOpenTo(deps, actor, summary.entry)) ? summary : undefined
    },
  }
}

function listServers({ remote, isLocal }: FlowDeps, { roomId, servers }: RemoteQuestion): ServerName[] {
  const maker = roomId.slice(roomId.indexOf(':') + 1)
  const named = [...new Set([...servers, ...(roomId.includes(':') ? [maker] : [])])].filter(isServerName)
  return named.filter((server) => !isLocal(server) && remote.isAllowed(server)).slice(0, ASKED_MAX)
}

async function ask(
  { remote, logger }: FlowDeps,
  origin: ServerName,
  servers: readonly ServerName[],
  { roomId, suggestedOnly }: RemoteQuestion,
): Promise<RemoteSummary | undefined> {
  for (const destination of servers) {
    try {
      const reply = await remote.calls.getHierarchy({ origin, destination }, roomId, suggestedOnly)
      const room = reply.room as JsonObject
      const entry = readEntry(room)
      if (entry?.room_id !== roomId) continue
      return { entry, childStates: readChildStates(room.children_state), children: readEntries(reply.children) }
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error
      logger.debug({ roomId, server: destination, err: error }, 'a server did not describe a room')
    }
  }
  return undefined
}

function isSmall({ entry, childStates, children }: RemoteSummary): boolean {
  return JSON.stringify([entry, childStates, [...children]]).length <= KEPT_LENGTH_MAX
}

/** True if the user may know of the room: servers tell what any of our users may know. */
export async function isOpenTo(deps: FlowDeps, actor: Actor, entry: JsonObject): Promise<boolean> {
  const { join_rule: rule, world_readable: isReadable, allowed_room_ids: allowed, room_id: roomId } = entry
  if (isReadable === true || openRules.has(String(rule))) return true
  const place = await findPlace(deps, actor, roomId as RoomId)
  if (place !== undefined && place.membership !== 'leave' && place.membership !== 'ban') return true
  return rule === 'restricted' && Array.isArray(allowed) && isInSomeRoom(deps, actor, allowed.map(String))
}
