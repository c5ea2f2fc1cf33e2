/** What is filled into a gap is there for all who read afterwards, however new the events around it are. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import type { InProcess, TestUser } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'

let one: InProcess
let other: InProcess
let ann: TestUser
let bob: TestUser

before(async () => {
  one = await startFederated()
  other = await startFederated()
  ann = await one.register('ann')
  bob = await other.register('bob')
})
after(async () => {
  await one.close()
  await other.close()
})

const encode = encodeURIComponent

async function readTexts(user: TestUser, roomId: string): Promise<unknown[]> {
  const { chunk } = await user.ok('GET', `rooms/${encode(roomId)}/messages?dir=b&limit=100`)
  const bodies = (chunk as { content: { body?: string } }[]).map(({ content }) => content.body)
  return bodies.filter((body) => body !== undefined).reverse()
}

it('is shown to who made the room, left it while it was said, and comes back', async () => {
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  const room = `rooms/${encode(roomId)}`
  await bob.ok('POST', `join/${encode(roomId)}?via=${one.serverName}`, {})
  const say = (body: string) => bob.ok('PUT', `${room}/send/m.room.message/${body}`, { body })
  await say('first')
  await waitFor('the first', async () => ((await readTexts(ann, roomId)).includes('first') ? true : undefined))
  await ann.ok('POST', `${room}/leave`, {})
  await say('second')
  await say('third')
  await ann.ok('POST', `join/${encode(roomId)}?via=${other.serverName}`, {})
  await say('fourth')
  await waitFor('the fourth', async () => ((await readTexts(ann, roomId)).includes('fourth') ? true : undefined))
  assert.deepEqual(await readTexts(ann, roomId), ['first', 'second', 'third', 'fourth'])
})
