/**
 * Random rooms on three servers: their users act while events are still under way, and in the end all servers that have
 * users in the room have the same state. The others may keep forks that nobody can join any more. A seed that fails is
 * printed; PARALLAX_SEED and PARALLAX_SEEDS choose others.
 */

import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { EventId, JsonObject, RoomId, ServerName } from '@parallax/protocol'
import { MatrixError } from '../../../src/base/index.ts'
import { type Draw, drawFrom } from '../../kit/draw.ts'
import { deliver, joinByWayOf, requireRoom, stateOf } from '../../kit/exchange.ts'
import { type House, makeRoom, openHouse, say, setState, type TestUser } from '../../kit/rooms.ts'

const names = ['a.example', 'b.example', 'c.example']
const versions = ['1', '2', '6', '10', '11', '12']
const steps = 40
const first = Number(process.env.PARALLAX_SEED ?? 1)
const count = Number(process.env.PARALLAX_SEEDS ?? 12)

type World = { readonly houses: House[]; readonly users: TestUser[]; readonly roomId: RoomId; readonly draw: Draw }

async function openWorld(houses: House[], seed: number): Promise<World> {
  const draw = drawFrom(seed)
  const users: TestUser[] = []
  for (const [index, house] of houses.entries()) users.push(await house.user(`u${index}`))
  const levels = { users: { [users[1]!.userId]: 50 }, events: { 'm.room.topic': 0, 'm.room.name': 0 } }
  const version = versions[seed % versions.length]!
  const request = { room_version: version, power_level_content_override: levels }
  const creatorLevels = version === '12' ? levels : { ...levels, users: { ...levels.users, [users[0]!.userId]: 100 } }
  const roomId = await makeRoom(houses[0]!, users[0]!, {
    ...request,
    power_level_content_override: creatorLevels,
  })
  for (const index of [1, 2]) {
    const event = await joinByWayOf(houses[0]!, houses[index]!, roomId, users[index]!.userId)
    if (index === 2) await deliver(houses[0]!, houses[1]!, roomId, [event.eventId])
  }
  return { houses, users, roomId, draw }
}

/** One random thing; what its server refuses did not happen. */
async function act({ houses, users, roomId, draw }: World): Promise<void> {
  const at = draw.upTo(users.length)
  const house = houses[at]!
  const user = users[at]!
  // Who made the room stays, so that somebody can join the forks in the end.
  const other = draw.pick(at === 0 ? users.slice(1) : users)
  const set = (type: string, key: string, content: JsonObject) => setState(house, user, roomId, [type, key], content)
  const setMember = (membership: string) => set('m.room.member', other.userId, { membership })
  const levels = async () => {
    const { room } = await requireRoom(house, roomId)
    const now = await house.parts.rooms.findStateEvent(room, 'm.room.power_levels', '')
    const own = (now?.content.users ?? {}) as JsonObject
    return set('m.room.power_levels', '', { ...now?.content, users: { ...own, [other.userId]: draw.pick([0, 50]) } })
  }
  const things: (() => Promise<unknown>)[] = [
    () => say(house, user, roomId, `${draw.upTo(1e6)}`),
    () => set('m.room.topic', '', { topic: `${draw.upTo(1e6)}` }),
    () => set('m.room.name', '', { name: `${draw.upTo(1e6)}` }),
    () => set('m.room.join_rules', '', { join_rule: draw.pick(['public', 'invite']) }),
    () => setMember('invite'),
    () => setMember('leave'),
    () => setMember('ban'),
    () => set('m.room.member', user.userId, { membership: 'join', displayname: `${draw.upTo(1e6)}` }),
    levels,
  ]
  try {
    await draw.pick(things)()
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error
  }
}

async function tipsOf({ roomId }: World, house: House): Promise<readonly EventId[]> {
  return house.parts.rooms.listExtremities((await requireRoom(house, roomId)).room)
}

async function pass(world: World, from: House, to: House): Promise<void> {
  if (from !== to) await deliver(from, to, world.roomId, await tipsOf(world, from))
}

/** Everybody gets everything, and says something that follows it. */
async function heal(world: World): Promise<void> {
  const { houses, users, roomId } = world
  for (let round = 0; round < 4; round++) {
    for (const [index, house] of houses.entries()) {
      for (const other of houses) await pass(world, other, house)
      await say(house, users[index]!, roomId, 'merge').catch((error: unknown) => {
        if (!(error instanceof MatrixError)) throw error
      })
    }
  }
  for (const from of houses) for (const to of houses) await pass(world, from, to)
}

for (let seed = first; seed < first + count; seed++) {
  it(`seed ${seed}`, async (t) => {
    const houses = await Promise.all(names.map((name) => openHouse({ name })))
    t.after(() => Promise.all(houses.map((house) => house.close())))
    const world = await openWorld(houses, seed)
    for (let step = 0; step < steps; step++) {
      await act(world)
      if (world.draw.upTo(3) === 0) await pass(world, world.draw.pick(houses), world.draw.pick(houses))
    }
    await heal(world)
    const { room: creators } = await requireRoom(houses[0]!, world.roomId)
    const inRoom = await houses[0]!.parts.rooms.listJoinedServers(creators)
    const expected = await stateOf(houses[0]!, world.roomId)
    const { joinedCount } = await requireRoom(houses[0]!, world.roomId)
    for (const [index, house] of houses.entries()) {
      const { room, joinedCount: counted } = await requireRoom(house, world.roomId)
      assert.equal((await house.parts.rooms.listJoinedUsers(room)).size, counted)
      const name = names[index] as ServerName
      // Who sees itself outside cannot join its forks with the others', though they may see it inside.
      const seesItselfInside = (await house.parts.rooms.listJoinedServers(room)).has(name)
      if (!inRoom.has(name) || !seesItselfInside) continue
      assert.deepEqual(await stateOf(house, world.roomId), expected)
      assert.equal(counted, joinedCount)
    }
  })
}
