/**
 * Random operations of several users on several rooms, beside a simple model of what rooms are: memberships, counts,
 * the state at every point, the directory and the auth-chain index must agree, also after restarts.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import fc from 'fast-check'
import { createAuthChains } from '../../../src/rooms/auth-chain/auth-chains.ts'
import type { StateDifference } from '../../../src/rooms/index.ts'
import { errcodeOf, type House, makeRoom, openHouse, say, setState, type TestUser } from '../../kit/rooms.ts'

type Membership = 'join' | 'invite' | 'leave' | 'ban' | 'knock'

/** What a room is, simply. */
type Model = {
  readonly roomId: RoomId
  readonly joinRule: 'public' | 'invite' | 'knock'
  readonly creator: number
  readonly members: Map<number, Membership>
  readonly aliases: Map<string, number>
  topic: string | undefined
  isPublic: boolean
}

const operations = [
  'join',
  'leave',
  'invite',
  'kick',
  'ban',
  'unban',
  'knock',
  'say',
  'topic',
  'alias',
  'unalias',
  'list',
] as const
type Operation = (typeof operations)[number]
type Step = { readonly operation: Operation; readonly room: number; readonly actor: number; readonly target: number }

const userCount = 4
const roomCount = 3
const steps = fc.array(
  fc.record({
    operation: fc.constantFrom(...operations),
    room: fc.nat({ max: roomCount - 1 }),
    actor: fc.nat({ max: userCount - 1 }),
    target: fc.nat({ max: userCount - 1 }),
  }),
  { minLength: 40, maxLength: 60 },
)

type World = { readonly house: House; readonly users: readonly TestUser[]; readonly rooms: readonly Model[] }

async function makeWorld(house: House, run: number): Promise<World> {
  const users = await Promise.all(Array.from({ length: userCount }, (_, index) => house.user(`user${index}`)))
  const rooms: Model[] = []
  for (const [index, [joinRule, version]] of (
    [
      ['public', '12'],
      ['invite', '11'],
      ['knock', '10'],
    ] as const
  ).entries()) {
    const creator = index % userCount
    const roomId = await makeRoom(house, users[creator]!, {
      room_version: version,
      name: `room ${index} of run ${run}`,
      initial_state: [{ type: 'm.room.join_rules', content: { join_rule: joinRule } }],
    })
    const members = new Map<number, Membership>([[creator, 'join']])
    rooms.push({ roomId, joinRule, creator, members, aliases: new Map(), topic: undefined, isPublic: false })
  }
  return { house, users, rooms }
}

/** What the step must answer, after doing it to the model. */
function expected(model: Model, { operation, actor, target }: Step, label: string): boolean {
  const { members, creator, joinRule } = model
  const own = members.get(actor)
  const other = members.get(target)
  const isIn = own === 'join'
  const isBoss = isIn && actor === creator
  const set = (user: number, membership: Membership, isAllowed: boolean): boolean => {
    if (isAllowed) members.set(user, membership)
    return isAllowed
  }
  switch (operation) {
    case 'join':
      return set(actor, 'join', own !== 'ban' && (joinRule === 'public' || own === 'invite' || isIn))
    case 'leave':
      if (own === 'leave') return true
      return set(actor, 'leave', own === 'join' || own === 'invite' || own === 'knock')
    case 'invite':
      return set(target, 'invite', isBoss && other !== 'join' && other !== 'ban')
    case 'kick':
      if (target === actor && isIn) return set(actor, 'leave', true)
      return set(target, 'leave', isBoss && (other === 'join' || other === 'invite' || other === 'knock'))
    case 'ban':
      return set(target, 'ban', isBoss && target !== creator)
    case 'unban':
      return set(target, 'leave', isBoss && other === 'ban')
    case 'knock':
      return set(actor, 'knock', joinRule === 'knock' && (own === undefined || own === 'leave' || own === 'knock'))
    case 'say':
      return isIn
    case 'topic':
      if (isBoss) model.topic = label
      return isBoss
    case 'alias':
      if (isIn) model.aliases.set(`#${label}:test.example`, actor)
      return isIn
    case 'unalias': {
      const [alias, maker] = model.aliases.entries().next().value ?? []
      const mayDelete = alias !== undefined && (maker === actor || isBoss)
      if (mayDelete) model.aliases.delete(alias)
      return mayDelete
    }
    case 'list':
      if (isBoss) model.isPublic = !model.isPublic
      return isBoss
  }
}

function request(
  { house, users, rooms }: World,
  { operation, room, actor, target }: Step,
  label: string,
): Promise<unknown> {
  const { flows } = house.parts
  const { roomId, aliases, isPublic } = rooms[room]!
  const by = users[actor]!
  const whom = users[target]!.userId
  switch (operation) {
    case 'join':
      return flows.join(by, roomId, {})
    case 'leave':
      return flows.leave(by, roomId)
    case 'invite':
    case 'kick':
    case 'ban':
    case 'unban':
      return flows[operation](by, roomId, whom)
    case 'knock':
      return flows.knock(by, roomId)
    case 'say':
      return say(house, by, roomId, label)
    case 'topic':
      return setState(house, by, roomId, ['m.room.topic', ''], { topic: label })
    case 'alias':
      return flows.addAlias(by, `#${label}:test.example`, roomId)
    case 'unalias':
      return flows.deleteAlias(by, aliases.keys().next().value ?? '#never:test.example')
    case 'list':
      return flows.setDirectoryVisibility(by, roomId, isPublic ? 'private' : 'public')
  }
}

