/** A few kills on each engine; `npm run test:crash` does hundreds. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { endTestStores } from '../kit/store.ts'
import { killAgainAndAgain, LOAD_MIN } from './kill-loop.ts'
import { createRandom } from './random.ts'
import { createServerVictim } from './server-victim.ts'
import { createStoreVictim } from './store-victim.ts'

const seed = Number(process.env.PARALLAX_CRASH_SEED ?? Date.now() % 1_000_000)

for (const [engine, kills] of [
  ['sqlite', 8],
  ['node:sqlite', 2],
  ['postgres', 5],
] as const) {
  test(`keeps every acknowledged write over ${kills} kills on ${engine} (seed ${seed})`, async () => {
    const victim = await createStoreVictim(engine)
    const plan = { kills, random: createRandom(seed), loadMsMax: 150, startMs: 200 }
    await killAgainAndAgain(victim, plan)
    await victim.finish()
    assert.ok(victim.acknowledged() >= LOAD_MIN, `only ${victim.acknowledged()} writes were acknowledged`)
  })
}

test(`a whole server keeps every promise to its clients over 4 kills (seed ${seed})`, async () => {
  const victim = await createServerVictim()
  await killAgainAndAgain(victim, { kills: 4, random: createRandom(seed), loadMsMax: 250, startMs: 300 })
  await victim.finish()
  assert.ok(victim.acknowledged() >= LOAD_MIN, `only ${victim.acknowledged()} writes were acknowledged`)
})

after(endTestStores)
