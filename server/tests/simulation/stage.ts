/** The room of one seed: its servers, who acts in it, and what they may do to it. */

import type { JsonObject, RoomId } from '@parallax/protocol'
import { type Draw, drawFrom } from '../kit/draw.ts'
import { type Answered, refusalOf, type TestUser } from '../kit/in-process.ts'
import { waitFor } from '../kit/wait-for.ts'
import type { Place, World } from '../kit/world.ts'
import { listOwn, viewOf } from './view.ts'

export type Actor = { readonly place: Place; readonly user: TestUser }

export type Stage = {
  readonly world: World
  readonly seed: number
  readonly version: string
  readonly roomId: string
  /** Servers that take part, the creator's first. */
  readonly places: readonly Place[]
  /** One user of each of the first servers: nobody puts these out, so that their servers see everything. */
  readonly anchors: readonly Actor[]
  readonly actors: readonly Actor[]
  readonly draw: Draw
  /** Events from before all anchors were there: they must be asked for. */
  readonly early: ReadonlySet<string>
  /** What was done, for whoever repeats a seed. */
  readonly log: string[]
}

const versions = ['6', '10', '11', '12']
const encode = encodeURIComponent

/** Makes the room and brings at least the anchors into it, while all is well. */
export async function setStage(world: World, seed: number, serverCount: number): Promise<Stage> {
  const draw = drawFrom(seed)
  const version = versions[seed % versions.length]!
  const places = world.places.slice(0, serverCount)
  const actors = places.flatMap((place) => place.users.map((user) => ({ place, user })))
  const anchors = places.slice(0, 2 + draw.upTo(serverCount - 1)).map((place) => ({ place, user: place.users[0]! }))
  const creator = anchors[0]!.user
  const users: JsonObject = version === '12' ? {} : { [creator.userId]: 100 }
  for (const { user } of actors) if (user !== creator) users[user.userId] = draw.pick([0, 0, 50, 75])
  const request = {
    preset: 'public_chat',
    room_version: version,
    power_level_content_override: { users, events: { 'm.room.topic': 0, 'm.room.name': 50 }, state_default: 50 },
  }
  const roomId = String((await creator.ok('POST', 'createRoom', request)).room_id)
  for (const { user } of anchors.slice(1)) await user.ok('POST', joinPath({ roomId }, places[0]!))
  await meet(anchors, roomId as RoomId)
  const early = new Set<string>()
  for (const { place } of anchors) {
    for (const { eventId } of await listOwn(place, roomId as RoomId)) early.add(eventId)
  }
  return { world, seed, version, roomId, places, anchors, actors, early, draw, log: [] }
}

/**
 * All anchors see each other. Before that a fork may begin that lacks a join; if joins are made harder meanwhile, state
 * resolution undoes that join where the forks meet, as the specification has it.
 */
async function meet(anchors: readonly Actor[], roomId: RoomId): Promise<void> {
  for (const { place } of anchors) {
    await waitFor(`all anchors on ${place.name}`, async () => {
      const joined = (await viewOf(place, roomId))?.joined ?? []
      return anchors.every(({ user }) => joined.includes(user.userId)) ? true : undefined
    })
  }
}

export function joinPath({ roomId }: { readonly roomId: string }, via: Place): string {
  return `join/${encode(roomId)}?via=${encode(via.name)}`
}

const roomPath = ({ roomId }: Stage, rest: string) => `rooms/${encode(roomId)}/${rest}`

let lastTransaction = 0

/** What `actor` does: what its server refuses did not happen. */
export async function act(stage: Stage): Promise<void> {
  const { draw, actors, anchors } = stage
  const actor = draw.pick(actors)
  const other = draw.pick(actors.filter((one) => one.user !== actor.user))
  const isFree = (one: Actor) => anchors.every(({ user }) => user !== one.user)
  const word = `${draw.upTo(1e6)}`
  const rule = draw.pick(['public', 'public', 'invite'])
  const end = draw.pick(['kick', 'ban', 'ban', 'unban'])
  const things: readonly Thing[] = [
    ...Array.from({ length: 4 }, (): Thing => ['says something', () => say(stage, actor, word)]),
    ['sets the topic', () => setState(stage, actor, 'm.room.topic', { topic: word })],
    ['sets the name', () => setState(stage, actor, 'm.room.name', { name: word })],
    [`lets in: ${rule}`, () => setState(stage, actor, 'm.room.join_rules', { join_rule: rule })],
    ['changes the level of', () => changeLevels(stage, actor, other)],
    ['changes the level of', () => changeLevels(stage, actor, other)],
    ['joins', () => enter(stage, actor)],
    ['joins', () => enter(stage, actor)],
    ['invites', () => put(stage, actor, 'invite', other)],
    ['takes another name', () => rename(stage, actor, word)],
    ...(isFree(other) ? [[`${end}s`, () => put(stage, actor, end, other)] as Thing] : []),
    ...(isFree(actor) ? [['leaves', () => actor.user.call('POST', roomPath(stage, 'leave'))] as Thing] : []),
  ]
  const [what, run] = draw.pick(things)
  const answer = await run()
  const how = answer.status === 200 ? String(answer.body.event_id ?? 'ok') : refusalOf(answer)
  stage.log.push(`${actor.user.userId} ${what} (${other.user.userId}): ${how}`)
}

type Thing = readonly [string, () => Promise<Answered>]

/** A message of the actor. */
export function say(stage: Stage, { user }: Actor, body: string): Promise<Answered> {
  const path = roomPath(stage, `send/m.room.message/${++lastTransaction}`)
  return user.call('PUT', path, { msgtype: 'm.text', body })
}

const setState = (stage: Stage, { user }: Actor, type: string, content: JsonObject) =>
  user.call('PUT', roomPath(stage, `state/${type}`), content)

const put = (stage: Stage, { user }: Actor, what: string, other: Actor) =>
  user.call('POST', roomPath(stage, what), { user_id: other.user.userId })

const rename = (stage: Stage, { user }: Actor, displayname: string) =>
  user.call('PUT', roomPath(stage, `state/m.room.member/${encode(user.userId)}`), { membership: 'join', displayname })

const enter = (stage: Stage, { user }: Actor) =>
  user.call('POST', joinPath(stage, stage.draw.pick(stage.anchors).place))

async function changeLevels(stage: Stage, actor: Actor, other: Actor): Promise<Answered> {
  const level = stage.draw.pick([0, 0, 50, 75])
  const path = roomPath(stage, 'state/m.room.power_levels')
  const now = await actor.user.call('GET', path)
  if (now.status !== 200) return now
  const users = { ...(now.body.users as JsonObject) }
  // Whoever made the room keeps the power to mend it.
  if (other.user === stage.anchors[0]!.user) return now
  users[other.user.userId] = level
  return actor.user.call('PUT', path, { ...now.body, users })
}