async function compareRoom({ house, users }: World, model: Model): Promise<void> {
  const { rooms } = house.parts
  const info = (await rooms.findRoom(model.roomId))!
  const counts = (membership: Membership) => [...model.members.values()].filter((one) => one === membership).length
  assert.deepEqual([info.joinedCount, info.invitedCount], [counts('join'), counts('invite')])
  const joined = await rooms.listJoinedUsers(info.room)
  for (const [index, user] of users.entries()) {
    const membership = model.members.get(index)
    assert.equal((await rooms.findMember(info.room, user.user))?.membership, membership)
    assert.equal((await rooms.listMemberships(user.user)).get(info.room)?.membership, membership)
    assert.equal(joined.has(user.user), membership === 'join')
    const event = await rooms.findStateEvent(info.room, 'm.room.member', user.userId)
    assert.equal(event?.content.membership, membership)
  }
  assert.equal((await rooms.findStateEvent(info.room, 'm.room.topic', ''))?.content.topic, model.topic)
  assert.deepEqual(await rooms.listAliases(info.room), [...model.aliases.keys()].sort())
  assert.equal(await rooms.isPublic(info.room), model.isPublic)
}

async function compareDirectory({ house, rooms }: World): Promise<void> {
  const listed = (await house.parts.rooms.listPublicRooms()).map((entry) => [entry.room, entry.joinedCount])
  const infos = await Promise.all(
    rooms.map(async (model) => ({ model, info: (await house.parts.rooms.findRoom(model.roomId))! })),
  )
  for (const { model, info } of infos) {
    const entry = listed.find(([room]) => room === info.room)
    assert.deepEqual(entry, model.isPublic ? [info.room, info.joinedCount] : undefined)
  }
}

/**
 * The state after every event, as the timeline alone gives it, against the trees; some pairs of them for differences.
 */
async function compareStates({ house }: World, { roomId }: Model): Promise<void> {
  const { rooms } = house.parts
  const info = (await rooms.findRoom(roomId))!
  const timeline = await rooms.listTimeline(info.room, { direction: 'forwards', limit: 1000 })
  const plain = new Map<number, number>()
  const states: { snapshot: number; entries: Map<number, number> }[] = []
  for (const event of timeline) {
    if (event.slot !== null) {
      assert.equal(event.replaces, plain.get(event.slot) ?? null)
      plain.set(event.slot, event.event)
    }
    const snapshot = (await rooms.findSnapshotAt(info.room, event.event))!
    states.push({ snapshot, entries: new Map(plain) })
  }
  for (const { snapshot, entries } of states) {
    const listed = await rooms.listState(snapshot)
    assert.deepEqual(new Map(listed.map((entry) => [entry.slot, entry.event])), entries)
  }
  assert.equal(states.at(-1)!.snapshot, info.snapshot)
  for (let index = 3; index < states.length; index += 7) {
    const [before, after] = [states[index >> 1]!, states[index]!]
    const found = await rooms.listStateDifferences(before.snapshot, after.snapshot)
    const slots = [...after.entries].filter(([slot, event]) => before.entries.get(slot) !== event)
    const wanted = slots.map(([slot, event]) => ({ slot, before: before.entries.get(slot) ?? null, after: event }))
    const inOrder = (list: readonly StateDifference[]) => list.toSorted((a, b) => a.slot - b.slot)
    assert.deepEqual(inOrder(found), inOrder(wanted))
  }
  await compareAuthChains(house, timeline, states)
}

type Timeline = Awaited<ReturnType<House['parts']['rooms']['listTimeline']>>

async function compareAuthChains(house: House, timeline: Timeline, states: { entries: Map<number, number> }[]) {
  const numbers = new Map(timeline.map((event) => [event.eventId as string, event.event]))
  const authOf = new Map(
    timeline.map((event, index) => {
      const { auth_events: ids } = JSON.parse(`{${event.rest}}`) as { auth_events: string[] }
      const named = ids.map((id) => numbers.get(id)!)
      return [event.event, index === 0 ? named : [...named, timeline[0]!.event]]
    }),
  )
  const reach = (set: Iterable<number>): Set<number> => {
    const seen = new Set<number>()
    const open = [...set]
    for (let event = open.pop(); event !== undefined; event = open.pop()) {
      if (seen.has(event)) continue
      seen.add(event)
      open.push(...authOf.get(event)!)
    }
    return seen
  }
  const chains = createAuthChains(house.parts.store.reader)
  for (let index = 2; index < states.length; index += 5) {
    const sets = [states[index]!, states[index >> 1]!, states[(index * 3) >> 2]!].map((state) => [
      ...state.entries.values(),
    ])
    const reaches = sets.map(reach)
    const wanted = [...new Set(reaches.flatMap((one) => [...one]))].filter(
      (event) => !reaches.every((one) => one.has(event)),
    )
    const found = await chains.difference(sets)
    assert.deepEqual(
      found.toSorted((a, b) => a - b),
      wanted.toSorted((a, b) => a - b),
    )
  }
}

test('rooms do what a simple model of rooms does, before and after a restart', async () => {
  const house = await openHouse()
  let run = 0
  try {
    await fc.assert(
      fc.asyncProperty(steps, async (chosen) => {
        const world = await makeWorld(house, ++run)
        for (const [index, step] of chosen.entries()) {
          const label = `run${run}-step${index}`
          const asked = request(world, step, label)
          const errcode = await errcodeOf(asked)
          const isAllowed = expected(world.rooms[step.room]!, step, label)
          assert.equal(errcode === 'ok', isAllowed, `${JSON.stringify(step)}: ${errcode}`)
        }
        for (const isRestarted of [false, true]) {
          if (isRestarted) await house.restart()
          for (const model of world.rooms) await compareRoom(world, model)
          await compareDirectory(world)
        }
        for (const model of world.rooms) await compareStates(world, model)
      }),
      { numRuns: 6, endOnFailure: true },
    )
  } finally {
    await house.close()
  }
})
