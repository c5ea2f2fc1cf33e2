/** Joins and messages between ours and Synapse, both ways, in every room version that both create. */

import { after, before, test } from 'node:test'
import { createRoom, joinVia, type Pair, type PairUser, sendUntilSeen, startPair } from './pair.ts'

const versions = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12']
let pair: Pair

before(async () => {
  pair = await startPair()
})

after(async () => {
  await pair?.close()
})

async function joinAndTalk(creator: PairUser, joiner: PairUser, version: string): Promise<void> {
  const roomId = await createRoom(creator, version)
  await joinVia(joiner, roomId, creator)
  await sendUntilSeen(joiner, creator, roomId, 'from the joiner')
  await sendUntilSeen(creator, joiner, roomId, 'from the creator')
}

for (const version of versions) {
  test(`version ${version}: a user of Synapse joins a room of ours, and both talk`, async () => {
    await joinAndTalk(pair.ann, pair.ben, version)
  })

  test(`version ${version}: our user joins a room of Synapse, and both talk`, async () => {
    await joinAndTalk(pair.ben, pair.ann, version)
  })
}
