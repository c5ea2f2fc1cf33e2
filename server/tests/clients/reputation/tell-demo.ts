/** The whole demonstration, in order. */

import { readWithHydrogen, readWithJsSdk } from './demo-clients.ts'
import { countOnce, explainBoth, readTogether, refuseInvite, republish, retract, switchLens } from './demo-parts.ts'
import { openDemoWorld } from './demo-world.ts'
import { type Story, startStory } from './story.ts'

/** Plays it; the story knows what did not hold. */
export async function tellDemo(write: (line: string) => void): Promise<Story> {
  const story = startStory(write)
  story.part('Three servers and a room')
  const world = await openDemoWorld()
  try {
    const { garden, orchard, lighthouse } = world.servers
    story.tell(`garden is ${garden.serverName}, orchard ${orchard.serverName}, lighthouse ${lighthouse.serverName}.`)
    story.tell('Orchard bans: a ban list in its room, as bots keep it; its keeper’s script makes a feed of it.')
    story.tell(
      'Lighthouse notes: opinions. Night watch: sealed. Plain truth: hostile, praises Mallory and smears Carol.',
    )
    const { carol, mallory } = world.people
    const send = (user: typeof carol, body: string) =>
      user.ok('PUT', `rooms/${world.roomId}/send/m.room.message/${user.userId}`, { msgtype: 'm.text', body })
    await send(carol, 'The beans are up')
    await send(mallory, 'Cheap pills!')
    await republish(world, story)
    await readTogether(world, story)
    await explainBoth(world, story)
    await switchLens(world, story)
    await readWithJsSdk(world, story)
    await readWithHydrogen(world, story)
    await refuseInvite(world, story)
    await countOnce(world, story)
    await retract(world, story)
  } finally {
    await world.close()
  }
  const { failures, claims } = story
  write(`\n${claims - failures.length} of ${claims} claims hold.`)
  return story
}
