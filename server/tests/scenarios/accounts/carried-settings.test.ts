/** Settings of a room that was replaced hold for its successor. Spec: client-server-api#room-upgrades. */

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { JsonObject } from '@parallax/protocol'
import { type InProcess, startInProcess } from '../../kit/in-process.ts'
import { endTestStores } from '../../kit/store.ts'
import { waitFor } from '../../kit/wait-for.ts'

let server: InProcess
before(async () => {
  server = await startInProcess()
})
after(async () => {
  await server.close()
  await endTestStores()
})

describe('the successor of a room', () => {
  it('takes over push rule, tags and m.direct of everyone who joins it', async () => {
    const [ann, bob] = [await server.register('ann'), await server.register('bob')]
    const { room_id: old } = await ann.ok('POST', 'createRoom', { preset: 'public_chat', room_version: '11' })
    await bob.ok('POST', `join/${old}`)
    for (const user of [ann, bob]) {
      await user.ok('PUT', `user/${user.userId}/rooms/${old}/tags/m.favourite`, { order: 0.1 })
      await user.ok('PUT', `pushrules/global/room/${old}`, { actions: [] })
      await user.ok('PUT', `user/${user.userId}/account_data/m.direct`, { '@other:test.example': [old] })
    }
    const { replacement_room: next } = await ann.ok('POST', `rooms/${old}/upgrade`, { new_version: '12' })
    await bob.ok('POST', `join/${next}`)
    for (const user of [ann, bob]) {
      const tags = await user.ok('GET', `user/${user.userId}/rooms/${next}/tags`)
      assert.deepEqual(tags, { tags: { 'm.favourite': { order: 0.1 } } })
      assert.deepEqual((await user.ok('GET', `pushrules/global/room/${next}`)).actions, [])
      const direct = await user.ok('GET', `user/${user.userId}/account_data/m.direct`)
      assert.deepEqual(direct, { '@other:test.example': [old, next] })
    }
  })
  it('takes them over by hand too, of all who are in it already, but nothing that they set there', async () => {
    const [ann, bob] = [await server.register('ann2'), await server.register('bob2')]
    const { room_id: old } = await ann.ok('POST', 'createRoom', { preset: 'public_chat', room_version: '10' })
    await bob.ok('POST', `join/${old}`)
    for (const user of [ann, bob]) await user.ok('PUT', `pushrules/global/room/${old}`, { actions: ['dont_notify'] })
    const creation_content = { predecessor: { room_id: old } }
    const { room_id: next } = await ann.ok('POST', 'createRoom', { preset: 'public_chat', creation_content })
    await bob.ok('POST', `join/${next}`)
    await ann.ok('PUT', `pushrules/global/room/${next}`, { actions: ['notify'] })
    assert.equal((await bob.call('GET', `pushrules/global/room/${next}`)).status, 404)
    await ann.ok('PUT', `rooms/${old}/state/m.room.tombstone`, { body: 'gone', replacement_room: next })
    const rule = await waitFor('the rule of the old room', async () => {
      const { status, body } = await bob.call('GET', `pushrules/global/room/${next}`)
      return status === 200 ? (body as JsonObject) : undefined
    })
    assert.deepEqual(rule.actions, ['dont_notify'])
    assert.deepEqual((await ann.ok('GET', `pushrules/global/room/${next}`)).actions, ['notify'])
  })
})
