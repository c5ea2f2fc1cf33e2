/**
 * Finds users by words. Who shares no room with the caller is found only in rooms whose members anybody may know; a
 * name that somebody has in one room only, by nobody outside. Spec: client-server-api#user-directory.
 */

import type { JsonObject, UserId } from '@parallax/protocol'
import { directoryLimits, searchLimits } from '../limits.ts'
import type { FoundUser, FoundUsers, SearchCaller, SearchDeps, UsersQuery } from '../search.ts'
import { endOfPrefix, wordsOf } from '../words.ts'
import { listTerms, listTermsOf, type TermRow } from './directory-table.ts'
import type { DirectoryIndex } from './index-users.ts'
import { serverOf } from './terms.ts'

type FindDeps = SearchDeps & { readonly index: Pick<DirectoryIndex, 'isOpen'> }

/** What the caller may see. */
type Sight = {
  readonly sharing: ReadonlySet<number>
  isNamed(room: number): boolean
}

/** The best matches, at most `limit`. */
export async function findUsers(deps: FindDeps, caller: SearchCaller, query: UsersQuery): Promise<FoundUsers> {
  const limit = Math.min(query.limit ?? directoryLimits.resultsUsual, directoryLimits.resultsMax)
  const { words, server } = readTerm(query.search_term)
  if (words.length === 0) return { results: [], limited: false }
  const sight = await openSight(deps, caller)
  const scores = await scoreUsers(deps, sight, words)
  scores.delete(caller.user)
  const rankOf = (user: number): number => scores.get(user)! + (sight.sharing.has(user) ? words.length * 2 : 0)
  const ranked = [...scores.keys()].sort((one, other) => rankOf(other) - rankOf(one) || one - other)
  const results: FoundUser[] = []
  const step = directoryLimits.roomsReadAtOnce
  for (let index = 0; index < ranked.length && results.length <= limit; index += step) {
    const users = ranked.slice(index, index + step)
    const rooms = Map.groupBy(await deps.rooms.listJoinedRooms(users), ({ user }) => user)
    const userIds = (await deps.names.texts(users)) as UserId[]
    for (const [place, user] of users.entries()) {
      const userId = userIds[place]!
      const seenIn = rooms.get(user)?.find(({ room }) => sight.isNamed(room))?.room
      if (seenIn === undefined || !serverOf(userId).startsWith(server)) continue
      // What a lens hides, or the server refuses, is not proposed.
      if ((await deps.rooms.isQuiet(caller.user, userId)) || (await deps.rooms.isRefused(userId))) continue
      const found = await showUser(deps, userId, seenIn)
      if (found !== undefined) results.push(found)
      if (results.length > limit) break
    }
  }
  return { results: results.slice(0, limit), limited: results.length > limit }
}

/** Longest words first: they have the fewest rows. A whole user ID, or its beginning, is taken apart. */
function readTerm(given: string): { words: string[]; server: string } {
  const term = given.trim().slice(0, searchLimits.termCharsMax)
  const [, localpart = term, server = ''] = /^@([^:\s]+):(\S*)$/.exec(term) ?? []
  const words = wordsOf(localpart, searchLimits.termWordsMax).map(({ text }) => text)
  return { words: [...new Set(words)].sort((one, other) => other.length - one.length), server: server.toLowerCase() }
}

async function openSight({ rooms, index }: FindDeps, { user }: SearchCaller): Promise<Sight> {
  const memberships = await rooms.listMemberships(user)
  return {
    sharing: await rooms.listSharingUsers(user),
    isNamed: (room) => memberships.get(room)?.membership === 'join' || index.isOpen(room),
  }
}

/** Users who have all the words, with 2 points for each whole word and 1 for a beginning. */
async function scoreUsers(deps: FindDeps, sight: Sight, words: readonly string[]): Promise<Map<number, number>> {
  let scores: Map<number, number> | undefined
  for (const word of words) {
    const best = new Map<number, number>()
    for (const { term, user, room } of await listRows(deps, sight, word, scores)) {
      if (room !== 0 && !sight.isNamed(room)) continue
      best.set(user, Math.max(best.get(user) ?? 0, term === word ? 2 : 1))
    }
    const before: ReadonlyMap<number, number> | undefined = scores
    scores = new Map([...best].map(([user, score]) => [user, score + (before?.get(user) ?? 0)]))
    if (scores.size === 0) break
  }
  return scores ?? new Map()
}

async function listRows(
  { store }: FindDeps,
  { sharing }: Sight,
  word: string,
  among: ReadonlyMap<number, number> | undefined,
): Promise<TermRow[]> {
  const { candidatesMax, sharingMax } = directoryLimits
  const range = [word, endOfPrefix(word)] as const
  if (among !== undefined) return listTermsOf(store.reader, range, [...among.keys()])
  const rows = await listTerms(store.reader, ...range, candidatesMax)
  if (rows.length < candidatesMax || sharing.size > sharingMax) return rows
  return [...rows, ...(await listTermsOf(store.longReader, range, [...sharing]))]
}

/** Undefined: the user is not to be found any more. */
async function showUser(deps: FindDeps, userId: UserId, room: number): Promise<FoundUser | undefined> {
  if (!deps.isLocal(serverOf(userId) as never)) {
    const member = await deps.rooms.findStateEvent(room, 'm.room.member', userId)
    return member && found(userId, member.content)
  }
  const account = await deps.users.findAccount(userId)
  if (account === undefined || account.state === 'deactivated' || account.state === 'locked') return undefined
  return found(userId, (await deps.users.findProfile(userId)) ?? {})
}

function found(userId: UserId, { displayname, avatar_url: avatar }: JsonObject): FoundUser {
  return {
    user_id: userId,
    ...(typeof displayname === 'string' && { display_name: displayname }),
    ...(typeof avatar === 'string' && avatar !== '' && { avatar_url: avatar }),
  }
}
