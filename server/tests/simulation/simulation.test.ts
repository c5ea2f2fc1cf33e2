/** A few seeds of the simulation, on servers that they share; `npm run simulate` runs as many as one likes. */

import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { openWorld, type World } from '../kit/world.ts'
import { runSeed } from './run-seed.ts'

const SEEDS = 25
const SERVERS = 3

let world: World

before(async () => {
  world = await openWorld(SERVERS, 2)
})
after(() => world.close())

for (let seed = 1; seed <= SEEDS; seed++) {
  it(`the servers agree after seed ${seed}`, async () => {
    const { wrong, log } = await runSeed(world, seed, SERVERS)
    const again = `npm run simulate -- --servers ${SERVERS} --from ${seed} --seeds 1 --log`
    assert.deepEqual(wrong, [], `${again}\n${log.join('\n')}`)
  })
}
