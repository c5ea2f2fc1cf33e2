/** One seed: a room in which all goes wrong that can, then all is well again, and its servers must agree. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Draw } from '../kit/draw.ts'
import { fairWeather, faultKinds } from '../kit/faulty-network.ts'
import type { World } from '../kit/world.ts'
import { enterAgain, findDisagreements, findMissing, findUnseen } from './agreement.ts'
import { act, type Stage, say, setStage } from './stage.ts'

export type Outcome = {
  readonly seed: number
  readonly version: string
  /** What is wrong after all; empty: nothing. */
  readonly wrong: readonly string[]
  /** What was done, in order. */
  readonly log: readonly string[]
  /** What the servers logged meanwhile. */
  readonly logged: readonly string[]
  readonly durationMs: number
}

const STEPS = 24
/** How long servers may work on what they have, in real time: machines are slow now and then. */
const PATIENCE_MS = 8000
/** Rounds after healing: each longer than the one before, all together longer than any back-off here. */
const roundMs = [0, 2_000, 5_000, 70_000, 200_000, 400_000, 3600_000, 4000_000, 8 * 3600_000, 24 * 3600_000]

/** Runs the seed in a room of its own on the first servers of the world. */
export async function runSeed(world: World, seed: number, serverCount: number): Promise<Outcome> {
  const start = performance.now()
  // What failed in the seed before is tried again.
  world.clock.turn(120_000)
  world.network.reseed(seed)
  const stage = await setStage(world, seed, serverCount)
  await doHarm(stage)
  world.network.heal()
  const wrong = await recover(stage)
  const logged = world.logged.splice(0)
  const durationMs = performance.now() - start
  return { seed, version: stage.version, wrong, log: stage.log, logged, durationMs }
}

async function doHarm(stage: Stage): Promise<void> {
  const { draw, world, places } = stage
  const isRestarted = draw.chance(0.15)
  const restartAt = isRestarted ? draw.upTo(STEPS) : -1
  const running: Promise<void>[] = []
  for (let step = 0; step < STEPS; step++) {
    if (draw.chance(0.3)) changeWeather(stage)
    const together = Array.from({ length: 1 + draw.upTo(3) }, () => act(stage))
    running.push(...together)
    await Promise.race([Promise.all(together), sleep(10)])
    if (draw.chance(0.1)) world.clock.turn(draw.upTo(20_000))
    if (step === restartAt) {
      const place = draw.pick(places)
      stage.log.push(`${place.name} restarts`)
      await place.server.restart()
    }
  }
  world.network.heal()
  while ((await Promise.race([Promise.allSettled(running), sleep(50)])) === undefined) world.clock.turn(60_000)
  const failed = (await Promise.allSettled(running)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected' && !isRestarted) throw failed.reason
}

function changeWeather({ draw, world, places, log }: Stage): void {
  const { network } = world
  if (draw.chance(0.3)) {
    network.heal()
    log.push('the network heals')
  }
  if (draw.chance(0.5)) network.weather = drawWeather(draw)
  if (!draw.chance(0.5)) return
  const isInside = new Map(places.map((place) => [place, draw.chance(0.5)]))
  const isOneWay = draw.chance(0.3)
  for (const from of places) {
    for (const to of places) {
      if (isInside.get(from) === isInside.get(to) || (isOneWay && isInside.get(from))) continue
      network.cut(from.name, to.name)
    }
  }
  const inside = places.filter((place) => isInside.get(place)).map(({ name }) => name)
  log.push(`the network is cut around ${inside}${isOneWay ? ', one way' : ''}`)
}

function drawWeather(draw: Draw) {
  if (draw.chance(0.3)) return fairWeather
  return {
    share: draw.pick([0.05, 0.2, 0.5]),
    kinds: [draw.pick(faultKinds), draw.pick(faultKinds)],
    delayMs: draw.upTo(30),
  }
}

/** Lets time pass until all agree; answers what is wrong in the end. */
async function recover(stage: Stage): Promise<string[]> {
  const missing = await passTime(stage, () => findMissing(stage))
  if (missing.length > 0) return missing
  // A soft-failed event counts for the others once something follows it; so does what went to those outside.
  const differing = await passTime(stage, async () => {
    await enterAgain(stage)
    for (const actor of stage.actors) await say(stage, actor, 'all is well')
    await calm(stage)
    return findDisagreements(stage)
  })
  return differing.length > 0 ? differing : passTime(stage, () => findUnseen(stage))
}

async function passTime(stage: Stage, findWrong: () => Promise<string[]>): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS
  for (let round = 0; ; round++) {
    stage.world.clock.turn(roundMs[round] ?? 3600_000)
    await calm(stage)
    const wrong = await findWrong()
    if (wrong.length === 0 || (round > roundMs.length && performance.now() > deadline)) return wrong
  }
}

/** Resolves when nothing goes over the network for a while. */
async function calm({ world }: Stage): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet = world.network.running() === 0 ? quiet + 1 : 0) await sleep(4)
}
