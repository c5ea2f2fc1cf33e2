/** Jumping to a date from before one joined a room of another server. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '@parallax/protocol'
import { startFederated } from '../../kit/federated.ts'
import { type InProcess, refusalOf, type TestUser } from '../../kit/in-process.ts'

const encode = encodeURIComponent
let one: InProcess
let two: InProcess
let ann: TestUser
let bob: TestUser

before(async () => {
  one = await startFederated()
  two = await startFederated()
  ann = await one.register('ann')
  bob = await two.register('bob')
})
after(async () => {
  await one.close()
  await two.close()
})

const jump = (user: TestUser, roomId: string, ts: number, dir: string) =>
  user.call('GET', `/_matrix/client/v1/rooms/${encode(roomId)}/timestamp_to_event?ts=${ts}&dir=${dir}`)

/** A room with two messages; its ID, their IDs, and times before, between and after them. */
async function makeRoom(visibility: string) {
  const initial = [{ type: 'm.room.history_visibility', state_key: '', content: { history_visibility: visibility } }]
  const request = { preset: 'public_chat', initial_state: initial }
  const roomId = String((await ann.ok('POST', 'createRoom', request)).room_id)
  const times: number[] = []
  const ids: unknown[] = []
  for (const body of ['first', 'second']) {
    times.push(Date.now() + 1)
    await sleep(3)
    const path = `rooms/${encode(roomId)}/send/m.room.message/${body}`
    ids.push((await ann.ok('PUT', path, { msgtype: 'm.text', body })).event_id)
    await sleep(3)
  }
  times.push(Date.now())
  await sleep(3)
  await bob.ok('POST', `join/${encode(roomId)}?via=${encode(one.serverName)}`)
  return { roomId, times, ids }
}

for (const [dir, place, found] of [
  ['f', 0, 0],
  ['f', 1, 1],
  ['b', 1, 0],
  ['b', 2, 1],
] as const) {
  it(`finds events from before the join, ${dir} from ${place}`, async () => {
    const { roomId, times, ids } = await makeRoom('shared')
    assert.equal((await jump(bob, roomId, times[place]!, dir)).body.event_id, ids[found])
    const context = await bob.ok('GET', `rooms/${encode(roomId)}/context/${encode(String(ids[found]))}?limit=0`)
    const page = await bob.ok('GET', `rooms/${encode(roomId)}/messages?dir=b&limit=100&from=${context.end}`)
    const shown = (page.chunk as JsonObject[]).map(({ event_id: id }) => id)
    assert.deepEqual(
      shown.filter((id) => ids.includes(id)),
      ids.slice(0, found + 1).reverse(),
    )
  })
}

it('finds nothing before the room was made, nor what one may not see', async () => {
  const { roomId, times } = await makeRoom('joined')
  assert.equal(refusalOf(await jump(bob, roomId, 1, 'b')), '404 M_NOT_FOUND')
  const { body } = await jump(bob, roomId, times[0]!, 'f')
  const event = await bob.ok('GET', `rooms/${encode(roomId)}/event/${encode(String(body.event_id))}`)
  assert.equal(event.type, 'm.room.member')
  assert.equal(event.sender, bob.userId)
})
