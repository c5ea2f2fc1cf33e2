/** Member counts and heroes of a room. Spec: client-server-api#get_matrixclientv3sync_response-200_roomsummary. */

import { type StateMapKey, splitStateKey, type UserId } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import { contentText, type KnownRoom } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SyncDeps } from '../sync-deps.ts'

export interface RoomSummaries {
  /** Users that stand for the room's name, the viewer not among them; undefined: the room has a name or an alias. */
  heroes(info: KnownRoom, viewer: UserId): Promise<readonly UserId[] | undefined>
}

/** JSON text of the summary. */
export function summaryText(info: KnownRoom, heroes: readonly UserId[] | undefined): string {
  const named = heroes === undefined ? '' : `"m.heroes":${JSON.stringify(heroes)},`
  return `{${named}"m.joined_member_count":${info.joinedCount},"m.invited_member_count":${info.invitedCount}}`
}

/** Heroes by room and snapshot: the same for all viewers but for themselves. */
type Held = { readonly snapshot: number; readonly heroes: readonly UserId[] | undefined }

export function createRoomSummaries(deps: Pick<SyncDeps, 'rooms' | 'names'>): RoomSummaries {
  const byRoom = new Lru<number, Held>(syncLimits.heroRoomsMax)

  async function find(info: KnownRoom): Promise<readonly UserId[] | undefined> {
    const held = byRoom.get(info.room)
    if (held?.snapshot === info.snapshot) return held.heroes
    const heroes = (await hasName(deps, info.room)) ? undefined : await listHeroes(deps, info)
    byRoom.set(info.room, { snapshot: info.snapshot, heroes })
    return heroes
  }

  return {
    async heroes(info, viewer) {
      const heroes = await find(info)
      return heroes?.filter((user) => user !== viewer).slice(0, syncLimits.heroesMax)
    },
  }
}

async function hasName({ rooms }: Pick<SyncDeps, 'rooms'>, room: number): Promise<boolean> {
  const name = await rooms.findStateEvent(room, 'm.room.name', '')
  if (isText(name?.content.name)) return true
  const alias = await rooms.findStateEvent(room, 'm.room.canonical_alias', '')
  return isText(alias?.content.alias)
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** One more than are told, for the viewer may be among them. */
async function listHeroes(deps: Pick<SyncDeps, 'rooms' | 'names'>, info: KnownRoom): Promise<readonly UserId[]> {
  const wanted = syncLimits.heroesMax + 1
  if (info.joinedCount >= wanted) {
    const joined = smallest(await deps.rooms.listJoinedUsers(info.room), wanted)
    return (await deps.names.texts(joined)) as UserId[]
  }
  const members = await listMembers(deps, info)
  const present = members.filter(({ membership }) => membership === 'join' || membership === 'invite')
  const isAlone = present.length < 2
  const past = members.filter(({ membership }) => membership === 'leave' || membership === 'ban')
  const chosen = isAlone ? [...present, ...past] : present
  return chosen.slice(0, wanted).map((member) => member.userId)
}

type Hero = { readonly userId: UserId; readonly membership: unknown }

/** In the order in which their memberships were set. */
async function listMembers(deps: Pick<SyncDeps, 'rooms' | 'names'>, info: KnownRoom): Promise<Hero[]> {
  const entries = await deps.rooms.listState(info.snapshot)
  const keys = (await deps.names.texts(entries.map((entry) => entry.slot))) as StateMapKey[]
  const members = entries
    .map(({ event }, index) => ({ event, key: splitStateKey(keys[index]!) }))
    .filter(({ key }) => key[0] === 'm.room.member')
    .sort((a, b) => a.event - b.event)
  const userIds = new Map(members.map(({ event, key }) => [event, key[1] as UserId]))
  const events = await deps.rooms.listEvents(members.map(({ event }) => event))
  return events.map((event) => ({
    userId: userIds.get(event.event)!,
    membership: JSON.parse(contentText(event)).membership,
  }))
}

/** The lowest numbers: users are numbered as they come, so these were here first. */
function smallest(numbers: ReadonlySet<number>, count: number): number[] {
  const found: number[] = []
  for (const number of numbers) {
    if (found.length === count && number > found.at(-1)!) continue
    found.push(number)
    found.sort((a, b) => a - b)
    found.length = Math.min(found.length, count)
  }
  return found
}
