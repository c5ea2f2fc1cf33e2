/**
 * `npm run simulate -- [--seeds 1000] [--from 1] [--servers 3-7] [--log]`: runs seeds one after another, says how each
 * that fails is repeated, and ends with 1 if any failed.
 */

import { parseArgs } from 'node:util'
import { openWorld, type World } from '../kit/world.ts'
import { runSeed } from './run-seed.ts'

/** Seeds that share their servers: starting these takes longer than many seeds. */
const SEEDS_PER_WORLD = 50

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    servers: { type: 'string', default: '3-7' },
    log: { type: 'boolean', default: false },
  },
})
const from = Number(values.from)
const count = Number(values.seeds)
const [fewest = 3, most = fewest] = values.servers.split('-').map(Number)
const failed: number[] = []
const happened = new Map<string, number>()
const start = performance.now()
let world: World | undefined

async function endWorld(): Promise<void> {
  for (const [what, times] of world?.network.happened ?? []) happened.set(what, (happened.get(what) ?? 0) + times)
  await world?.close()
  world = undefined
}

for (let seed = from; seed < from + count; seed++) {
  world ??= await openWorld(most, 2)
  const { version, wrong, log, logged, durationMs } = await runSeed(world, seed, fewest + (seed % (most - fewest + 1)))
  if (wrong.length > 0) {
    failed.push(seed)
    const again = `npm run simulate -- --servers ${values.servers} --from ${seed} --seeds 1 --log`
    console.log(`seed ${seed} (room version ${version}) fails; ${again}`)
    for (const line of wrong.slice(0, 20)) console.log(`  ${line}`)
  }
  if (values.log || wrong.length > 0) console.log([...log, ...logged].join('\n'), `\n${Math.round(durationMs)} ms`)
  if (wrong.length > 0 || (seed - from) % SEEDS_PER_WORLD === SEEDS_PER_WORLD - 1) await endWorld()
}
await endWorld()
const seconds = (performance.now() - start) / 1000
console.log(`faults: ${[...happened].map(([what, times]) => `${what} ${times}`).join(', ')}`)
console.log(
  `${count} seeds, ${failed.length} failed${failed.length > 0 ? ` (${failed})` : ''}, ${seconds.toFixed(0)} s`,
)
process.exitCode = failed.length > 0 ? 1 : 0
