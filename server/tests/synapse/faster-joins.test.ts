/** Our user joins rooms of Synapse without their members, who are fetched afterwards. */

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createRoom, joinVia, type Pair, type PairUser, registerUser, sendUntilSeen, startPair } from './pair.ts'

let pair: Pair
let others: PairUser[]

before(async () => {
  pair = await startPair({ HOMESERVER_FASTER_JOINS: '1' })
  others = await Promise.all(['cora', 'dick', 'elsa'].map((name) => registerUser(pair.synapse, name)))
})

after(async () => {
  await pair?.close()
})

async function membersOf(viewer: PairUser, roomId: string): Promise<string[]> {
  const { joined } = await viewer.call('GET', `rooms/${encodeURIComponent(roomId)}/joined_members`)
  return Object.keys(joined).sort()
}

for (const version of ['1', '6', '10', '11', '12']) {
  test(`version ${version}: our user talks at once, and both know the same members`, async () => {
    const { ann, ben } = pair
    const roomId = await createRoom(ben, version)
    for (const other of others) await joinVia(other, roomId, ben)
    await joinVia(ann, roomId, ben)
    await sendUntilSeen(ann, ben, roomId, 'from the joiner')
    await sendUntilSeen(others[0]!, ann, roomId, 'from a member')
    assert.deepEqual(await membersOf(ann, roomId), await membersOf(ben, roomId))
    await others[1]!.call('POST', `rooms/${encodeURIComponent(roomId)}/leave`, {})
    await sendUntilSeen(ben, ann, roomId, 'after a leave')
    assert.deepEqual(await membersOf(ann, roomId), await membersOf(ben, roomId))
  })
}
