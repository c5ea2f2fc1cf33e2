/** The user directory and users of other servers, and an index that is built of what is there already. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startFederated } from '../../kit/federated.ts'
import type { TestUser } from '../../kit/in-process.ts'
import { startPeer } from '../../kit/peer.ts'
import { finishTemplate, makeMember, sendMember } from '../../kit/peer-rooms.ts'
import { endTestStores } from '../../kit/store.ts'

after(endTestStores)

async function findNames(user: TestUser, term: string): Promise<unknown[]> {
  const body = await user.ok('POST', 'user_directory/search', { search_term: term })
  return (body.results as { display_name?: string }[]).map(({ display_name: name }) => name)
}

test('a user of another server is found by the name in a room that the searcher may know', async () => {
  const [server, peer] = [await startFederated(), await startPeer()]
  try {
    const [amy, ben] = [await server.register('amy'), await server.register('ben')]
    const open = await amy.ok('POST', 'createRoom', { preset: 'public_chat' })
    const pat = `@pat:${peer.name}`
    const closed = await amy.ok('POST', 'createRoom', {})
    for (const [{ room_id: roomId }, displayname] of [
      [open, 'Patricia Open'],
      [closed, 'Patricia Closed'],
    ] as const) {
      await amy.ok('PUT', `rooms/${roomId}/state/m.room.join_rules`, { join_rule: 'public' })
      const template = await makeMember(peer, server, 'join', String(roomId), pat)
      const sent = await sendMember(peer, server, 'join', finishTemplate(peer, template, 'join', pat, { displayname }))
      assert.equal(sent.status, 200, JSON.stringify(sent.body))
    }
    await amy.ok('PUT', `rooms/${closed.room_id}/state/m.room.join_rules`, { join_rule: 'invite' })
    assert.deepEqual(await findNames(ben, 'open'), ['Patricia Open'])
    assert.deepEqual(await findNames(ben, 'closed'), [])
    assert.deepEqual(await findNames(ben, 'pat'), ['Patricia Open'])
    assert.equal((await findNames(amy, 'closed')).length, 1)
    assert.equal((await findNames(amy, pat)).length, 1)
  } finally {
    await server.close()
    await peer.close()
  }
})
