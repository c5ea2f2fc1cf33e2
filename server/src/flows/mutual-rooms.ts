/** Rooms that two users share. Spec: client-server-api#get_matrixclientv1mutual_rooms. */

import { parseUserId, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { parseOrExplain } from './parse-or-explain.ts'

const PAGE_MAX = 100

/** One page, in the order of the rooms' numbers. Throws MatrixError M_INVALID_PARAM. */
export async function listMutualRooms(deps: FlowDeps, actor: Actor, other: string, from?: string): Promise<object> {
  const userId = parseOrExplain(() => parseUserId(other))
  if (userId === actor.userId) throw new MatrixError('M_INVALID_PARAM', 'This is your own user ID.')
  const after = from === undefined ? 0 : parsePlace(from)
  const [user] = await deps.names.find([userId])
  const shared = user === undefined ? [] : await listShared(deps, actor.user, user)
  const rest = shared.filter((room) => room > after)
  const page = rest.slice(0, PAGE_MAX)
  return {
    joined: (await deps.names.texts(page)) as RoomId[],
    count: shared.length,
    ...(rest.length > PAGE_MAX ? { next_batch: `m${page.at(-1)}` } : {}),
  }
}

/** Numbers of the rooms to which both are joined, ascending. */
async function listShared({ rooms }: FlowDeps, one: number, other: number): Promise<number[]> {
  const theirs = await rooms.listMemberships(other)
  const mine = [...(await rooms.listMemberships(one)).values()].filter(({ membership }) => membership === 'join')
  const shared = mine.filter(({ room }) => theirs.get(room)?.membership === 'join')
  return shared.map(({ room }) => room).sort((a, b) => a - b)
}

function parsePlace(token: string): number {
  const place = /^m(\d{1,15})$/.exec(token)?.[1]
  if (place === undefined) throw new MatrixError('M_INVALID_PARAM', 'This is not a token of this list.')
  return Number(place)
}
