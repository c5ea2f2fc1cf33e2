/** Threads that the user followed or left, newest first. Spec: msc4308. */

import { MatrixError } from '../../base/index.ts'
import { syncLimits } from '../limits.ts'
import { parsePos } from '../sliding/connection.ts'
import type { ThreadsQuery } from '../sync.ts'
import type { SyncDeps } from '../sync-deps.ts'

type ThreadDeps = Pick<SyncDeps, 'users' | 'names' | 'journal'>

type Told = Record<string, Record<string, { readonly automatic?: boolean; readonly bump_stamp: number }>>

export type ThreadChanges = {
  readonly subscribed?: Told
  readonly unsubscribed?: Told
  /** Older ones are found up to this token: there are more of them than were asked for. */
  readonly more: string | undefined
}

/** Those of positions in (after, upTo]. */
export async function readThreads(
  { users, names }: Pick<ThreadDeps, 'users' | 'names'>,
  user: number,
  range: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<ThreadChanges> {
  const rows = await users.listThreads(user, range)
  const rooms = [...new Set(rows.map(({ room }) => room))]
  const texts = await names.texts(rooms)
  const roomIds = new Map(rooms.map((room, index) => [room, texts[index]!]))
  const subscribed: Told = {}
  const unsubscribed: Told = {}
  for (const { room, root, mode, position } of rows) {
    const told = mode === 'none' ? unsubscribed : subscribed
    const roomId = roomIds.get(room)!
    const said = { ...(mode === 'none' ? {} : { automatic: mode === 'automatic' }), bump_stamp: position }
    told[roomId] = { ...told[roomId], [root]: said }
  }
  return {
    ...(Object.keys(subscribed).length > 0 && { subscribed }),
    ...(Object.keys(unsubscribed).length > 0 && { unsubscribed }),
    more: rows.length === range.limit ? String(rows.at(-1)!.position - 1) : undefined,
  }
}

/** One page; `to` may be a `pos` of sliding sync. Throws MatrixError M_INVALID_PARAM. */
export async function pageThreads(deps: ThreadDeps, user: number, query: ThreadsQuery): Promise<object> {
  const { from, to, limit = syncLimits.threadsMax } = query
  const { more, ...changes } = await readThreads(deps, user, {
    after: to === undefined ? 0 : parseToken(to),
    upTo: from === undefined ? deps.journal.committed() : parseToken(from),
    limit: Math.min(limit, syncLimits.threadsMax),
  })
  return { ...changes, ...(more !== undefined && { end: more }) }
}

function parseToken(token: string): number {
  if (/^\d{1,15}$/.test(token)) return Number(token)
  try {
    return parsePos(token).position
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
    throw new MatrixError('M_INVALID_PARAM', 'This is no token that this server gave out.')
  }
}
