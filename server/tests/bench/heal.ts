/** Speed of healing: two servers that both spoke in a room while they did not reach each other. */

import type { ServerName } from '@parallax/protocol'
import { startFederated } from '../kit/federated.ts'
import type { InProcess, TestUser } from '../kit/in-process.ts'

const encode = encodeURIComponent
const perSide = 500
const one = await startFederated()
const two = await startFederated()
const ann = await one.register('ann')
const bob = await two.register('bob')
let count = 0

async function say(user: TestUser, roomId: string, body: string): Promise<void> {
  const path = `rooms/${encode(roomId)}/send/m.room.message/${++count}`
  await user.ok('PUT', path, { msgtype: 'm.text', body })
}

/** Both call each other unreachable from now on. */
function part(): void {
  one.program.components.remote.destinations.noteFailure(two.serverName as ServerName, 3600_000)
  two.program.components.remote.destinations.noteFailure(one.serverName as ServerName, 3600_000)
}

/** How many of the bodies with the prefix the user sees, reading back as a client does. */
async function countSeen(user: TestUser, roomId: string, prefix: string): Promise<number> {
  const seen = new Set<string>()
  let from = ''
  for (;;) {
    const path = `rooms/${encode(roomId)}/messages?dir=b&limit=500${from}`
    // biome-ignore lint/suspicious/noExplicitAny: replies are looked into
    const { chunk, end } = (await user.ok('GET', path)) as any
    for (const event of chunk) if (String(event.content.body).startsWith(prefix)) seen.add(event.content.body)
    if (end === undefined || chunk.length === 0) return seen.size
    from = `&from=${end}`
  }
}

async function heal(server: InProcess, round: number, isBothSided: boolean): Promise<void> {
  const roomId = String((await ann.ok('POST', 'createRoom', { preset: 'public_chat' })).room_id)
  await bob.ok('POST', `join/${encode(roomId)}?via=${encode(one.serverName)}`)
  part()
  const [annSays, bobSays] = isBothSided ? [perSide, perSide] : [2 * perSide, 0]
  for (let index = 0; index < annSays; index++) await say(ann, roomId, `ann ${index}`)
  for (let index = 0; index < bobSays; index++) await say(bob, roomId, `bob ${index}`)
  const other = server === one ? two : one
  const startMs = performance.now()
  server.program.components.remote.destinations.noteAlive(other.serverName as ServerName)
  two.program.components.remote.destinations.noteAlive(one.serverName as ServerName)
  await say(ann, roomId, 'after')
  for (;;) {
    const [atBob, atAnn] = [await countSeen(bob, roomId, 'ann '), await countSeen(ann, roomId, 'bob ')]
    if (atBob === annSays && atAnn === bobSays) break
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (performance.now() - startMs > 60_000)
      throw new Error(`not healed: ${atBob} of ${annSays}, ${atAnn} of ${bobSays}`)
  }
  const tookMs = Math.round(performance.now() - startMs)
  console.log(JSON.stringify({ bench: `heal ${annSays} and ${bobSays} events`, round, tookMs }))
}

for (let round = 0; round < 3; round++) {
  await heal(one, round, true)
  await heal(one, round, false)
}
await one.close()
await two.close()
