/**
 * An invitation is rejected by a server that is not in the room, and then another user of it joins: that rejection has
 * no state here, so that what follows it directly cannot be judged by it. Found by the simulation (seed 11029).
 */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import type { TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'
import { openWorld, type Place, type World } from '../../kit/world.ts'
import { differencesOf, viewOf } from '../../simulation/view.ts'

const encode = encodeURIComponent
let world: World

before(async () => {
  world = await openWorld(3, 2)
})
after(async () => {
  await world.close()
  await endTestStores()
})

it('is no ground for what follows it', async () => {
  const [one, two, three] = world.places as [Place, Place, Place]
  const [ann] = one.users as [TestUser]
  const [bob, cyd] = two.users as [TestUser, TestUser]
  const [dan] = three.users as [TestUser]
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  const room = `rooms/${encode(roomId)}`
  const join = (user: TestUser) => user.ok('POST', `join/${encode(roomId)}?via=${encode(one.name)}`)
  const members = async ({ server }: Place) => {
    const { rooms } = server.program.components
    return rooms.listExtremities((await rooms.findRoom(roomId as RoomId))!.room)
  }
  await join(dan)
  await ann.ok('POST', `${room}/invite`, { user_id: cyd.userId })
  await cyd.ok('POST', `${room}/leave`)
  await waitFor('the same ends', async () =>
    String(await members(one)) === String(await members(three)) ? true : undefined,
  )
  for (const from of [one, two]) {
    world.network.cut(from.name, three.name)
    world.network.cut(three.name, from.name)
  }
  const said = await dan.ok('PUT', `${room}/send/m.room.message/1`, { msgtype: 'm.text', body: 'apart' })
  await join(bob)
  world.network.heal()
  let polls = 0
  const awaitSaid = (user: TestUser) =>
    waitFor(`the message for ${user.userId}`, async () => {
      if (++polls % 20 === 0) world.clock.turn(100_000)
      const got = await user.call('GET', `${room}/event/${encode(String(said.event_id))}`)
      return got.status === 200 ? true : undefined
    })
  await awaitSaid(ann)
  // Two hears of the message by what follows it.
  await ann.ok('PUT', `${room}/send/m.room.message/2`, { msgtype: 'm.text', body: 'together' })
  await awaitSaid(bob)
  await waitFor('the same state', async () => {
    const views = await Promise.all([one, two, three].map((place) => viewOf(place, roomId as RoomId)))
    const differences = views.slice(1).flatMap((view) => differencesOf(views[0]!, view!))
    return differences.length === 0 ? true : undefined
  })
  assert.equal((await members(two)).length, 1)
})
