/**
 * A room is joined while the keys of one of its servers cannot be had: what that server's users said cannot be checked,
 * and is left out of the state. Once the keys are there it counts as if it had been there from the beginning. Found by
 * the simulation (seeds 6132 and 7751).
 */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import { refusalOf, type TestUser } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'
import { openWorld, type Place, type World } from '../../kit/world.ts'
import { differencesOf, viewOf } from '../../simulation/view.ts'

const encode = encodeURIComponent
let world: World

before(async () => {
  world = await openWorld(4, 1)
})
after(async () => {
  await world.close()
  await endTestStores()
})

const placeOf = (index: number): Place => world.places[index]!
const userOf = (index: number): TestUser => placeOf(index).users[0]!
const join = (index: number, roomId: string) =>
  userOf(index).call('POST', `join/${encode(roomId)}?via=${encode(placeOf(0).name)}`)
const say = (index: number, roomId: string, body: string) =>
  userOf(index).ok('PUT', `rooms/${encode(roomId)}/send/m.room.message/${body}`, { msgtype: 'm.text', body })

/** A room of the first server, with a topic that the second one's user has set. */
async function openRoom(): Promise<string> {
  const made = await userOf(0).ok('POST', 'createRoom', {
    preset: 'public_chat',
    power_level_content_override: { events: { 'm.room.topic': 0 } },
  })
  const roomId = String(made.room_id)
  assert.equal((await join(1, roomId)).status, 200)
  await userOf(1).ok('PUT', `rooms/${encode(roomId)}/state/m.room.topic`, { topic: 'hello' })
  await agree(roomId, [0, 1])
  return roomId
}

async function differences(roomId: string, indexes: readonly number[]): Promise<string[]> {
  const views = await Promise.all(indexes.map((index) => viewOf(placeOf(index), roomId as RoomId)))
  return views.slice(1).flatMap((view) => differencesOf(views[0]!, view!))
}

async function agree(roomId: string, indexes: readonly number[]): Promise<void> {
  await waitFor('the same state', async () => ((await differences(roomId, indexes)).length === 0 ? true : undefined))
}

function cut(one: number, other: number): void {
  world.network.cut(placeOf(one).name, placeOf(other).name)
  world.network.cut(placeOf(other).name, placeOf(one).name)
}

it('has all of the state as soon as the keys can be had', async () => {
  const roomId = await openRoom()
  cut(1, 2)
  assert.equal((await join(2, roomId)).status, 200)
  const topic = `rooms/${encode(roomId)}/state/m.room.topic`
  assert.equal(refusalOf(await userOf(2).call('GET', topic)), '404 M_NOT_FOUND')
  await say(2, roomId, 'before')
  await placeOf(2).server.restart()
  world.network.heal()
  world.clock.turn(3600_000)
  await agree(roomId, [0, 1, 2])
  assert.deepEqual(await userOf(2).ok('GET', topic), { topic: 'hello' })
  const { joined } = await userOf(2).ok('GET', `rooms/${encode(roomId)}/joined_members`)
  assert.equal(Object.keys(joined as object).length, 3)
})

it('takes what such a server says once it speaks', async () => {
  const roomId = await openRoom()
  world.network.cut(placeOf(3).name, placeOf(1).name)
  assert.equal((await join(3, roomId)).status, 200)
  await waitFor('the join', async () => {
    const view = await viewOf(placeOf(1), roomId as RoomId)
    return view?.joined.includes(userOf(3).userId) ? true : undefined
  })
  world.network.heal()
  const { event_id: eventId } = await say(1, roomId, 'after')
  await waitFor('the message', async () => {
    world.clock.turn(10_000)
    const got = await userOf(3).call('GET', `rooms/${encode(roomId)}/event/${encode(String(eventId))}`)
    return got.status === 200 ? true : undefined
  })
  await agree(roomId, [0, 1, 3])
})
