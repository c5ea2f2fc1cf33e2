/**
 * Keeps the user directory's index: who is called what, and whose members anybody may know. One turn for all that
 * changes it; what is there already is not written again.
 */

import type { ServerName, UserId } from '@parallax/protocol'
import { createKeyedQueue, Lru } from '../../base/index.ts'
import type { JournalRecord } from '../../journal/index.ts'
import type { Writer } from '../../store/index.ts'
import { directoryLimits } from '../limits.ts'
import { findProgress, upsertProgress } from '../progress-table.ts'
import type { SearchDeps } from '../search.ts'
import {
  insertTerm,
  listDirectoryRooms,
  listOwnTerms,
  removeDirectoryRoom,
  removeTerm,
  upsertDirectoryRoom,
} from './directory-table.ts'
import { listOpenTerms, listRoomTerms, serverOf } from './terms.ts'

export interface DirectoryIndex {
  /** Rooms whose members anybody may know. */
  isOpen(room: number): boolean
  handle(records: readonly JournalRecord[]): Promise<void>
  /** Indexes all users and rooms, once; ends early when `isStopped`. */
  build(isStopped: () => boolean): Promise<void>
}

type Write = (tx: Writer) => void
/** Users by number, each with the rooms of which the words are to be set; 0: those that all may find. */
type Wanted = Map<number, Set<number>>

/** Its rows say that every user and room was indexed, not only those of which the journal told. */
const BUILT = 'directory'

export async function createDirectoryIndex(deps: SearchDeps): Promise<DirectoryIndex> {
  const { store, names, rooms } = deps
  const known = await listDirectoryRooms(store.reader)
  const seen = new Lru<number, number>(directoryLimits.seenRoomsMax)
  /** Users whose open words are as they should be. */
  const checked = new Lru<number, true>(directoryLimits.checkedUsersMax)
  const turns = createKeyedQueue<'directory'>()

  const isLocal = (server: string): boolean => deps.isLocal(server as ServerName)

  async function addUser(writes: Write[], user: number, userId: UserId, room: number): Promise<void> {
    const wanted = await (room === 0 ? listOpenTerms(deps, userId) : listRoomTerms(deps, userId, room))
    for (const term of await listOwnTerms(store.reader, user, room)) {
      if (!wanted.delete(term)) writes.push((tx) => removeTerm(tx, { term, user, room }))
    }
    for (const term of wanted) writes.push((tx) => insertTerm(tx, { term, user, room }))
  }

  async function addUsers(writes: Write[], wanted: Wanted): Promise<void> {
    const numbers = [...wanted.keys()]
    const userIds = (await names.texts(numbers)) as UserId[]
    for (const [index, userId] of userIds.entries()) {
      const user = numbers[index]!
      if (checked.get(user) === undefined) await addUser(writes, user, userId, 0)
      checked.set(user, true)
      if (isLocal(serverOf(userId))) continue
      for (const room of wanted.get(user)!) if (room !== 0) await addUser(writes, user, userId, room)
    }
  }

  /** Whether the members of the room are open to all; of rooms with users of other servers, who they are. */
  async function addRoom(writes: Write[], wanted: Wanted, room: number): Promise<void> {
    const info = await rooms.findRoomByNumber(room)
    // A room of which not all members are known yet is looked at when they are.
    if (info?.completeSince === undefined || seen.get(room) === info.snapshot) return
    seen.set(room, info.snapshot)
    const servers = [...(await rooms.listJoinedServers(room)).keys()]
    const hasOthers = servers.some((server) => !isLocal(server))
    const isOpen = servers.some(isLocal) && (await isRoomOpen(deps, room))
    const isKept = isOpen || (hasOthers && servers.some(isLocal))
    const before = known.get(room)
    if (isKept && hasOthers && before === undefined) {
      for (const user of await rooms.listJoinedUsers(room)) want(wanted, user, room)
    }
    if (isKept && before !== isOpen) {
      known.set(room, isOpen)
      writes.push((tx) => upsertDirectoryRoom(tx, room, isOpen))
    } else if (!isKept && known.delete(room)) {
      writes.push((tx) => removeDirectoryRoom(tx, room))
    }
  }

  async function apply(wanted: Wanted, changed: ReadonlySet<number>, more: readonly Write[] = []): Promise<void> {
    const writes = [...more]
    for (const room of changed) await addRoom(writes, wanted, room)
    const users = [...wanted]
    for (let index = 0; index < users.length || writes.length > 0; index += directoryLimits.buildBatch) {
      await addUsers(writes, new Map(users.slice(index, index + directoryLimits.buildBatch)))
      const batch = writes.splice(0)
      if (batch.length === 0) continue
      await store.transact((tx) => {
        for (const write of batch) write(tx)
      })
    }
  }

  return {
    isOpen: (room) => known.get(room) === true,
    async handle(records) {
      const wanted: Wanted = new Map()
      const changed = new Set<number>()
      for (const { entry } of records) {
        if (entry.kind === 'event' && entry.slot !== undefined) changed.add(entry.room)
        if (entry.kind === 'profile') {
          checked.delete(entry.user)
          want(wanted, entry.user, 0)
        }
        if (entry.kind !== 'membership') continue
        want(wanted, entry.user, entry.room)
        changed.add(entry.room)
      }
      if (wanted.size + changed.size > 0) await turns.run('directory', () => apply(wanted, changed))
    },
    async build(isStopped) {
      if ((await findProgress(store.reader, BUILT)) !== undefined) return
      let last = 0
      while (!isStopped()) {
        const { last: reached, joined } = await rooms.listJoinedAfter(last, directoryLimits.buildBatch)
        const wanted: Wanted = new Map()
        for (const { user, room } of joined) want(wanted, user, room)
        const changed = new Set(joined.map(({ room }) => room))
        const isDone = reached === last
        const done: Write[] = isDone ? [(tx) => upsertProgress(tx, BUILT, 1)] : []
        await turns.run('directory', () => apply(wanted, changed, done))
        if (isDone) return
        last = reached
      }
    },
  }
}

function want(wanted: Wanted, user: number, room: number): void {
  const rooms = wanted.get(user)
  if (rooms === undefined) wanted.set(user, new Set([room]))
  else rooms.add(room)
}

/** Spec: client-server-api#post_matrixclientv3user_directorysearch. */
async function isRoomOpen({ rooms }: SearchDeps, room: number): Promise<boolean> {
  const rules = await rooms.findStateEvent(room, 'm.room.join_rules', '')
  if (rules?.content.join_rule === 'public') return true
  const visibility = await rooms.findStateEvent(room, 'm.room.history_visibility', '')
  return visibility?.content.history_visibility === 'world_readable'
}
