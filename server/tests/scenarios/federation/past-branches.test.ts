/**
 * What was said on a branch of the room's history from before a server entered it, and joined to the rest afterwards:
 * part of the past, not news. Spec: server-server-api#backfilling-and-retrieving-missing-events.
 */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { RoomId } from '@parallax/protocol'
import type { TestUser } from '../../kit/in-process.ts'
import { waitFor } from '../../kit/wait-for.ts'
import { openWorld, type Place, type World } from '../../kit/world.ts'

let world: World

before(async () => {
  world = await openWorld(3, 1)
})
after(() => world.close())

const encode = encodeURIComponent

type Event = { type: string; content: { body?: string; topic?: string } }
type SyncBody = { next_batch: string; rooms?: { join?: Record<string, { timeline: { events: Event[] } }> } }

const textsOf = (events: readonly Event[]) => events.flatMap(({ content }) => content.body ?? [])

async function readBack(user: TestUser, roomId: string): Promise<unknown[]> {
  const { chunk } = await user.ok('GET', `rooms/${encode(roomId)}/messages?dir=b&limit=100`)
  return textsOf((chunk as Event[]).reverse())
}

async function outcomesOn({ server }: Place, roomId: string): Promise<Set<number>> {
  const { rooms } = server.program.components
  const { room } = (await rooms.findRoom(roomId as RoomId))!
  const events = await rooms.listTimeline(room, { direction: 'backwards', limit: 100 })
  return new Set(events.map(({ outcome }) => outcome))
}

describe('a branch from before a server entered', () => {
  for (const version of ['6', '12']) {
    it(`is read back, and is no news, though its speakers have left, version ${version}`, async () => {
      const [a, b, c] = world.places as [Place, Place, Place]
      const [ann] = a.users as [TestUser]
      const [bob] = b.users as [TestUser]
      const [carl] = c.users as [TestUser]
      const body = { preset: 'public_chat', room_version: version }
      const roomId = String((await ann.ok('POST', 'createRoom', body)).room_id)
      const room = `rooms/${encode(roomId)}`
      const say = (user: TestUser, text: string) =>
        user.ok('PUT', `${room}/send/m.room.message/${text.replaceAll(' ', '-')}`, { body: text })
      await carl.ok('POST', `join/${encode(roomId)}?via=${a.name}`, {})
      for (const [from, to] of [
        [a.name, c.name],
        [c.name, a.name],
      ] as const) {
        world.network.cut(from, to)
      }
      await say(carl, 'apart 1')
      await say(carl, 'apart 2')
      await say(ann, 'before bob')
      await bob.ok('POST', `join/${encode(roomId)}?via=${a.name}`, {})
      const since = String(((await bob.ok('GET', 'sync')) as SyncBody).next_batch)
      world.network.heal()
      world.clock.turn(600_000)
      await waitFor('ann to hear carl', async () =>
        (await readBack(ann, roomId)).includes('apart 2') ? true : undefined,
      )
      await say(ann, 'together')
      const told = await waitFor('bob to hear ann', async () => {
        const { rooms } = (await bob.ok('GET', `sync?since=${since}`)) as SyncBody
        const texts = textsOf(rooms?.join?.[roomId]?.timeline.events ?? [])
        return texts.includes('together') ? texts : undefined
      })
      assert.deepEqual(told, ['together'])
      const all = await readBack(bob, roomId)
      assert.deepEqual(all.toSorted(), ['apart 1', 'apart 2', 'before bob', 'together'])
      assert.equal(all.at(-1), 'together')
      assert.deepEqual(await outcomesOn(b, roomId), new Set([0]))
    })
  }
})
