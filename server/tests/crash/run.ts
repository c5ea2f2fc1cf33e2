/**
 * `npm run test:crash -- [kills] [sqlite|node:sqlite|postgres|server] [seed]`: kills the store under load, or a whole
 * server under the load of HTTP clients, again and again (220 times if not said otherwise); prints one line of JSON.
 */

import { endTestStores, type TestEngine } from '../kit/store.ts'
import { killAgainAndAgain } from './kill-loop.ts'
import { createRandom } from './random.ts'
import { createServerVictim } from './server-victim.ts'
import { createStoreVictim } from './store-victim.ts'

/** A fresh database after so many kills, so that the checks stay short. */
const killsPerDatabase = 20

const kills = Number(process.argv[2] ?? 220)
const engine = (process.argv[3] ?? 'sqlite') as TestEngine | 'server'
const seed = Number(process.argv[4] ?? Date.now() % 1_000_000)
const random = createRandom(seed)
let acknowledged = 0
let inStart = 0
const start = performance.now()
console.log(`crash test: ${kills} kills on ${engine}, seed ${seed}`)
for (let done = 0; done < kills; done += killsPerDatabase) {
  const victim = await (engine === 'server' ? createServerVictim() : createStoreVictim(engine))
  const plan = { kills: Math.min(killsPerDatabase, kills - done), random, loadMsMax: 250, startMs: 200 }
  inStart += (await killAgainAndAgain(victim, plan)).inStart
  await victim.finish()
  acknowledged += victim.acknowledged()
  console.log(`${done + plan.kills} kills, ${acknowledged} acknowledged writes, none lost, none doubled`)
}
const seconds = Math.round((performance.now() - start) / 1000)
console.log(JSON.stringify({ test: 'crash', engine, seed, kills, inStart, acknowledged, lost: 0, doubled: 0, seconds }))
await endTestStores()
